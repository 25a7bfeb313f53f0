// A BSP job that was interrupted, anywhere and any number of times, ends bit-equal to an
// undisturbed one.
#include <gtest/gtest.h>

#include <filesystem>

#include "common/base/strings.h"
#include "ps/checkpoint/generation.h"
#include "ps/checkpoint/resume_point.h"
#include "tests/support/damage.h"
#include "tests/support/result_matchers.h"
#include "tests/support/shared_tiny_log.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT: a test

class JobResumeTest : public SharedTinyLog<> {
 protected:
  // Stops at each point in turn, resumes with the next number of servers, and runs to the end.
  static void FinishWithStops(RunSpec run, const std::vector<StopPoint>& stops,
                              const std::vector<int>& servers) {
    size_t starts = 0;
    for (const StopPoint& stop : stops) {
      run.servers = servers[starts % servers.size()];
      const Result<JobOutcome> outcome = RunJobUntil(run, stop);
      CHECK(outcome.ok()) << outcome.error().trace();
      if (*outcome == JobOutcome::kFinished) return;
      ASSERT_OK(VerifyGeneration(NewestDirectory(run.dir)));
      run.resume = true;
      ++starts;
    }
    run.servers = servers[starts % servers.size()];
    Finish(run);
  }
};

TEST_F(JobResumeTest, StopsAnywhereLeaveNoTrace) {
  const Job job = TinyJob(Log(), EverythingOn());
  const RunSpec whole{*dir_ / "whole", job, 2, 2};
  Finish(whole);
  // Before the first step, in the middle, at evaluations (every 10 steps), at the end of a pass
  // (17) and of a stage (51).
  const RunSpec stopped{*dir_ / "stopped", job, 2, 2};
  FinishWithStops(
      stopped,
      {{0, 0}, {0, 3}, {0, 10}, {0, 17}, {0, 29}, {0, 51}, {1, 1}, {1, 17}, {2, 0}, {2, 26}}, {2});
  EXPECT_EQ(NewestDigest(stopped.dir), NewestDigest(whole.dir));
  EXPECT_EQ(StageFigures(stopped.dir), StageFigures(whole.dir));
  EXPECT_EQ(Events(stopped.dir, "resume").size(), Events(stopped.dir, "stopped").size());
  EXPECT_GE(Events(stopped.dir, "resume").size(), 3u);
}

TEST_F(JobResumeTest, ThereIsSomethingToResumeFromTheStart) {
  const Job job = TinyJob(Log(), {"training.passes_max=1", "runtime.keep_generations=1000"});
  RunSpec run{*dir_ / "from_start", job, 1, 1};
  Finish(run);
  const std::string digest = NewestDigest(run.dir);
  const std::string root = run.dir + "/checkpoints";
  const Result<std::vector<uint64_t>> generations = ListGenerations(root);
  ASSERT_OK(generations);
  ASSERT_GT(generations->size(), 3u);
  ASSERT_OK(ReadManifest(root + "/" + GenerationName(generations->front())));
  EXPECT_EQ(ReadManifest(root + "/" + GenerationName(generations->front()))->state().step(), 0);
  for (size_t i = 1; i < generations->size(); ++i)
    std::filesystem::remove_all(root + "/" + GenerationName((*generations)[i]));
  run.resume = true;
  Finish(run);
  EXPECT_EQ(NewestDigest(run.dir), digest);
}

// `run` is a mistake of the user, by a message that says `why`.
void ExpectRefused(const RunSpec& run, const std::string& why) {
  const Result<JobOutcome> outcome = RunJob(run);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::kUsage);
  EXPECT_NE(outcome.error().message().find(why), std::string::npos) << outcome.error().message();
}

TEST_F(JobResumeTest, AnotherLogIsRefused) {
  TinyLogOptions longer;
  longer.train_rows += 1;
  WriteTinyLog(*dir_ / "longer", longer);
  RunSpec run{*dir_ / "grown", TinyJob(Log(), {"training.passes_max=1"}), 1, 1};
  Finish(run);
  run.job.mutable_data()->set_log(*dir_ / "longer");
  run.resume = true;
  ExpectRefused(run, "data.log has 2002 train");
}

TEST_F(JobResumeTest, AnOlderVersionsUnfinishedRunIsRefused) {
  RunSpec run{*dir_ / "older", TinyJob(Log(), {"training.passes_max=1"}), 1, 1};
  ASSERT_OK(RunJobUntil(run, {0, 12}));
  const std::string newest = NewestDirectory(run.dir);
  Manifest manifest = NewestManifest(run.dir);
  manifest.mutable_state()->clear_stage_path();
  ASSERT_OK(PublishGeneration(newest, manifest));
  run.resume = true;
  ExpectRefused(run, "older version");
}

