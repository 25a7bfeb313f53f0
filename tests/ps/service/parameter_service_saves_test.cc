// Directives: save, restore, reset, and the end of a phase.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "ps/checkpoint/generation.h"
#include "tests/ps/service/service_job.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::Answer;
using testing_support::ServiceJob;
using testing_support::TempDir;

constexpr Key kLow = 0x0010'0000'0000'0001, kHigh = 0xf020'0000'0000'0002;

void Train(ServiceJob& job, Step step, float gradient) {
  job.Pull(0, step, step, {kLow});
  CHECK(ServiceJob::Await(job.Push(0, step, {gradient, gradient, gradient, gradient, gradient}))
            .replied());
}

Directive SaveOf(uint64_t generation, const std::string& directory) {
  Directive save;
  save.mutable_save()->set_generation(generation);
  save.mutable_save()->set_directory(directory);
  return save;
}

std::string NewDirectory(const TempDir& dir, uint64_t generation) {
  const Result<std::string> directory = BeginGeneration(dir / "checkpoints", generation);
  CHECK(directory.ok()) << directory.error().trace();
  return *directory;
}

void Publish(const std::string& directory, const CheckpointFile& file) {
  Manifest manifest;
  manifest.set_generation(1);
  *manifest.mutable_parameters() = ServiceJob::Parameters();
  *manifest.add_file() = file;
  manifest.set_table_optimizer("SGD");
  manifest.set_dense_optimizer("SGD");
  const Status published = PublishGeneration(directory, manifest);
  CHECK(published.ok()) << published.error().trace();
}

std::string SaveInto(ServiceJob& job, const TempDir& dir) {
  const std::string directory = NewDirectory(dir, 1);
  CHECK(!job.Do(SaveOf(1, directory)).has_file()) << "it comes when it is written";
  const SavedReport report = job.AwaitSaved();
  CHECK(!report.has_error()) << report.error();
  CHECK_EQ(report.generation(), 1u);
  Publish(directory, report.file());
  return directory;
}

Directive RestoreOf(const std::string& directory, uint32_t incarnation = 2, Step step = 1) {
  Directive restore;
  restore.mutable_restore()->set_directory(directory);
  restore.mutable_restore()->set_incarnation(incarnation);
  restore.mutable_restore()->set_step(step);
  return restore;
}

TEST(ParameterServiceSavesTest, RestoresWhatItSaved) {
  TempDir dir;
  ServiceJob job(1);
  Train(job, 0, 1);
  const std::string generation = SaveInto(job, dir);
  Train(job, 1, 1);
  EXPECT_THAT(job.Read({kLow}), ElementsAre(-2, -2, -2, -2, -2));
  EXPECT_EQ(job.Do(RestoreOf(generation)).rows(), 1);
  job.incarnation = 2;
  EXPECT_THAT(job.Read({kLow}), ElementsAre(-1, -1, -1, -1, -1));
  EXPECT_THAT(ServiceJob::Await(job.Pull(0, 1, 0, {kLow}, 1)).error(), HasSubstr("incarnation 1"));
  EXPECT_EQ(ServiceJob::Await(job.Pull(0, 1, 0, {kLow}, 2)).proto<PullReply>().version(), 1);
}

TEST(ParameterServiceSavesTest, TrainsOnWhileItSaves) {
  TempDir dir;
  ServiceJob job(1);
  Train(job, 0, 1);
  for (uint64_t generation = 1; generation <= 20; ++generation) {
    const std::string directory = NewDirectory(dir, generation);
    ASSERT_FALSE(job.Do(SaveOf(generation, directory)).has_file());
    // Updates at once, whether the file is written or not.
    Train(job, static_cast<Step>(generation), 1);
    const SavedReport report = job.AwaitSaved();
    ASSERT_EQ(report.error(), "");
    EXPECT_EQ(report.generation(), generation);
    Publish(directory, report.file());
    ServiceJob other(1);
    other.Do(RestoreOf(directory, ServiceJob::kIncarnation));
    const float then = -static_cast<float>(generation);
    EXPECT_THAT(other.Read({kLow}), ElementsAre(then, then, then, then, then));
  }
  EXPECT_THAT(job.Read({kLow}), ElementsAre(-21, -21, -21, -21, -21));
}

TEST(ParameterServiceSavesTest, SavesInPlaceWithoutMemoryForACopyOrOnRequest) {
  for (const bool wanted : {false, true}) {
    TempDir dir;
    ServiceJob job(1, {wanted ? "runtime.save_in_place=true" : "runtime.save_in_place=false"});
    if (!wanted) job.memory = 1000;
    Train(job, 0, 1);
    const std::string directory = NewDirectory(dir, 1);
    const ServerResult result = job.Do(SaveOf(1, directory));
    ASSERT_TRUE(result.has_file());
    EXPECT_EQ(result.file().rows(), 1u);
    Publish(directory, result.file());
    Train(job, 1, 1);
    job.Do(RestoreOf(directory));
    job.incarnation = 2;
    EXPECT_THAT(job.Read({kLow}), ElementsAre(-1, -1, -1, -1, -1));
    MutexLock lock(job.saved_mutex);
    EXPECT_TRUE(job.saved.empty());
  }
}

