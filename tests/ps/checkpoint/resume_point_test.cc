#include "ps/checkpoint/resume_point.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/atomic_file.h"
#include "ps/checkpoint/generation.h"
#include "tests/ps/checkpoint/sample_generation.h"
#include "tests/support/damage.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

namespace fs = std::filesystem;
using testing_support::FlipBit;
using testing_support::SampleRows;
using testing_support::TempDir;
using testing_support::WriteSampleFiles;

class ResumePointTest : public testing::Test {
 protected:
  // A generation whose job will restore `candidate` and `base`; 0: none.
  void Write(uint64_t generation, uint64_t candidate = 0, uint64_t base = 0) {
    const std::string directory = *BeginGeneration(root(), generation);
    Manifest manifest = WriteSampleFiles(directory, generation, 1, SampleRows(20));
    manifest.mutable_state()->set_step(static_cast<int64_t>(10 * generation));
    if (candidate != 0) manifest.mutable_state()->mutable_best()->set_generation(candidate);
    manifest.mutable_state()->set_base_generation(base);
    ASSERT_OK(PublishGeneration(directory, manifest));
  }
  std::string ShardFileOf(uint64_t generation) const {
    return root() + "/" + GenerationName(generation) + "/" + ShardFileName({0, kVirtualShards});
  }
  void Damage(uint64_t generation) { FlipBit(ShardFileOf(generation)); }
  const std::string& root() const { return dir_.path(); }

  // The generation chosen; 0: none.
  uint64_t Chosen(CheckDepth depth = CheckDepth::kEveryByte) {
    const auto point = FindResumePoint(root(), depth);
    return point.ok() ? point->generation : 0;
  }

  TempDir dir_;
};

TEST_F(ResumePointTest, IsTheNewestWholeGeneration) {
  for (const uint64_t generation : {1, 2, 3}) Write(generation);
  EXPECT_EQ(Chosen(), 3u);
  Damage(3);
  // Its sizes are right: only its checksums tell.
  EXPECT_EQ(Chosen(CheckDepth::kManifests), 3u);
  const auto point = FindResumePoint(root(), CheckDepth::kEveryByte);
  ASSERT_OK(point);
  EXPECT_EQ(point->generation, 2u);
  EXPECT_EQ(point->manifest.state().step(), 20);
  ASSERT_EQ(point->passed_over.size(), 1u);
  EXPECT_EQ(point->passed_over[0].generation, 3u);
  EXPECT_EQ(point->passed_over[0].manifest.state().step(), 30);
  EXPECT_NE(point->passed_over[0].reason.find(ShardFileOf(3) + ": block"), std::string::npos)
      << point->passed_over[0].reason;
}

TEST_F(ResumePointTest, AMissingFileAndADamagedManifestAreSeenAtOnce) {
  for (const uint64_t generation : {1, 2, 3}) Write(generation);
  fs::remove(ShardFileOf(3));
  FlipBit(root() + "/gen-00000002/MANIFEST");
  const auto point = FindResumePoint(root(), CheckDepth::kManifests);
  ASSERT_OK(point);
  EXPECT_EQ(point->generation, 1u);
  ASSERT_EQ(point->passed_over.size(), 2u);
  EXPECT_TRUE(point->passed_over[0].manifest.has_state());
  EXPECT_FALSE(point->passed_over[1].manifest.has_state());
}

TEST_F(ResumePointTest, WhatTheJobWillRestoreMustBeWholeToo) {
  Write(1, 0, 1);
  Write(2, 1, 1);
  Write(3, 2, 1);
  Write(4, 3, 1);
  Write(5, 3, 1);
  Damage(3);  // the candidate of 4 and 5
  const auto point = FindResumePoint(root(), CheckDepth::kEveryByte);
  ASSERT_OK(point);
  EXPECT_EQ(point->generation, 2u);
  ASSERT_EQ(point->passed_over.size(), 3u);
  EXPECT_EQ(point->passed_over[0].generation, 5u);
  EXPECT_NE(point->passed_over[0].reason.find("gen-00000005 needs gen-00000003: "),
            std::string::npos)
      << point->passed_over[0].reason;
  EXPECT_NE(point->passed_over[0].reason.find(ShardFileOf(3)), std::string::npos);
  // A finished job restores nothing.
  const std::string directory = *BeginGeneration(root(), 6);
  Manifest manifest = WriteSampleFiles(directory, 6, 1, SampleRows(20));
  manifest.mutable_state()->set_point(JobState::FINISHED);
  manifest.mutable_state()->mutable_best()->set_generation(3);
  ASSERT_OK(PublishGeneration(directory, manifest));
  EXPECT_EQ(Chosen(), 6u);
  // Nothing is left once what every stage starts from is gone.
  fs::remove_all(directory);
  fs::remove_all(root() + "/gen-00000001");
  EXPECT_EQ(Chosen(), 0u);
}

TEST_F(ResumePointTest, WithoutAWholeOneTheNewestIsNamed) {
  const auto none = FindResumePoint(root(), CheckDepth::kEveryByte);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().kind(), ErrorKind::kUsage);
  Write(1);
  Write(2);
  Damage(1);
  Damage(2);
  const auto damaged = FindResumePoint(root(), CheckDepth::kEveryByte);
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().kind(), ErrorKind::kFailure);
  EXPECT_NE(damaged.error().message().find(ShardFileOf(2)), std::string::npos)
      << damaged.error().message();
}

TEST_F(ResumePointTest, SettingAsideKeepsFilesAndNumbers) {
  Write(1);
  Write(2);
  EXPECT_EQ(*NextGeneration(root()), 3u);
  EXPECT_EQ(*SetAside(root(), 2), "gen-00000002.damaged");
  EXPECT_EQ(*ListGenerations(root()), std::vector<uint64_t>{1});
  EXPECT_EQ(*ListSetAside(root()), std::vector<std::string>{"gen-00000002.damaged"});
  EXPECT_TRUE(fs::exists(root() + "/gen-00000002.damaged/MANIFEST"));
  EXPECT_EQ(*NextGeneration(root()), 3u);
  ASSERT_OK(RemoveOldGenerations(root(), 1, {}));
  EXPECT_TRUE(fs::exists(root() + "/gen-00000002.damaged/MANIFEST"));
  EXPECT_FALSE(SetAside(root(), 2).ok());
  EXPECT_EQ(*NextGeneration(root() + "/nothing"), 1u);
}

}  // namespace
}  // namespace primacy
