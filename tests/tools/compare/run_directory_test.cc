#include "tools/compare/run_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/base/atomic_file.h"
#include "common/config/job_config.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing_support::TempDir;

namespace fs = std::filesystem;

Job JobOf(const std::string& settings) {
  const auto job = ParseJob(
      "data { log: '/log' } task { name: 'like' } task { name: 'click' } " + settings, "test job");
  CHECK(job.ok()) << job.error().trace();
  return FillDefaults(*job);
}

TEST(JobDifferenceTest, NamesTheFirstField) {
  const Job job = JobOf("");
  EXPECT_EQ(DescribeJobDifference(JobOf("training { batch_rows: 125 }"), job),
            "training.batch_rows: 125 -> 512");
  EXPECT_THAT(DescribeJobDifference(JobOf("runtime { compute: BF16 }"), job),
              HasSubstr("runtime.compute: BF16 -> FP32"));
  EXPECT_THAT(DescribeJobDifference(JobOf("model { embedding_dim: 4 kind: PLE }"), job),
              HasSubstr("model.embedding_dim: 4 -> 8"));
  EXPECT_THAT(DescribeJobDifference(JobOf("task { name: 'stay' }"), job), HasSubstr("task[2]"));
}

TEST(JobDifferenceTest, LooksPastWhatAComparisonVaries) {
  const Job job = JobOf("");
  EXPECT_EQ(DescribeJobDifference(job, job), "");
  for (const char* settings :
       {"training { seed: 9 }", "priority { method: PCGRAD }", "model { kind: MMOE }",
        "priority { method: WEIGHTED weight: 1 weight: 2 }", "name: 'other'",
        "runtime { heartbeat_ms: 100 }"}) {
    EXPECT_EQ(DescribeJobDifference(JobOf(settings), job), "") << settings;
  }
}

class RunDirectoryTest : public testing::Test {
 protected:
  RunDirectoryTest() {
    plan_.models = {JobOf("")};
    plan_.run_dir = dir_ / "compare";
  }

  std::string Mistake(bool resume) {
    const auto opened = OpenRunDirectory(plan_, resume);
    if (opened.ok()) return "";
    EXPECT_EQ(opened.error().kind(), ErrorKind::kUsage);
    return opened.error().message();
  }

  TempDir dir_;
  ComparisonPlan plan_;
};

TEST_F(RunDirectoryTest, BeginsOnceAndGoesOnWithResume) {
  EXPECT_THAT(Mistake(/*resume=*/true), HasSubstr("holds no comparison: start without --resume"));
  EXPECT_FALSE(fs::exists(plan_.run_dir));
  EXPECT_EQ(Mistake(/*resume=*/false), "");
  EXPECT_THAT(Mistake(/*resume=*/false), HasSubstr("give --resume"));
  EXPECT_EQ(Mistake(/*resume=*/true), "");
}

TEST_F(RunDirectoryTest, OneComparisonAtATime) {
  const auto held = OpenRunDirectory(plan_, /*resume=*/false);
  ASSERT_OK(held);
  EXPECT_THAT(Mistake(/*resume=*/true), HasSubstr("compare"));
}

TEST_F(RunDirectoryTest, AnotherJobIsRefusedAnotherModelIsNot) {
  ASSERT_EQ(Mistake(/*resume=*/false), "");
  plan_.models = {JobOf("model { kind: MMOE }"), JobOf("model { kind: PLE }")};
  EXPECT_EQ(Mistake(/*resume=*/true), "");
  plan_.models = {JobOf("training { passes_max: 3 }")};
  const std::string mistake = Mistake(/*resume=*/true);
  EXPECT_THAT(mistake, HasSubstr("another job (training.passes_max: 40 -> 3)"));
  EXPECT_EQ(mistake.find('\n'), std::string::npos);
}

TEST_F(RunDirectoryTest, ARunOfTrainIsLeftAlone) {
  ASSERT_OK(MakeDirectories(plan_.run_dir));
  ASSERT_OK(WriteFileAtomically(plan_.run_dir + "/report.json", "{}"));
  EXPECT_THAT(Mistake(/*resume=*/false), HasSubstr("no directory of a comparison"));
  EXPECT_THAT(Mistake(/*resume=*/true), HasSubstr("no directory of a comparison"));
}

class TrainingStateTest : public RunDirectoryTest {
 protected:
  TrainingStateTest() {
    const auto methods = ParseMethods("nmt", plan_.models[0]);
    CHECK(methods.ok());
    plan_.methods = *methods;
    training_ = PlanTrainings(plan_)[0];
    CHECK(MakeDirectories(training_.run_dir).ok());
  }

  void Write(const std::string& name, const std::string& text) {
    CHECK(WriteFileAtomically(training_.run_dir + "/" + name, text).ok());
  }
  // What a training leaves.
  void Finish(const Job& job, const std::string& report) {
    Write("job.txt", job.DebugString());
    Write("report.json", report);
  }

  PlannedTraining training_;
};

constexpr char kReport[] = R"({"finished": true, "servers": 1, "workers": 1})";

TEST_F(TrainingStateTest, FinishedByAWholeReport) {
  EXPECT_EQ(*StateOf(training_, plan_), TrainingState::kAbsent);
  Write("job.txt", training_.job.DebugString());
  EXPECT_EQ(*StateOf(training_, plan_), TrainingState::kAbsent);
  Write("report.json", kReport);
  EXPECT_EQ(*StateOf(training_, plan_), TrainingState::kFinished);
  Write("report.json", R"({"finished": true, "serv)");
  EXPECT_EQ(*StateOf(training_, plan_), TrainingState::kAbsent);
}

TEST_F(TrainingStateTest, AnotherTrainingIsNotTakenForThisOne) {
  Job other = training_.job;
  other.mutable_training()->set_seed(99);
  Finish(other, kReport);
  const auto seed = StateOf(training_, plan_);
  ASSERT_FALSE(seed.ok());
  EXPECT_EQ(seed.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(seed.error().message(), HasSubstr("its method or seed"));

  other = training_.job;
  other.mutable_training()->set_batch_rows(7);
  Finish(other, kReport);
  EXPECT_THAT(StateOf(training_, plan_).error().message(),
              HasSubstr("training.batch_rows: 7 -> 512"));

  Finish(training_.job, kReport);
  plan_.workers = 2;
  EXPECT_THAT(StateOf(training_, plan_).error().message(),
              HasSubstr("servers and workers: 1 and 1 -> 1 and 2"));
}

}  // namespace
}  // namespace primacy
