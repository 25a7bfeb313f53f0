#include <gtest/gtest.h>

#include <set>

#include "common/config/job_config.h"
#include "tests/common/config/job_fixture.h"

namespace primacy {
namespace {

using google::protobuf::FieldDescriptor;
using testing_support::ForEachValue;
using testing_support::FullJob;
using testing_support::SmallJob;
using testing_support::SmallJobWith;

constexpr std::string_view kSchema = "schema";

// A value other than the one that a checked job has, as an override writes it.
std::string OtherValue(const FieldDescriptor& field, const std::string& path) {
  if (path == "dense_optimizer.kind") return "SGD";  // its default is the last value
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return "another";
    case FieldDescriptor::CPPTYPE_BOOL:
      return field.default_value_bool() ? "false" : "true";
    case FieldDescriptor::CPPTYPE_ENUM:
      return field.enum_type()->value(field.enum_type()->value_count() - 1)->name();
    default:
      return "77";
  }
}

TEST(JobHash, EveryFieldOfTheJobCountsAndNoneOfTheRun) {
  const Job job = FillDefaults(FullJob());
  const uint64_t hash = JobHash(job, kSchema);
  const std::set<std::string> left_out = {"name", "data.log", "data.cache_bytes", "priority.margin",
                                          "priority.fail_on"};
  int counted = 0;
  ForEachValue(job, [&](const FieldDescriptor& field, const std::string& path) {
    // Tiers count by their order only.
    if (field.name() == "tier") return;
    const Result<Job> other = OverrideJob(job, path + "=" + OtherValue(field, path));
    ASSERT_TRUE(other.ok()) << other.error().message();
    const bool of_verdicts = path.starts_with("task[") && field.name() == "margin";
    if (left_out.contains(path) || of_verdicts || path.starts_with("runtime.")) {
      EXPECT_EQ(JobHash(*other, kSchema), hash) << path;
    } else {
      ++counted;
      EXPECT_NE(JobHash(*other, kSchema), hash) << path;
    }
  });
  EXPECT_GT(counted, 50);
}

TEST(JobHash, TheSchemaCounts) {
  EXPECT_NE(JobHash(SmallJob(), "a"), JobHash(SmallJob(), "b"));
  EXPECT_EQ(JobHash(SmallJob(), "a"), JobHash(SmallJob(), "a"));
}

TEST(JobHash, ADefaultCountsTheSameSetOrUnset) {
  EXPECT_EQ(JobHash(SmallJob(), kSchema), JobHash(FillDefaults(SmallJob()), kSchema));
  EXPECT_EQ(JobHash(SmallJob(), kSchema),
            JobHash(SmallJobWith({"table_optimizer.learning_rate=0.05"}), kSchema));
}

TEST(JobHash, TasksCountInTheirOrder) {
  EXPECT_NE(JobHash(SmallJob(), kSchema),
            JobHash(SmallJobWith({"task[0].name=like", "task[1].name=click"}), kSchema));
}

TEST(JobHash, TiersCountByTheirOrder) {
  const uint64_t apart = JobHash(SmallJob(), kSchema);
  EXPECT_EQ(apart, JobHash(SmallJobWith({"task[0].tier=3", "task[1].tier=9"}), kSchema));
  EXPECT_NE(apart, JobHash(SmallJobWith({"task[0].tier=3", "task[1].tier=3"}), kSchema));
}

}  // namespace
}  // namespace primacy