TEST_F(JobResumeTest, OtherNumbersOfServersContinueTheSameJob) {
  const Job job = TinyJob(Log(), EverythingOn());
  const RunSpec whole{*dir_ / "whole-1", job, 1, 2};
  Finish(whole);
  const RunSpec moved{*dir_ / "moved", job, 3, 2};
  FinishWithStops(moved, {{0, 12}, {0, 40}, {1, 5}, {2, 20}}, {3, 1, 2, 5});
  EXPECT_EQ(NewestDigest(moved.dir), NewestDigest(whole.dir));
  EXPECT_EQ(StageFigures(moved.dir), StageFigures(whole.dir));
}

TEST_F(JobResumeTest, WarmStagesToo) {
  std::vector<std::string> overrides = EverythingOn();
  overrides.emplace_back("priority.stage_start=WARM");
  const Job job = TinyJob(Log(), overrides);
  const RunSpec whole{*dir_ / "warm", job, 1, 2};
  Finish(whole);
  // Steps 0 to 8 of a warm stage train its head alone.
  const RunSpec stopped{*dir_ / "warm-stopped", job, 1, 2};
  FinishWithStops(stopped, {{0, 20}, {1, 2}, {1, 8}, {1, 9}, {2, 4}, {2, 30}}, {1, 2});
  EXPECT_EQ(NewestDigest(stopped.dir), NewestDigest(whole.dir));
  EXPECT_EQ(StageFigures(stopped.dir), StageFigures(whole.dir));
}

TEST_F(JobResumeTest, StagesThatWereCutShortToo) {
  std::vector<std::string> overrides = EverythingOn();
  overrides.emplace_back("priority.length_max=1.15");
  overrides.emplace_back("task[0].slack=0.01");
  const Job job = TinyJob(Log(), overrides);
  const RunSpec whole{*dir_ / "cut-short", job, 1, 2};
  Finish(whole);
  EXPECT_EQ(NewestManifest(whole.dir).state().finished_stage(1).steps(), 20);
  // The last stage goes beyond the path of the one before at its step 30.
  const RunSpec stopped{*dir_ / "cut-short-stopped", job, 1, 2};
  FinishWithStops(stopped, {{1, 9}, {1, 19}, {2, 3}, {2, 21}}, {1, 2});
  EXPECT_EQ(NewestDigest(stopped.dir), NewestDigest(whole.dir));
  EXPECT_EQ(StageFigures(stopped.dir), StageFigures(whole.dir));
}

TEST_F(JobResumeTest, EveryGenerationLeadsToTheSameEnd) {
  std::vector<std::string> overrides = EverythingOn();
  overrides.emplace_back("runtime.checkpoint_every_steps=7");
  overrides.emplace_back("runtime.keep_generations=1000");
  const Job job = TinyJob(Log(), overrides);
  const RunSpec whole{*dir_ / "crash", job, 2, 2};
  Finish(whole);
  const std::string digest = NewestDigest(whole.dir), figures = StageFigures(whole.dir);
  const Result<std::vector<uint64_t>> generations = ListGenerations(CheckpointRoot(whole.dir));
  ASSERT_OK(generations);
  ASSERT_GE(generations->size(), 21u);
  // A crash right after a generation was saved: the disk holds it and the ones before.
  for (size_t at = 0; at < generations->size(); at += generations->size() / 6) {
    const RunSpec crashed{*dir_ / Format("crash-%zu", at), job, 1, 2, /*resume=*/true};
    for (size_t g = 0; g <= at; ++g) {
      const std::string name = GenerationName((*generations)[g]);
      std::filesystem::create_directories(CheckpointRoot(crashed.dir));
      std::filesystem::copy(CheckpointRoot(whole.dir) + "/" + name,
                            CheckpointRoot(crashed.dir) + "/" + name,
                            std::filesystem::copy_options::recursive);
    }
    Finish(crashed);
    EXPECT_EQ(NewestDigest(crashed.dir), digest) << "from generation " << (*generations)[at];
    EXPECT_EQ(StageFigures(crashed.dir), figures) << "from generation " << (*generations)[at];
  }
}

std::string ShardFileOf(const std::string& run_dir, uint64_t generation) {
  return CheckpointRoot(run_dir) + "/" + GenerationName(generation) + "/" +
         ShardFileName(ShardsOf(0, 1));
}

