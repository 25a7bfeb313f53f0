#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "common/config/job_config.h"
#include "tests/common/config/job_fixture.h"

namespace primacy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using testing::ElementsAre;
using testing::IsEmpty;
using testing_support::FullJob;
using testing_support::SmallJob;
using testing_support::SmallJobWith;

void ExpectExplicit(const Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->is_repeated()) {
      if (field->message_type() == nullptr) continue;
      for (int at = 0; at < reflection.FieldSize(message, field); ++at) {
        ExpectExplicit(reflection.GetRepeatedMessage(message, field, at));
      }
      continue;
    }
    if (field->full_name() == "primacy.TaskConfig.slack") continue;   // SlackOf
    if (field->full_name() == "primacy.TaskConfig.margin") continue;  // MarginOf
    EXPECT_TRUE(reflection.HasField(message, field)) << field->full_name();
    if (field->message_type() != nullptr) ExpectExplicit(reflection.GetMessage(message, field));
  }
}

TEST(JobDefaults, EveryFieldIsExplicit) { ExpectExplicit(FillDefaults(FullJob())); }

TEST(JobDefaults, FillingTwiceIsFillingOnce) {
  for (const Job& job : {SmallJob(), FullJob(), SmallJobWith({"task[0].tier=4", "task[1].tier=4"}),
                         SmallJobWith({"model.linear_tower=true", "model.kind=PLE"})}) {
    const Job once = FillDefaults(job);
    EXPECT_TRUE(MessageDifferencer::Equals(FillDefaults(once), once));
  }
}

TEST(JobDefaults, WhatIsSetStays) {
  const Job job = FillDefaults(
      SmallJobWith({"task[0].label=is_click", "dense_optimizer.l2=0", "table_optimizer.epsilon=0.5",
                    "training.seed=9", "model.bottom=7"}));
  EXPECT_EQ(job.task(0).label(), "is_click");
  EXPECT_EQ(job.task(1).label(), "like");
  EXPECT_EQ(job.dense_optimizer().l2(), 0);
  EXPECT_EQ(job.table_optimizer().epsilon(), 0.5);
  EXPECT_EQ(job.training().seed(), 9u);
  EXPECT_THAT(job.model().bottom(), ElementsAre(7));
}

TEST(JobDefaults, TheMarginIsTheSlackWhereThatIsSet) {
  EXPECT_EQ(FillDefaults(SmallJob()).priority().margin(), 0.005);
  EXPECT_EQ(FillDefaults(SmallJobWith({"priority.slack=0.01"})).priority().margin(), 0.01);
  EXPECT_EQ(FillDefaults(SmallJobWith({"priority.slack=0"})).priority().margin(), 0);
  const Job both = FillDefaults(SmallJobWith({"priority.slack=0.01", "priority.margin=0.03"}));
  EXPECT_EQ(both.priority().margin(), 0.03);
  EXPECT_EQ(FillDefaults(FillDefaults(SmallJob())).priority().margin(), 0.005);
}

TEST(JobDefaults, TiersAreNumberedFromZeroWithoutGaps) {
  Job job = SmallJob();
  job.add_task()->set_name("share");
  job.add_task()->set_name("follow");
  const auto tiers = [](const Job& filled) {
    std::vector<int> numbers;
    for (const TaskConfig& task : filled.task()) numbers.push_back(task.tier());
    return numbers;
  };
  EXPECT_THAT(tiers(FillDefaults(job)), ElementsAre(0, 1, 2, 3));
  const int given[] = {-5, -5, 0, 7};
  for (int i = 0; i < 4; ++i) job.mutable_task(i)->set_tier(given[i]);
  EXPECT_THAT(tiers(FillDefaults(job)), ElementsAre(0, 0, 1, 2));
}

TEST(JobDefaults, ATaskWithoutASlackHasTheJobs) {
  Job job = FillDefaults(SmallJobWith({"task[1].slack=0.25"}));
  EXPECT_EQ(SlackOf(job, 0), 0.002);
  EXPECT_EQ(SlackOf(job, 1), 0.25);
  job = FillDefaults(SmallJobWith({"priority.slack=0.5", "task[1].slack=0"}));
  EXPECT_EQ(SlackOf(job, 0), 0.5);
  EXPECT_EQ(SlackOf(job, 1), 0);
  job.mutable_priority()->set_slack(0.125);
  EXPECT_EQ(SlackOf(job, 0), 0.125) << "a filled job follows it too";
}

