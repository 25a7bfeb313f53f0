#include "ps/coordinator/job_saves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/base/json_value.h"
#include "ps/checkpoint/generation.h"
#include "tests/ps/checkpoint/sample_generation.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::SampleParameters;
using testing_support::SampleRows;
using testing_support::TempDir;
using testing_support::WriteSampleFile;

constexpr int kServers = 2;

class JobSavesTest : public testing::Test {
 protected:
  void SetUp() override {
    events_ = *EventLog::Open(dir_ / "events.jsonl");
    saves_ = std::make_unique<JobSaves>(JobSaves::Options{.root = root_,
                                                          .servers = kServers,
                                                          .keep_generations = 1,
                                                          .events = events_.get(),
                                                          .on_failure =
                                                              [this](const Error& error) {
                                                                failure_ = error.message();
                                                                saves_->Fail(error);
                                                              },
                                                          .on_whole = [this] { ++whole_; }});
  }

  // The script's side of a save.
  void BeginAndPublish(uint64_t generation, uint64_t best = 0, bool in_place = false) {
    const Result<std::string> directory = saves_->Begin(generation);
    ASSERT_OK(directory);
    JobSaves::Plan plan{*directory, {}, {std::nullopt, std::nullopt}, JobSaves::Clock::now()};
    plan.pause_seconds = 0.25;
    plan.manifest.set_generation(generation);
    plan.manifest.set_pinned(best == generation);
    *plan.manifest.mutable_parameters() = SampleParameters();
    plan.manifest.mutable_state()->set_stage(1);
    plan.manifest.mutable_state()->set_step(static_cast<int64_t>(10 * generation));
    if (best != 0) plan.manifest.mutable_state()->mutable_best()->set_generation(best);
    if (in_place) {
      for (int server = 0; server < kServers; ++server) {
        plan.files[static_cast<size_t>(server)] = WriteFile(generation, server);
      }
    }
    saves_->Publish(std::move(plan));
  }
  CheckpointFile WriteFile(uint64_t generation, int server) {
    return WriteSampleFile(root_ + "/" + GenerationName(generation), ShardsOf(server, kServers),
                           SampleRows(50));
  }
  // A server's side.
  void Write(uint64_t generation, int server) {
    SavedReport report;
    report.set_server(server);
    report.set_generation(generation);
    *report.mutable_file() = WriteFile(generation, server);
    saves_->OnSaved(report);
  }
  void Save(uint64_t generation, uint64_t best = 0) {
    BeginAndPublish(generation, best);
    for (int server = 0; server < kServers; ++server) Write(generation, server);
    ASSERT_OK(saves_->Wait());
  }
  std::vector<uint64_t> Generations() { return *ListGenerations(root_); }
  std::vector<JsonValue> Events() {
    std::vector<JsonValue> events;
    std::ifstream in(dir_ / "events.jsonl");
    for (std::string line; std::getline(in, line);) events.push_back(*ParseJson(line));
    return events;
  }

  const TempDir dir_;
  const std::string root_ = dir_ / "checkpoints";
  std::unique_ptr<EventLog> events_;
  std::string failure_;
  std::atomic<int> whole_ = 0;
  std::unique_ptr<JobSaves> saves_;  // first to go: it calls back
};

TEST_F(JobSavesTest, AGenerationIsWholeWhenAllServersHaveWritten) {
  EXPECT_OK(saves_->Wait()) << "nothing is in flight";
  BeginAndPublish(1);
  EXPECT_TRUE(saves_->in_flight());
  Write(1, 1);
  EXPECT_THAT(Generations(), ElementsAre());
  EXPECT_TRUE(saves_->in_flight());
  Write(1, 0);
  ASSERT_OK(saves_->Wait());
  EXPECT_FALSE(saves_->in_flight());
  EXPECT_THAT(Generations(), ElementsAre(1));
  ASSERT_OK(VerifyGeneration(root_ + "/" + GenerationName(1)));
  const Manifest manifest = *ReadManifest(root_ + "/" + GenerationName(1));
  EXPECT_EQ(manifest.state().step(), 10);
  EXPECT_EQ(manifest.file_size(), 2);
  EXPECT_EQ(failure_, "");
}

TEST_F(JobSavesTest, ServersMayBeFasterThanTheScript) {
  ASSERT_OK(saves_->Begin(1));
  Write(1, 0);
  Write(1, 1);
  EXPECT_FALSE(saves_->in_flight());
  JobSaves::Plan plan{root_ + "/" + GenerationName(1), {}, {std::nullopt, std::nullopt}, {}};
  plan.manifest.set_generation(1);
  *plan.manifest.mutable_parameters() = SampleParameters();
  saves_->Publish(std::move(plan));
  ASSERT_OK(saves_->Wait());
  EXPECT_THAT(Generations(), ElementsAre(1));
}

