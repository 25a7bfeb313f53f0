// Directives: save, restore, reset, and the end of a phase.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

constexpr Key kA = 0x0010'0000'0000'0001, kB = 0xf020'0000'0000'0002;

void Train(ServiceJob& job, Step step, float gradient) {
  job.Pull(0, step, step, {kA});
  CHECK(ServiceJob::Await(job.Push(0, step, {gradient, gradient, gradient, gradient, gradient}))
            .replied());
}

std::string SaveInto(ServiceJob& job, const TempDir& dir) {
  const Result<std::string> directory = BeginGeneration(dir / "checkpoints", 1);
  CHECK(directory.ok()) << directory.error().trace();
  Directive save;
  save.mutable_save()->set_directory(*directory);
  Manifest manifest;
  manifest.set_generation(1);
  *manifest.mutable_parameters() = ServiceJob::Parameters();
  *manifest.add_file() = job.Do(save).file();
  manifest.set_table_optimizer("SGD");
  manifest.set_dense_optimizer("SGD");
  const Status published = PublishGeneration(*directory, manifest);
  CHECK(published.ok()) << published.error().trace();
  return *directory;
}

TEST(ParameterServiceSavesTest, RestoresWhatItSaved) {
  TempDir dir;
  ServiceJob job(1);
  Train(job, 0, 1);
  const std::string generation = SaveInto(job, dir);
  Train(job, 1, 1);
  EXPECT_THAT(job.Read({kA}), ElementsAre(-2, -2, -2, -2, -2));
  Directive restore;
  restore.mutable_restore()->set_directory(generation);
  restore.mutable_restore()->set_incarnation(2);
  restore.mutable_restore()->set_step(1);
  EXPECT_EQ(job.Do(restore).rows(), 1);
  job.incarnation = 2;
  EXPECT_THAT(job.Read({kA}), ElementsAre(-1, -1, -1, -1, -1));
  EXPECT_THAT(ServiceJob::Await(job.Pull(0, 1, 0, {kA}, 1)).error(), HasSubstr("incarnation 1"));
  EXPECT_EQ(ServiceJob::Await(job.Pull(0, 1, 0, {kA}, 2)).proto<PullReply>().version(), 1);
}

TEST(ParameterServiceSavesTest, EachServerTakesItsShards) {
  TempDir dir;
  ServiceJob whole(1);
  whole.Pull(0, 0, 0, {kA, kB});
  ASSERT_TRUE(ServiceJob::Await(whole.Push(0, 0, {1, 2, 3, 4, 5, 6, 7})).replied());
  Directive restore;
  restore.mutable_restore()->set_directory(SaveInto(whole, dir));
  restore.mutable_restore()->set_incarnation(1);
  size_t dense = 0;
  for (const int server : {0, 1}) {
    ServiceJob part(1, {}, server, 2);
    EXPECT_EQ(part.Do(restore).rows(), 1);
    const std::vector<float> values = part.Read({server == 0 ? kA : kB});
    EXPECT_EQ(values[0], server == 0 ? -1 : -3);
    EXPECT_EQ(values[1], server == 0 ? -2 : -4);
    dense += values.size() - 2;
  }
  EXPECT_EQ(dense, 3u) << "the tensor has one owner";
}

TEST(ParameterServiceSavesTest, AResetStartsAnewAndKeepsTheCountOfRefusals) {
  ServiceJob job(1, {"table.rows_per_shard_max=1"});
  const Key other = kA + 1;  // of the same shard
  job.Pull(0, 0, 0, {kA, other});
  ASSERT_TRUE(ServiceJob::Await(job.Push(0, 0, {1, 1, 1, 1, 1, 1, 1})).replied());
  Directive reset;
  reset.mutable_reset()->set_incarnation(2);
  reset.mutable_reset()->set_keep_weights(true);
  job.incarnation = 2;
  ServerResult result = job.Do(reset);
  EXPECT_EQ(result.rows(), 1);
  EXPECT_EQ(result.refused_keys(), 1);
  EXPECT_THAT(job.Read({kA}), ElementsAre(-1, -1, -1, -1, -1));
  reset.mutable_reset()->set_keep_weights(false);
  result = job.Do(reset);
  EXPECT_EQ(result.rows(), 0);
  EXPECT_EQ(result.refused_keys(), 1) << "of the run, not of the store";
  EXPECT_THAT(job.Read({kA}), ElementsAre(0, 0, 0, 0, 0));
}

TEST(ParameterServiceSavesTest, ANewPhaseRefusesWhatStillWaits) {
  ServiceJob job(2);
  job.Pull(0, 0, 0, {kA});
  const Answer pull = job.Pull(0, 1, 1, {kA}), push = job.Push(0, 0, {1, 1, 1, 1, 1});
  job.Settle();
  EXPECT_TRUE(pull.pending());
  EXPECT_TRUE(push.pending());
  job.BeginPhase(ServiceJob::kIncarnation);
  EXPECT_THAT(pull.error(), HasSubstr("phase"));
  EXPECT_THAT(push.error(), HasSubstr("phase"));
  EXPECT_THAT(job.Read({kA}), ElementsAre(0, 0, 0, 0, 0));
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