TEST_F(JobResumeTest, GoesOnFromTheNewestWholeGeneration) {
  std::vector<std::string> overrides = EverythingOn();
  overrides.emplace_back("runtime.checkpoint_every_steps=7");
  const Job job = TinyJob(Log(), overrides);
  const RunSpec whole{*dir_ / "undamaged", job, 1, 2};
  Finish(whole);
  RunSpec damaged{*dir_ / "damaged", job, 1, 2};
  ASSERT_OK(RunJobUntil(damaged, {1, 12}));
  const std::string root = CheckpointRoot(damaged.dir);
  const uint64_t newest = ListGenerations(root)->back();
  FlipBit(ShardFileOf(damaged.dir, newest));
  damaged.resume = true;
  Finish(damaged);
  EXPECT_EQ(NewestDigest(damaged.dir), NewestDigest(whole.dir));
  EXPECT_EQ(StageFigures(damaged.dir), StageFigures(whole.dir));
  const std::vector<std::string> kept = {GenerationName(newest) + ".damaged"};
  EXPECT_EQ(*ListSetAside(root), kept);
  const std::vector<JsonValue> events = Events(damaged.dir, "set_aside");
  ASSERT_EQ(events.size(), 1u);
  const std::string message = events[0].TextOr("message", "");
  EXPECT_NE(message.find(ShardFileOf(damaged.dir, newest)), std::string::npos) << message;
  EXPECT_NE(message.find("stage 2 of 3, step "), std::string::npos) << message;
}

TEST_F(JobResumeTest, ADamagedCandidateIsNoticedBeforeTheJobGoesOn) {
  std::vector<std::string> overrides = EverythingOn();
  overrides.emplace_back("runtime.checkpoint_every_steps=1");
  overrides.emplace_back("runtime.keep_generations=1000");
  const Job job = TinyJob(Log(), overrides);
  const RunSpec whole{*dir_ / "candidate-whole", job, 1, 1};
  Finish(whole);
  RunSpec damaged{*dir_ / "candidate", job, 1, 1};
  // Past the evaluation of step 10.
  ASSERT_OK(RunJobUntil(damaged, {0, 14}));
  const Manifest newest = NewestManifest(damaged.dir);
  const uint64_t candidate = newest.state().best().generation();
  ASSERT_LT(candidate, newest.generation());
  FlipBit(ShardFileOf(damaged.dir, candidate));
  damaged.resume = true;
  Finish(damaged);
  EXPECT_EQ(NewestDigest(damaged.dir), NewestDigest(whole.dir));
  EXPECT_EQ(StageFigures(damaged.dir), StageFigures(whole.dir));
  // The candidate and all that came after it.
  EXPECT_EQ(ListSetAside(CheckpointRoot(damaged.dir))->size(), newest.generation() - candidate + 1);
}

TEST_F(JobResumeTest, WithoutAWholeGenerationNothingIsTouched) {
  RunSpec run{*dir_ / "all-damaged", TinyJob(Log(), {"training.passes_max=1"}), 1, 1};
  ASSERT_OK(RunJobUntil(run, {0, 5}));
  const std::vector<uint64_t> before = *ListGenerations(CheckpointRoot(run.dir));
  for (const uint64_t generation : before) FlipBit(ShardFileOf(run.dir, generation));
  run.resume = true;
  const Result<JobOutcome> outcome = RunJob(run);
  ASSERT_FALSE(outcome.ok());
  EXPECT_NE(outcome.error().message().find(ShardFileOf(run.dir, before.back())), std::string::npos)
      << outcome.error().message();
  EXPECT_EQ(*ListGenerations(CheckpointRoot(run.dir)), before);
}

TEST_F(JobResumeTest, AnotherJobIsRefused) {
  const RunSpec run{*dir_ / "mine", TinyJob(Log(), {"training.passes_max=1"}), 1, 1};
  ASSERT_OK(RunJobUntil(run, {0, 5}));
  RunSpec other = run;
  other.resume = true;
  other.job = TinyJob(Log(), {"training.passes_max=1", "training.seed=8"});
  const Result<JobOutcome> outcome = RunJob(other);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::kUsage);
  EXPECT_NE(outcome.error().message().find("--resume"), std::string::npos)
      << outcome.error().message();
}

TEST_F(JobResumeTest, ResumingAFinishedJobChangesNothing) {
  RunSpec run{*dir_ / "done", TinyJob(Log(), {"training.passes_max=1"}), 1, 1};
  Finish(run);
  const std::string digest = NewestDigest(run.dir), figures = StageFigures(run.dir);
  run.resume = true;
  Finish(run);
  EXPECT_EQ(NewestDigest(run.dir), digest);
  EXPECT_EQ(StageFigures(run.dir), figures);
}

}  // namespace
}  // namespace primacy