TEST(JobDefaults, ATasksMarginIsItsOwnOrItsSlackOrTheJobs) {
  const Job job = FillDefaults(
      SmallJobWith({"task[0].slack=0.25", "task[1].slack=0.25", "task[1].margin=0.5"}));
  EXPECT_EQ(MarginOf(job, 0), 0.25);
  EXPECT_EQ(MarginOf(job, 1), 0.5);
  EXPECT_EQ(MarginOf(FillDefaults(SmallJob()), 0), 0.005);
  EXPECT_EQ(MarginOf(FillDefaults(SmallJobWith({"task[0].slack=0.002"})), 0), 0.002)
      << "its own, though it is the job's";
  const Job slack = FillDefaults(SmallJobWith({"priority.slack=0.1", "task[1].slack=0"}));
  EXPECT_EQ(MarginOf(slack, 0), 0.1);
  EXPECT_EQ(MarginOf(slack, 1), 0);
  EXPECT_EQ(MarginOf(FillDefaults(slack), 0), 0.1);
  EXPECT_EQ(MarginOf(FillDefaults(slack), 1), 0);
}

TEST(JobDefaults, AMarginCountsSetBeforeTheJobIsFilledOrAfter) {
  Job after = FillDefaults(SmallJobWith({"task[1].slack=0.25"}));
  after.mutable_priority()->set_margin(0.03);
  const Job before = FillDefaults(SmallJobWith({"task[1].slack=0.25", "priority.margin=0.03"}));
  EXPECT_EQ(MarginOf(before, 0), 0.03);
  EXPECT_EQ(MarginOf(before, 1), 0.25);
  for (const Job& job : {after, FillDefaults(after)}) {
    EXPECT_EQ(MarginOf(job, 0), 0.03);
    EXPECT_EQ(MarginOf(job, 1), 0.25);
  }
}

TEST(JobDefaults, OptimizersDifferByWhatTheyUpdate) {
  const Job job = FillDefaults(SmallJob());
  EXPECT_EQ(job.table_optimizer().kind(), OptimizerConfig::ADAGRAD);
  EXPECT_EQ(job.table_optimizer().learning_rate(), 0.05);
  EXPECT_EQ(job.table_optimizer().epsilon(), 1e-10);
  EXPECT_EQ(job.table_optimizer().l2(), 0);
  EXPECT_EQ(job.dense_optimizer().kind(), OptimizerConfig::ADAM);
  EXPECT_EQ(job.dense_optimizer().learning_rate(), 0.001);
  EXPECT_EQ(job.dense_optimizer().epsilon(), 1e-8);
  EXPECT_EQ(job.dense_optimizer().l2(), 1e-6);
  EXPECT_EQ(job.dense_optimizer().schedule().decay(), Schedule::CONSTANT);
}

TEST(JobDefaults, AnOptimizersNumbersFollowItsKind) {
  const Job job =
      FillDefaults(SmallJobWith({"table_optimizer.kind=ADAM", "dense_optimizer.kind=ADAGRAD"}));
  EXPECT_EQ(job.table_optimizer().learning_rate(), 0.001);
  EXPECT_EQ(job.table_optimizer().epsilon(), 1e-8);
  EXPECT_EQ(job.table_optimizer().l2(), 0);
  EXPECT_EQ(job.dense_optimizer().learning_rate(), 0.05);
  EXPECT_EQ(job.dense_optimizer().epsilon(), 1e-10);
  EXPECT_EQ(job.dense_optimizer().l2(), 1e-6);
}

TEST(JobDefaults, LayersFollowTheModel) {
  const ModelConfig shared = FillDefaults(SmallJob()).model();
  EXPECT_THAT(shared.bottom(), ElementsAre(64));
  EXPECT_THAT(shared.tower(), ElementsAre(32));
  const ModelConfig mixture = FillDefaults(SmallJobWith({"model.kind=MMOE"})).model();
  EXPECT_THAT(mixture.bottom(), IsEmpty());
  EXPECT_THAT(mixture.expert(), ElementsAre(32));
  const ModelConfig linear = FillDefaults(SmallJobWith({"model.linear_tower=true"})).model();
  EXPECT_THAT(linear.tower(), IsEmpty());
}

}  // namespace
}  // namespace primacy