TEST_F(JobSavesTest, FilesThatWereWrittenInPlaceNeedNoReport) {
  BeginAndPublish(1, 0, /*in_place=*/true);
  ASSERT_OK(saves_->Wait());
  EXPECT_THAT(Generations(), ElementsAre(1));
}

TEST_F(JobSavesTest, TellsWhatItCost) {
  BeginAndPublish(1, 1);
  const CheckpointFile first = WriteFile(1, 0), second = WriteFile(1, 1);
  Write(1, 0);
  Write(1, 1);
  ASSERT_OK(saves_->Wait());
  const int64_t bytes = static_cast<int64_t>(first.bytes() + second.bytes());
  JobSaves::Figures figures = saves_->TakeFigures();
  EXPECT_EQ(figures.bytes, bytes);
  EXPECT_GT(figures.seconds, 0);
  EXPECT_EQ(saves_->TakeFigures().bytes, 0) << "they were taken";
  const std::vector<JsonValue> events = Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].TextOr("event", ""), "checkpoint");
  EXPECT_EQ(events[0].IntegerOr("generation", 0), 1);
  EXPECT_EQ(events[0].IntegerOr("step", 0), 10);
  EXPECT_TRUE(events[0].BooleanOr("pinned", false));
  EXPECT_EQ(events[0].NumberOr("pause_seconds", 0), 0.25);
  EXPECT_EQ(events[0].IntegerOr("bytes", 0), bytes);
  EXPECT_GT(events[0].NumberOr("seconds", 0), 0);
}

TEST_F(JobSavesTest, WhatIsInUseStaysAndTheRestGoes) {
  const JobSaves::Clock::time_point before = saves_->whole_at();
  Save(1, 1);
  Save(2, 1);
  EXPECT_THAT(Generations(), ElementsAre(1, 2));
  Save(3, 3);
  Save(4, 3);
  EXPECT_THAT(Generations(), ElementsAre(3, 4));
  EXPECT_GT(saves_->whole_at(), before);
}

TEST_F(JobSavesTest, TheNextSaveWaitsForTheOneInFlight) {
  BeginAndPublish(1);
  std::thread servers([this] {
    Write(1, 0);
    Write(1, 1);
  });
  EXPECT_OK(saves_->Begin(2));  // not before the first is whole
  EXPECT_THAT(Generations(), ElementsAre(1));
  servers.join();
}

TEST_F(JobSavesTest, ReportsOfOtherGenerationsAreIgnored) {
  Save(1);
  BeginAndPublish(2);
  SavedReport late;
  late.set_generation(1);
  late.set_server(0);
  late.set_error("an old story");
  saves_->OnSaved(late);
  late.set_generation(2);
  late.set_server(kServers);
  saves_->OnSaved(late);
  EXPECT_EQ(failure_, "");
  Write(2, 0);
  Write(2, 1);
  EXPECT_OK(saves_->Wait());
}

TEST_F(JobSavesTest, AServerThatCannotWriteFailsTheJob) {
  Save(1);
  BeginAndPublish(2);
  Write(2, 0);
  SavedReport report;
  report.set_generation(2);
  report.set_server(1);
  report.set_error("cannot write shards: No space left on device");
  saves_->OnSaved(report);
  EXPECT_EQ(failure_, "server 1: cannot write shards: No space left on device");
  const Status ended = saves_->Wait();
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().message(), failure_);
  EXPECT_FALSE(saves_->Begin(3).ok());
  EXPECT_THAT(Generations(), ElementsAre(1)) << "the one before stays good";
}

TEST_F(JobSavesTest, AGenerationThatCannotBePublishedFailsTheJob) {
  BeginAndPublish(1);
  SavedReport report;
  report.set_generation(1);
  report.set_server(0);
  *report.mutable_file() = WriteFile(1, 0);
  report.mutable_file()->set_bytes(report.file().bytes() + 1);
  saves_->OnSaved(report);
  Write(1, 1);
  const Status ended = saves_->Wait();
  ASSERT_FALSE(ended.ok());
  EXPECT_THAT(ended.error().message(), HasSubstr("bytes where MANIFEST says"));
  EXPECT_THAT(Generations(), ElementsAre());
}

TEST_F(JobSavesTest, AJobThatFailsDoesNotWaitForItsSave) {
  BeginAndPublish(1);
  saves_->Fail(Failure("lost worker 1"));
  EXPECT_EQ(saves_->Wait().error().message(), "lost worker 1");
  Write(1, 0);
  Write(1, 1);
  saves_.reset();
  EXPECT_THAT(Generations(), ElementsAre()) << "it was given up";
}

TEST_F(JobSavesTest, TellsWhenAGenerationIsWhole) {
  Save(1);
  Save(2);
  saves_.reset();
  EXPECT_EQ(whole_, 2);
}

}  // namespace
}  // namespace primacy
