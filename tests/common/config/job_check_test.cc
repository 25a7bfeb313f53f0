#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "common/base/strings.h"
#include "common/config/job_config.h"
#include "common/config/job_limits.h"
#include "tests/common/config/job_fixture.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using google::protobuf::FieldDescriptor;
using testing_support::ForEachValue;
using testing_support::FullJob;
using testing_support::SmallJob;
using testing_support::SmallJobWith;

std::string Complaint(const Job& job) {
  const Status valid = ValidateJob(job);
  if (valid.ok()) return "fine";
  EXPECT_EQ(valid.error().kind(), ErrorKind::kUsage);
  return valid.error().message();
}

std::string Complaint(const std::vector<std::string>& overrides) {
  return Complaint(SmallJobWith(overrides));
}

TEST(JobCheck, TheLeastJobIsFine) {
  EXPECT_EQ(Complaint(SmallJob()), "fine");
  EXPECT_EQ(Complaint(FillDefaults(SmallJob())), "fine");
}

TEST(JobCheck, EveryNumberOfTheJobHasALimitAndNoLimitIsIdle) {
  std::set<std::string> numbers;
  ForEachValue(FullJob(), [&](const FieldDescriptor& field, const std::string&) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
      case FieldDescriptor::CPPTYPE_BOOL:
      case FieldDescriptor::CPPTYPE_ENUM:
        break;
      default:
        numbers.insert(field.containing_type()->name() + "." + field.name());
    }
  });
  std::set<std::string> limits;
  for (const Limit& limit : JobLimits()) {
    EXPECT_TRUE(limits.insert(std::string(limit.field)).second) << limit.field;
  }
  EXPECT_EQ(limits, numbers);
}

TEST(JobCheck, RangesAreSaidWithTheField) {
  EXPECT_EQ(Complaint({"training.batch_rows=0"}),
            "training.batch_rows must be between 1 and 16777216, is 0");
  EXPECT_EQ(Complaint({"training.passes_max=0"}), "training.passes_max must be at least 1, is 0");
  EXPECT_EQ(Complaint({"model.dropout=1"}), "model.dropout must be at least 0 and below 1, is 1");
  EXPECT_EQ(Complaint({"model.dropout=0.99"}), "fine");
  EXPECT_EQ(Complaint({"model.embedding_dim=1024"}), "fine");
  EXPECT_EQ(Complaint({"model.embedding_dim=1025"}),
            "model.embedding_dim must be between 1 and 1024, is 1025");
  EXPECT_EQ(Complaint({"model.tower=16,0"}), "model.tower[1] must be between 1 and 16384, is 0");
  EXPECT_EQ(Complaint({"table_optimizer.learning_rate=0"}),
            "table_optimizer.learning_rate must be above 0, is 0");
  EXPECT_EQ(Complaint({"dense_optimizer.learning_rate=inf"}),
            "dense_optimizer.learning_rate must be a finite number, is inf");
  EXPECT_EQ(Complaint({"dense_optimizer.beta2=nan"}),
            "dense_optimizer.beta2 must be at least 0 and below 1, is nan");
  EXPECT_EQ(Complaint({"runtime.port=65536"}),
            "runtime.port must be between 0 and 65535, is 65536");
  EXPECT_EQ(Complaint({"runtime.staleness=-1"}), "runtime.staleness must be at least 0, is -1");
  EXPECT_EQ(Complaint({"task[1].tier=-7", "task[0].tier=-9"}), "fine");
}

TEST(JobCheck, TheLogMustBeNamed) {
  EXPECT_EQ(Complaint({"data.log="}),
            "data.log must name the directory of the click log, is not set");
}

TEST(JobCheck, TasksHaveDistinctNames) {
  EXPECT_EQ(Complaint({"task[1].name=click"}),
            "task[1].name must be unique, \"click\" is also task[0].name");
  EXPECT_EQ(Complaint({"task[1].name="}), "task[1].name must not be empty");
  Job job = SmallJob();
  job.clear_task();
  EXPECT_EQ(Complaint(job), "task must have at least one entry");
  for (int i = 0; i < 64; ++i) job.add_task()->set_name(Format("t%d", i));
  EXPECT_EQ(Complaint(job), "fine");
  job.add_task()->set_name("t64");
  EXPECT_EQ(Complaint(job), "task must have at most 64 entries, has 65");
}

TEST(JobCheck, ClassesBelongToSoftmax) {
  EXPECT_EQ(Complaint({"task[1].loss=SOFTMAX"}),
            "task[1].classes must be at least 2 for loss SOFTMAX, is 0");
  EXPECT_EQ(Complaint({"task[1].loss=SOFTMAX", "task[1].classes=2"}), "fine");
  EXPECT_EQ(Complaint({"task[1].classes=2"}),
            "task[1].classes is for loss SOFTMAX only, the loss is LOGISTIC");
}

