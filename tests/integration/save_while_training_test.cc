// Saves while training goes on: every generation is the cut of its quiet point, whatever came
// after, and costs training little more than a copy.
#include <gtest/gtest.h>

#include <map>

#include "ps/checkpoint/generation.h"
#include "tests/support/local_run.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_log.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT: a test

// The parameters of each generation and the step they are of.
std::map<uint64_t, std::string> Digests(const std::string& run_dir) {
  std::map<uint64_t, std::string> digests;
  const std::string root = CheckpointRoot(run_dir);
  const Result<std::vector<uint64_t>> generations = ListGenerations(root);
  CHECK(generations.ok()) << generations.error().trace();
  for (const uint64_t generation : *generations) {
    const std::string directory = root + "/" + GenerationName(generation);
    const Result<Manifest> manifest = ReadManifest(directory);
    CHECK(manifest.ok()) << manifest.error().trace();
    digests[generation] = *GenerationDigest(directory) + " " +
                          std::to_string(manifest->state().stage()) + " " +
                          std::to_string(manifest->state().step());
  }
  return digests;
}

TEST(SaveWhileTrainingTest, EveryGenerationIsTheCutOfItsQuietPoint) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  std::map<uint64_t, std::string> digests[2];
  for (const bool in_place : {false, true}) {
    std::vector<std::string> overrides = EverythingOn();
    overrides.emplace_back("runtime.checkpoint_every_steps=3");
    overrides.emplace_back("runtime.keep_generations=1000");
    if (in_place) overrides.emplace_back("runtime.save_in_place=true");
    const RunSpec run{dir / (in_place ? "in_place" : "copied"), TinyJob(dir / "log", overrides), 2,
                      2};
    ASSERT_OK(RunJob(run));
    digests[in_place] = Digests(run.dir);
    EXPECT_EQ(Events(run.dir, "checkpoint").size(), digests[in_place].size());
  }
  EXPECT_GT(digests[0].size(), 40u);
  EXPECT_EQ(digests[0], digests[1]);
}

TEST(SaveWhileTrainingTest, CostsAreReported) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  const RunSpec run{
      dir / "run",
      TinyJob(dir / "log", {"training.passes_max=1", "runtime.checkpoint_every_steps=5"}), 2, 1};
  ASSERT_OK(RunJob(run));
  double pauses = 0, pause_max = 0, seconds = 0;
  int64_t bytes = 0;
  const std::vector<JsonValue> events = Events(run.dir, "checkpoint");
  for (const JsonValue& event : events) {
    const double pause = event.NumberOr("pause_seconds", -1);
    EXPECT_GT(pause, 0);
    EXPECT_GE(event.NumberOr("seconds", -1), pause);
    pauses += pause;
    pause_max = std::max(pause_max, pause);
    seconds += event.NumberOr("seconds", -1);
    bytes += event.IntegerOr("bytes", 0);
  }
  const JsonValue report = Report(run.dir);
  EXPECT_EQ(report.IntegerOr("saves", 0), static_cast<int64_t>(events.size()));
  EXPECT_NEAR(report.NumberOr("save_pause_seconds_max", -1), pause_max, 1e-9);
  EXPECT_EQ(report.IntegerOr("save_bytes", 0), bytes);
  EXPECT_GT(bytes, 0);
  // Waiting at the ends of stages, too.
  EXPECT_GE(report.NumberOr("save_seconds", -1), pauses - 1e-9);
  EXPECT_NEAR(report.NumberOr("save_write_seconds", -1), seconds, 1e-6);
}

// When a save falls due is a matter of the clock, what is trained and reported is not.
TEST(SaveWhileTrainingTest, SavesByTimeLeaveNoTrace) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  // The latter two: other weights in every step, of losses and of gradients.
  for (const std::string method : {"NMT", "FAMO", "MGDA"}) {
    std::vector<std::string> overrides = {"priority.method=" + method};
    const RunSpec never{dir / (method + "-never"), TinyJob(dir / "log", overrides), 1, 2};
    ASSERT_OK(RunJob(never));
    overrides.emplace_back("runtime.checkpoint_every_seconds=1e-9");
    const RunSpec often{dir / (method + "-often"), TinyJob(dir / "log", overrides), 1, 2};
    ASSERT_OK(RunJob(often));
    EXPECT_GT(Events(often.dir, "checkpoint").size(), Events(never.dir, "checkpoint").size());
    EXPECT_EQ(NewestDigest(often.dir), NewestDigest(never.dir)) << method;
    EXPECT_EQ(StageFigures(often.dir), StageFigures(never.dir)) << method;
  }
}

}  // namespace
}  // namespace primacy
