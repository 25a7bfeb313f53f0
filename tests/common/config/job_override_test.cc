#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/config/job_config.h"
#include "tests/common/config/job_fixture.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing_support::SmallJob;
using testing_support::SmallJobWith;

// The complaint about an override of SmallJob, without its beginning, which names the override.
std::string Complaint(const std::string& assignment) {
  const Result<Job> job = OverrideJob(SmallJob(), assignment);
  if (job.ok()) return "fine";
  EXPECT_EQ(job.error().kind(), ErrorKind::kUsage);
  const std::string message = job.error().message();
  const std::string beginning = "override \"" + assignment + "\": ";
  EXPECT_EQ(message.substr(0, beginning.size()), beginning);
  return message.substr(beginning.size());
}

TEST(JobOverride, SetsEachKindOfValue) {
  const Job job =
      SmallJobWith({"training.seed=18446744073709551615", "training.batch_rows=2048",
                    "data.cache_bytes=5000000000", "model.dropout=0.25", "training.clip_norm=1e-3",
                    "model.linear_tower=true", "task[1].loss=SQUARED", "data.log=/elsewhere",
                    "table_optimizer.schedule.decay=COSINE"});
  EXPECT_EQ(job.training().seed(), 18446744073709551615u);
  EXPECT_EQ(job.training().batch_rows(), 2048);
  EXPECT_EQ(job.data().cache_bytes(), 5000000000);
  EXPECT_EQ(job.model().dropout(), 0.25f);
  EXPECT_EQ(job.training().clip_norm(), 1e-3);
  EXPECT_TRUE(job.model().linear_tower());
  EXPECT_EQ(job.task(0).loss(), TaskConfig::LOGISTIC);
  EXPECT_EQ(job.task(1).loss(), TaskConfig::SQUARED);
  EXPECT_EQ(job.data().log(), "/elsewhere");
  EXPECT_EQ(job.table_optimizer().schedule().decay(), Schedule::COSINE);
}

TEST(JobOverride, ReplacesAListAsAWhole) {
  Job job = SmallJobWith({"model.bottom=1,2,3", "model.bottom=128, 64"});
  EXPECT_THAT(job.model().bottom(), ElementsAre(128, 64));
  job = SmallJobWith({"data.ignore_slot=hour,day", "priority.weight=1,0.5"});
  EXPECT_THAT(job.data().ignore_slot(), ElementsAre("hour", "day"));
  EXPECT_THAT(job.priority().weight(), ElementsAre(1.0, 0.5));
  EXPECT_TRUE(SmallJobWith({"model.bottom=1,2", "model.bottom="}).model().bottom().empty());
}

TEST(JobOverride, AValueMayHoldAnEqualsSign) {
  EXPECT_EQ(SmallJobWith({"data.log=/logs/day=3"}).data().log(), "/logs/day=3");
}

TEST(JobOverride, NamesWhatIsWrong) {
  EXPECT_EQ(Complaint("training.sed=3"), "unknown field training.sed (did you mean \"seed\"?)");
  EXPECT_EQ(Complaint("seed"), "it must be FIELD=VALUE");
  EXPECT_EQ(Complaint("=3"), "unknown field ");
  EXPECT_EQ(Complaint("training.batch_rows=many"),
            "training.batch_rows must be a whole number of 32 bits, is \"many\"");
  EXPECT_EQ(Complaint("training.batch_rows=3000000000"),
            "training.batch_rows must be a whole number of 32 bits, is \"3000000000\"");
  EXPECT_EQ(Complaint("training.seed=-1"),
            "training.seed must be a whole number of 64 bits, 0 or above, is \"-1\"");
  EXPECT_EQ(Complaint("model.linear_tower=yes"),
            "model.linear_tower must be true or false, is \"yes\"");
  EXPECT_EQ(Complaint("model.bottom=64,"),
            "model.bottom must be a whole number of 32 bits, is \"\"");
  EXPECT_EQ(Complaint("task[0].loss=SQUARE"),
            "task[0].loss has no value SQUARE (did you mean \"SQUARED\"?)");
}

TEST(JobOverride, NamesAWrongPath) {
  EXPECT_EQ(Complaint("task[2].tier=1"), "task[2] is not there, task has 2 entries");
  EXPECT_EQ(Complaint("task.tier=1"), "task is a list, name an entry: task[0]");
  EXPECT_EQ(Complaint("task[-1].tier=1"), "task[-1] is not NAME[INDEX]");
  EXPECT_EQ(Complaint("task[0.tier=1"), "task[0 is not NAME[INDEX]");
  EXPECT_EQ(Complaint("task[0]x.tier=1"), "task[0]x is not NAME[INDEX]");
  EXPECT_EQ(Complaint("training[0].seed=1"), "training is not a list, it takes no index");
  EXPECT_EQ(Complaint("training.seed[0]=1"), "training.seed is not a list, it takes no index");
  EXPECT_EQ(Complaint("model.bottom[0]=1"),
            "model.bottom is set as a whole list: model.bottom=A,B");
  EXPECT_EQ(Complaint("training.seed.low=1"), "training.seed is a value, it has no fields");
  EXPECT_EQ(Complaint("priority.stage_start=fresh"),
            "priority.stage_start has no value fresh (did you mean \"FRESH\"?)");
  EXPECT_EQ(Complaint("table=3"),
            "table is a group of fields, set one of them: admit_count, evict_after_passes, "
            "rows_per_shard_max");
}

}  // namespace
}  // namespace primacy