TEST(JobCheck, TiersAreForAllTasksAndRise) {
  EXPECT_EQ(Complaint({"task[0].tier=1"}),
            "task[1].tier must be set: tiers are for all tasks or for none, and task[0] has one");
  EXPECT_EQ(
      Complaint({"task[1].tier=1"}),
      "task[1].tier must be unset: tiers are for all tasks or for none, and task[0] has none");
  EXPECT_EQ(Complaint({"task[0].tier=3", "task[1].tier=2"}),
            "task[1].tier must be at least 3, the tier of the task before it (tasks are listed by "
            "falling priority), is 2");
  EXPECT_EQ(Complaint({"task[0].tier=3", "task[1].tier=3"}), "fine");
  EXPECT_EQ(Complaint({"task[0].tier=3", "task[1].tier=9"}), "fine");
}

TEST(JobCheck, WeightsAreOnePerTask) {
  EXPECT_EQ(Complaint({"priority.method=WEIGHTED"}),
            "priority.weight must have one entry per task (2), has 0");
  EXPECT_EQ(Complaint({"priority.weight=1,2,3"}),
            "priority.weight must have one entry per task (2), has 3");
  EXPECT_EQ(Complaint({"priority.method=WEIGHTED", "priority.weight=1,-1"}),
            "priority.weight[1] must be at least 0, is -1");
  EXPECT_EQ(Complaint({"priority.method=WEIGHTED", "priority.weight=0,0"}),
            "priority.weight must have an entry above 0");
  EXPECT_EQ(Complaint({"priority.method=WEIGHTED", "priority.weight=0,1"}), "fine");
}

TEST(JobCheck, ASingleTaskIsOneOfTheTasks) {
  EXPECT_EQ(Complaint({"priority.method=SINGLE"}),
            "priority.single_task must name a task for method SINGLE, is not set");
  EXPECT_EQ(Complaint({"priority.single_task=likes"}),
            "priority.single_task must name a task, \"likes\" is none (did you mean \"like\"?)");
  EXPECT_EQ(Complaint({"priority.method=SINGLE", "priority.single_task=like"}), "fine");
}

TEST(JobCheck, TheModelFitsTogether) {
  EXPECT_EQ(Complaint({"model.linear_tower=true", "model.tower=8"}),
            "model.tower must be empty when model.linear_tower is true");
  EXPECT_EQ(Complaint({"model.linear_bottom=true", "model.kind=MMOE"}),
            "model.bottom must have a layer when model.linear_bottom is true");
  EXPECT_EQ(Complaint({"model.linear_bottom=true"}), "fine");
  EXPECT_EQ(Complaint({"model.bottom=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"}),
            "model.bottom must have at most 16 layers, has 17");
  Job job = FullJob();
  EXPECT_EQ(Complaint(job), "fine");
  *job.mutable_model()->add_group_dim() = job.model().group_dim(0);
  EXPECT_EQ(Complaint(job),
            "model.group_dim[1].group must be unique, \"user\" has a dimension already");
  job.mutable_model()->mutable_group_dim(1)->set_group("item");
  job.mutable_model()->mutable_group_dim(1)->clear_dim();
  EXPECT_EQ(Complaint(job), "model.group_dim[1].dim must be set");
  job.mutable_model()->mutable_group_dim(1)->set_dim(2000);
  EXPECT_EQ(Complaint(job), "model.group_dim[1].dim must be between 1 and 1024, is 2000");
}

TEST(JobCheck, FloorsLeaveRoom) {
  EXPECT_EQ(Complaint({"priority.pe_ltr_floor=0.1"}),
            "priority.pe_ltr_floor must have one entry per task (2), has 1");
  EXPECT_EQ(Complaint({"priority.pe_ltr_floor=0.6,0.5"}),
            "priority.pe_ltr_floor must not sum to more than 1");
  EXPECT_EQ(Complaint({"priority.pe_ltr_floor=0.5,0.5"}), "fine");
}

TEST(JobCheck, ProductsAreFp32OrBf16) {
  EXPECT_EQ(Complaint({"runtime.compute=FP16"}), "runtime.compute must be FP32 or BF16, is FP16");
  EXPECT_EQ(Complaint({"runtime.compute=BF16", "runtime.wire=FP16"}), "fine");
}

TEST(JobCheck, OptimizersFitTheirParameters) {
  EXPECT_EQ(Complaint({"table_optimizer.kind=ROWWISE_ADAGRAD"}), "fine");
  EXPECT_EQ(Complaint({"dense_optimizer.kind=ROWWISE_ADAGRAD"}),
            "dense_optimizer.kind must not be ROWWISE_ADAGRAD, which is for tables only");
  EXPECT_EQ(Complaint({"table_optimizer.schedule.decay=LINEAR"}),
            "table_optimizer.schedule.decay_steps must be at least 1 for decay LINEAR, is 0");
  EXPECT_EQ(Complaint({"dense_optimizer.schedule.decay=EXPONENTIAL",
                       "dense_optimizer.schedule.decay_steps=10"}),
            "dense_optimizer.schedule.final_factor must be above 0 for decay EXPONENTIAL, is 0");
}

}  // namespace
}  // namespace primacy