TEST(ParameterServiceSavesTest, SaysWhyAFileCannotBeWritten) {
  TempDir dir;
  ServiceJob job(1);
  Train(job, 0, 1);
  ASSERT_FALSE(job.Do(SaveOf(3, dir / "nowhere")).has_file());
  const SavedReport report = job.AwaitSaved();
  EXPECT_EQ(report.generation(), 3u);
  EXPECT_FALSE(report.has_file());
  EXPECT_THAT(report.error(), HasSubstr(dir / "nowhere"));
  // The next one is not the worse for it.
  SaveInto(job, dir);
}

TEST(ParameterServiceSavesTest, NoSaveAfterItGaveUp) {
  TempDir dir;
  ServiceJob job(1);
  job.service.GiveUpSave();
  const std::string directory = NewDirectory(dir, 1);
  job.Do(SaveOf(1, directory));
  job.Settle();
  EXPECT_TRUE(std::filesystem::is_empty(directory));
  MutexLock lock(job.saved_mutex);
  EXPECT_TRUE(job.saved.empty());
}

TEST(ParameterServiceSavesTest, EachServerTakesItsShards) {
  TempDir dir;
  ServiceJob whole(1);
  whole.Pull(0, 0, 0, {kLow, kHigh});
  ASSERT_TRUE(ServiceJob::Await(whole.Push(0, 0, {1, 2, 3, 4, 5, 6, 7})).replied());
  const Directive restore = RestoreOf(SaveInto(whole, dir), 1, 0);
  size_t dense = 0;
  for (const int server : {0, 1}) {
    ServiceJob part(1, {}, server, 2);
    EXPECT_EQ(part.Do(restore).rows(), 1);
    const std::vector<float> values = part.Read({server == 0 ? kLow : kHigh});
    EXPECT_EQ(values[0], server == 0 ? -1 : -3);
    EXPECT_EQ(values[1], server == 0 ? -2 : -4);
    dense += values.size() - 2;
  }
  EXPECT_EQ(dense, 3u) << "the tensor has one owner";
}

TEST(ParameterServiceSavesTest, AResetStartsAnewAndKeepsTheCountOfRefusals) {
  ServiceJob job(1, {"table.rows_per_shard_max=1"});
  const Key other = kLow + 1;  // of the same shard
  job.Pull(0, 0, 0, {kLow, other});
  ASSERT_TRUE(ServiceJob::Await(job.Push(0, 0, {1, 1, 1, 1, 1, 1, 1})).replied());
  Directive reset;
  reset.mutable_reset()->set_incarnation(2);
  reset.mutable_reset()->set_keep_weights(true);
  job.incarnation = 2;
  ServerResult result = job.Do(reset);
  EXPECT_EQ(result.rows(), 1);
  EXPECT_EQ(result.refused_keys(), 1);
  EXPECT_THAT(job.Read({kLow}), ElementsAre(-1, -1, -1, -1, -1));
  reset.mutable_reset()->set_keep_weights(false);
  result = job.Do(reset);
  EXPECT_EQ(result.rows(), 0);
  EXPECT_EQ(result.refused_keys(), 1) << "of the run, not of the store";
  EXPECT_THAT(job.Read({kLow}), ElementsAre(0, 0, 0, 0, 0));
}

TEST(ParameterServiceSavesTest, ANewPhaseRefusesWhatStillWaits) {
  ServiceJob job(2);
  job.Pull(0, 0, 0, {kLow});
  const Answer pull = job.Pull(0, 1, 1, {kLow}), push = job.Push(0, 0, {1, 1, 1, 1, 1});
  job.Settle();
  EXPECT_TRUE(pull.pending());
  EXPECT_TRUE(push.pending());
  job.BeginPhase(ServiceJob::kIncarnation);
  EXPECT_THAT(pull.error(), HasSubstr("phase"));
  EXPECT_THAT(push.error(), HasSubstr("phase"));
  EXPECT_THAT(job.Read({kLow}), ElementsAre(0, 0, 0, 0, 0));
}

TEST(ParameterServiceSavesTest, RefusesDirectivesThatCannotBe) {
  ServiceJob job(1);
  Directive finish;
  finish.mutable_finish();
  EXPECT_FALSE(job.Try(finish).ok());
  Directive restore;
  restore.mutable_restore()->set_directory("/nowhere");
  const Result<ServerResult> missing = job.Try(restore);
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(missing.error().message(), HasSubstr("/nowhere"));
  ParameterService unconfigured({ServiceJob::MakeJob({}), 0, 1, 1}, Exchanges());
  EXPECT_FALSE(unconfigured.Execute(restore).ok());
}

}  // namespace
}  // namespace primacy
