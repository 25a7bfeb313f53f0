// Whole jobs with every method: bit-equal over servers and after a resume in BSP, equal to rounding
// where gradients in planes say the same as a weighed loss, and what happens to tasks without
// labels and to gradients that are not finite.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/base/strings.h"
#include "ps/checkpoint/generation.h"
#include "ps/priority/methods.h"
#include "tests/support/result_matchers.h"
#include "tests/support/shared_tiny_log.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT: a test

using testing::AllOf;
using testing::HasSubstr;

class JobMethodsTest : public SharedTinyLog<testing::TestWithParam<PriorityConfig::Method>> {
 protected:
  static Job MethodJob(const std::string& method, std::vector<std::string> overrides) {
    overrides.push_back("priority.method=" + method);
    return TinyJob(Log(), overrides);
  }
  static std::string Name() { return PriorityConfig::Method_Name(GetParam()); }

  static void ExpectSameLosses(const RunSpec& a, const RunSpec& b, double tolerance) {
    const JobState first = NewestManifest(a.dir).state(), second = NewestManifest(b.dir).state();
    ASSERT_EQ(first.finished_stage_size(), second.finished_stage_size());
    for (int stage = 0; stage < first.finished_stage_size(); ++stage) {
      const StageSummary &x = first.finished_stage(stage), &y = second.finished_stage(stage);
      EXPECT_EQ(x.model().step(), y.model().step()) << stage;
      for (int task = 0; task < 3; ++task)
        EXPECT_NEAR(x.test().task(task).loss(), y.test().task(task).loss(), tolerance)
            << stage << " " << task;
    }
  }
};

TEST_P(JobMethodsTest, EqualBitsOverServersAndAfterAResume) {
  std::vector<std::string> overrides = EverythingOn();
  overrides.push_back("training.passes_max=2");
  const Job job = MethodJob(Name(), overrides);
  const RunSpec one = Finish(Name() + "-s1", job, 1, 2);
  const std::string digest = NewestDigest(one.dir);
  const std::string figures = StageFigures(one.dir);
  EXPECT_NE(figures.find("stages[0].tasks[2].weight="), std::string::npos) << figures;
  for (const int servers : {2, 3}) {
    const RunSpec run = Finish(Name() + Format("-s%d", servers), job, servers, 2);
    EXPECT_EQ(NewestDigest(run.dir), digest) << servers;
    EXPECT_EQ(StageFigures(run.dir), figures) << servers;
  }
  RunSpec stopped{*dir_ / (Name() + "-stopped"), job, 2, 2};
  for (const Step step : {5, 19}) {
    ASSERT_OK(RunJobUntil(stopped, {0, step}));
    stopped.resume = true;
    stopped.servers = 3;
  }
  ASSERT_OK(RunJob(stopped));
  EXPECT_GE(Events(stopped.dir, "resume").size(), 2u);
  EXPECT_EQ(NewestDigest(stopped.dir), digest);
  EXPECT_EQ(StageFigures(stopped.dir), figures);
}

// One update is one worker's: the order over workers is free, the weights are of its own planes.
TEST_P(JobMethodsTest, TrainsWithoutWaiting) {
  for (const std::string consistency : {"SSP", "ASP"}) {
    const Job job = MethodJob(Name(), {"runtime.consistency=" + consistency, "runtime.staleness=1",
                                       "training.clip_norm=1"});
    const RunSpec run = Finish(Name() + "-" + consistency, job, 2, 3);
    const auto evaluations = Events(run.dir, "evaluation");
    ASSERT_GE(evaluations.size(), 2u);
    EXPECT_LT(evaluations.back().NumberOr("objective", 9),
              evaluations.front().NumberOr("objective", 0) + 0.01);
    EXPECT_EQ(NewestManifest(run.dir).state().weighing_updates(), 51) << consistency;
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, JobMethodsTest,
                         testing::Values(PriorityConfig::UNCERTAINTY, PriorityConfig::DWA,
                                         PriorityConfig::FAMO, PriorityConfig::GRADNORM,
                                         PriorityConfig::MGDA, PriorityConfig::PCGRAD,
                                         PriorityConfig::CAGRAD, PriorityConfig::IMTL_G,
                                         PriorityConfig::NASH_MTL, PriorityConfig::METABALANCE,
                                         PriorityConfig::PE_LTR, PriorityConfig::EMTL),
                         [](const auto& info) { return PriorityConfig::Method_Name(info.param); });

class JobPlanesTest : public JobMethodsTest {};

TEST_F(JobPlanesTest, AWeightedSumIsTheSameInPlanes) {
  const std::vector<std::string> overrides = {"priority.weight=2,1,1", "training.clip_norm=0.2"};
  const Job plain = MethodJob("WEIGHTED", overrides);
  Job planes = plain;
  planes.mutable_priority()->set_planes(true);
  ExpectSameLosses(Finish("weighted", plain, 2, 2), Finish("weighted-planes", planes, 2, 2), 2e-5);
}

TEST_F(JobPlanesTest, NmtIsTheSameInPlanes) {
  for (const std::string start : {"FRESH", "WARM"}) {
    const Job plain = MethodJob("NMT", {"priority.stage_start=" + start, "training.clip_norm=0.5",
                                        "training.passes_max=2"});
    Job planes = plain;
    planes.mutable_priority()->set_planes(true);
    const RunSpec a = Finish("nmt-" + start, plain, 2, 2);
    const RunSpec b = Finish("nmt-planes-" + start, planes, 2, 2);
    ExpectSameLosses(a, b, 1e-4);
    EXPECT_NEAR(NewestManifest(a.dir).state().lambda(0), NewestManifest(b.dir).state().lambda(0),
                0.02);
  }
}

TEST_F(JobPlanesTest, ATaskMayHaveNoLabelsInABatch) {
  TinyLogOptions options;
  // `view` is known in one row of 97 only: most batches have one, some none.
  options.change = [](uint64_t row, LogRow& values) { values.masks[1] = row % 97 == 0; };
  WriteTinyLog(*dir_ / "sparse", options);
  for (const std::string method : {"MGDA", "GRADNORM", "METABALANCE", "FAMO", "UNCERTAINTY"}) {
    for (const std::string consistency : {"BSP", "SSP"}) {
      Job job = MethodJob(method, {"runtime.consistency=" + consistency, "training.passes_max=2",
                                   "training.batch_rows=40"});
      job.mutable_data()->set_log(*dir_ / "sparse");
      const RunSpec run = Finish("sparse-" + method + consistency, job, 2, 2);
      const JobState state = NewestManifest(run.dir).state();
      for (int task = 0; task < 3; ++task)
        EXPECT_TRUE(std::isfinite(state.finished_stage(0).test().task(task).loss())) << method;
    }
  }
}

TEST_F(JobPlanesTest, AGradientThatIsNotFiniteEndsTheJobAndNamesTheTask) {
  TinyLogOptions options;
  // The losses are finite in double, the sum of their gradients is not in float.
  options.change = [](uint64_t, LogRow& values) { values.labels[1] = 3e38f; };
  WriteTinyLog(*dir_ / "huge", options);
  Job job = MethodJob("CAGRAD", {"task[1].loss=SQUARED"});
  job.mutable_data()->set_log(*dir_ / "huge");
  const Result<JobOutcome> outcome = RunJob({*dir_ / "huge-run", job, 2, 2});
  ASSERT_FALSE(outcome.ok());
  EXPECT_THAT(outcome.error().trace(),
              AllOf(HasSubstr("the gradient of task view is not finite at step"),
                    HasSubstr("lower the learning rates")));
}

}  // namespace
}  // namespace primacy
