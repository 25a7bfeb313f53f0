#include "ps/checkpoint/generation.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/atomic_file.h"
#include "ps/checkpoint/manifest_file.h"
#include "tests/ps/checkpoint/sample_generation.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

namespace fs = std::filesystem;
using testing_support::SampleRow;
using testing_support::SampleRows;
using testing_support::TempDir;
using testing_support::WriteSampleFiles;
using testing_support::WriteSampleGeneration;

void WriteRaw(const std::string& path, const std::string& bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(std::fwrite(bytes.data(), 1, bytes.size(), file), bytes.size());
  std::fclose(file);
}

template <typename T>
std::string MessageOf(const T& outcome) {
  return outcome.ok() ? "" : outcome.error().message();
}

TEST(GenerationTest, IsThereOncePublished) {
  const TempDir dir;
  const std::string root = dir / "checkpoints";
  EXPECT_EQ(*ListGenerations(root), std::vector<uint64_t>());
  const auto directory = BeginGeneration(root, 42);
  ASSERT_OK(directory);
  EXPECT_EQ(*directory, root + "/gen-00000042");
  const Manifest manifest = WriteSampleFiles(*directory, 42, 3, SampleRows(100));
  EXPECT_EQ(*ListGenerations(root), std::vector<uint64_t>());
  EXPECT_FALSE(ReadManifest(*directory).ok());
  ASSERT_OK(PublishGeneration(*directory, manifest));
  EXPECT_EQ(*ListGenerations(root), std::vector<uint64_t>{42});
  const auto read = ReadManifest(*directory);
  ASSERT_OK(read);
  EXPECT_EQ(read->SerializeAsString(), manifest.SerializeAsString());
  EXPECT_OK(VerifyGeneration(*directory));
}

TEST(GenerationTest, BeginRemovesWhatAnInterruptedSaveLeft) {
  const TempDir dir;
  const std::string directory = *BeginGeneration(dir.path(), 1);
  WriteRaw(directory + "/shards-0000-4096.prm.tmp", "half");
  WriteRaw(directory + "/MANIFEST.tmp", "half");
  ASSERT_OK(BeginGeneration(dir.path(), 1));
  EXPECT_TRUE(fs::is_empty(directory));
}

TEST(GenerationTest, BeginDoesNotTouchAWholeGeneration) {
  const TempDir dir;
  const std::string directory = WriteSampleGeneration(dir.path(), 1, 1, SampleRows(10));
  EXPECT_NE(MessageOf(BeginGeneration(dir.path(), 1)).find("whole generation already"),
            std::string::npos);
  EXPECT_OK(VerifyGeneration(directory));
}

TEST(GenerationTest, PublishRefusesWhatIsNotWhole) {
  const TempDir dir;
  const std::string directory = *BeginGeneration(dir.path(), 1);
  const Manifest whole = WriteSampleFiles(directory, 1, 2, SampleRows(10));
  Manifest manifest = whole;
  manifest.mutable_file()->DeleteSubrange(1, 1);
  EXPECT_NE(MessageOf(PublishGeneration(directory, manifest)).find("cover every shard"),
            std::string::npos);
  manifest = whole;
  *manifest.add_file() = whole.file(0);
  EXPECT_NE(MessageOf(PublishGeneration(directory, manifest)).find("cover every shard"),
            std::string::npos);
  manifest.clear_file();
  EXPECT_NE(MessageOf(PublishGeneration(directory, manifest)).find("cover every shard"),
            std::string::npos);
  manifest = whole;
  manifest.mutable_file(0)->set_bytes(whole.file(0).bytes() + 1);
  EXPECT_NE(MessageOf(PublishGeneration(directory, manifest)).find(whole.file(0).name()),
            std::string::npos);
  manifest = whole;
  manifest.mutable_file(1)->set_name("../elsewhere.prm");
  EXPECT_NE(MessageOf(PublishGeneration(directory, manifest)).find("elsewhere"), std::string::npos);
  manifest = whole;
  manifest.mutable_file(1)->set_name("absent.prm");
  EXPECT_NE(MessageOf(PublishGeneration(directory, manifest)).find("absent.prm"),
            std::string::npos);
  EXPECT_EQ(*ListGenerations(dir.path()), std::vector<uint64_t>());
}

TEST(GenerationTest, ListsRisingAndIgnoresOtherNames) {
  const TempDir dir;
  for (const uint64_t generation : {12, 3, 100000000}) {
    WriteSampleGeneration(dir.path(), generation, 1, SampleRows(1));
  }
  for (const char* name : {"gen-0000001", "gen-00000001x", "gen--0000001", "other"}) {
    fs::create_directory(dir / name);
    WriteRaw(dir / (std::string(name) + "/MANIFEST"), "x");
  }
  ASSERT_OK(BeginGeneration(dir.path(), 200000000));
  EXPECT_EQ(*ListGenerations(dir.path()), (std::vector<uint64_t>{3, 12, 100000000}));
}

TEST(GenerationTest, ResolvingPassesOverBrokenOnes) {
  const TempDir dir;
  WriteSampleGeneration(dir.path(), 1, 1, SampleRows(1));
  const std::string newest = WriteSampleGeneration(dir.path(), 2, 1, SampleRows(1));
  fs::remove(newest + "/shards-0000-4096.prm");
  EXPECT_EQ(*ResolveCheckpoint(dir.path()), dir / "gen-00000001");
  WriteRaw(dir / "gen-00000001/MANIFEST", "rubbish");
  const auto none = ResolveCheckpoint(dir.path());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().kind(), ErrorKind::kFailure);
  EXPECT_NE(none.error().message().find("gen-00000002/shards-0000-4096.prm"), std::string::npos);
}

TEST(GenerationTest, NoGenerationIsTheUsersMistake) {
  const TempDir dir;
  for (const std::string& path : {dir.path(), dir / "nothing"}) {
    const auto resolved = ResolveCheckpoint(path);
    ASSERT_FALSE(resolved.ok());
    EXPECT_EQ(resolved.error().kind(), ErrorKind::kUsage);
    EXPECT_NE(resolved.error().message().find(path), std::string::npos);
  }
}

TEST(GenerationTest, ResolvesRunsRootsAndGenerations) {
  const TempDir dir;
  const std::string root = CheckpointRoot(dir.path());
  const std::string first = WriteSampleGeneration(root, 1, 1, SampleRows(1));
  const std::string second = WriteSampleGeneration(root, 2, 1, SampleRows(1));
  EXPECT_EQ(*ResolveCheckpoint(first), first);
  EXPECT_EQ(*ResolveCheckpoint(root), second);
  EXPECT_EQ(*ResolveCheckpoint(dir.path()), second);
  const std::string final = WriteSampleGeneration(root, 3, 1, SampleRows(1), JobState::FINISHED);
  WriteSampleGeneration(root, 4, 1, SampleRows(1), JobState::END_STAGE);
  EXPECT_EQ(*ResolveCheckpoint(dir.path()), final);
}

TEST(GenerationTest, RemovesOldOnesAndKeepsPinned) {
  const TempDir dir;
  for (uint64_t generation = 1; generation <= 6; ++generation) {
    WriteSampleGeneration(dir.path(), generation, 1, SampleRows(1));
  }
  const std::string unfinished = *BeginGeneration(dir.path(), 0);
  const std::string in_progress = *BeginGeneration(dir.path(), 7);
  ASSERT_OK(RemoveOldGenerations(dir.path(), 2, {1, 3}));
  EXPECT_EQ(*ListGenerations(dir.path()), (std::vector<uint64_t>{1, 3, 5, 6}));
  EXPECT_FALSE(fs::exists(unfinished));
  EXPECT_FALSE(fs::exists(dir / "gen-00000002"));
  EXPECT_TRUE(fs::exists(in_progress));
  // The newest stays whatever is asked for.
  ASSERT_OK(RemoveOldGenerations(dir.path(), 0, {}));
  EXPECT_EQ(*ListGenerations(dir.path()), std::vector<uint64_t>{6});
  ASSERT_OK(RemoveOldGenerations(dir / "nothing", 2, {}));
}

TEST(GenerationTest, WithoutAWholeGenerationNothingIsRemoved) {
  const TempDir dir;
  const std::string unfinished = *BeginGeneration(dir.path(), 1);
  ASSERT_OK(RemoveOldGenerations(dir.path(), 1, {}));
  EXPECT_TRUE(fs::exists(unfinished));
}

TEST(ManifestTest, EveryTruncationAndFlippedByteIsRefused) {
  const TempDir dir;
  const std::string directory = WriteSampleGeneration(dir.path(), 1, 1, SampleRows(1));
  const std::string path = directory + "/MANIFEST";
  const std::string bytes = *ReadFile(path, 1 << 20);
  for (size_t at = 0; at < bytes.size(); ++at) {
    const auto cut = DecodeManifest(std::string_view(bytes).substr(0, at), path);
    EXPECT_NE(MessageOf(cut).find(path), std::string::npos) << at;
    for (const int mask : {0xFF, 1 << (at % 8)}) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ mask);
      EXPECT_NE(MessageOf(DecodeManifest(flipped, path)).find(path), std::string::npos) << at;
    }
  }
  EXPECT_FALSE(DecodeManifest(bytes + "x", path).ok());
  EXPECT_OK(DecodeManifest(bytes, path));
}

class BrokenGenerationTest : public testing::Test {
 protected:
  BrokenGenerationTest() : directory_(WriteSampleGeneration(dir_.path(), 1, 2, SampleRows(500))) {}

  std::string File(int server) const {
    return directory_ + "/" + ShardFileName(ShardsOf(server, 2));
  }
  // Both ways of reading everything fail and name `path`.
  void ExpectRefused(const std::string& path) {
    EXPECT_NE(MessageOf(VerifyGeneration(directory_)).find(path), std::string::npos)
        << MessageOf(VerifyGeneration(directory_));
    EXPECT_NE(MessageOf(GenerationDigest(directory_)).find(path), std::string::npos);
  }

  TempDir dir_;
  std::string directory_;
};

TEST_F(BrokenGenerationTest, AMissingFileIsNamed) {
  fs::remove(File(1));
  ExpectRefused(File(1));
  EXPECT_NE(MessageOf(ReadManifest(directory_)).find(File(1)), std::string::npos);
}

TEST_F(BrokenGenerationTest, AFileOfAnotherSizeIsNamed) {
  fs::resize_file(File(0), fs::file_size(File(0)) - 1);
  ExpectRefused(File(0));
  EXPECT_NE(MessageOf(ReadManifest(directory_)).find(File(0)), std::string::npos);
}

TEST_F(BrokenGenerationTest, AFlippedBitIsNamed) {
  std::string bytes = *ReadFile(File(1), 1 << 24);
  bytes[bytes.size() / 2] ^= 16;
  WriteRaw(File(1), bytes);
  EXPECT_OK(ReadManifest(directory_));
  ExpectRefused(File(1));
}

// A sound file of another generation in place of the right one: same size, same shards, other rows.
TEST_F(BrokenGenerationTest, AnExchangedFileIsNamed) {
  std::vector<SampleRow> others = SampleRows(500);
  for (SampleRow& row : others) {
    for (float& value : row.floats) value += 1;
  }
  const std::string other = WriteSampleGeneration(dir_.path(), 2, 2, others);
  fs::copy_file(other + "/" + ShardFileName(ShardsOf(1, 2)), File(1),
                fs::copy_options::overwrite_existing);
  EXPECT_NE(MessageOf(VerifyGeneration(directory_)).find(File(1)), std::string::npos);
}

TEST(GenerationDigestTest, DoesNotDependOnTheNumberOfServers) {
  const TempDir dir;
  const std::vector<SampleRow> rows = SampleRows(2000);
  const auto digest = GenerationDigest(WriteSampleGeneration(dir.path(), 1, 1, rows));
  ASSERT_OK(digest);
  EXPECT_EQ(digest->size(), 16u);
  EXPECT_EQ(*GenerationDigest(WriteSampleGeneration(dir.path(), 2, 2, rows)), *digest);
  EXPECT_EQ(*GenerationDigest(WriteSampleGeneration(dir.path(), 3, 7, rows)), *digest);
}

TEST(GenerationDigestTest, SeesEveryBitOfEveryParameter) {
  const TempDir dir;
  const std::vector<SampleRow> rows = SampleRows(40);
  const std::string digest = *GenerationDigest(WriteSampleGeneration(dir.path(), 1, 1, rows));
  uint64_t generation = 2;
  const auto digest_of = [&](const std::vector<SampleRow>& changed) {
    return *GenerationDigest(WriteSampleGeneration(dir.path(), generation++, 1, changed));
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].floats.empty()) continue;
    std::vector<SampleRow> changed = rows;
    changed[i].floats.back() = std::nextafter(changed[i].floats.back(), 100.0f);  // a slot
    EXPECT_NE(digest_of(changed), digest) << i;
    changed = rows;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_NE(digest_of(changed), digest) << i;
    // Counters are no parameters.
    changed = rows;
    changed[i].update_count += 1;
    changed[i].last_pass += 1;
    EXPECT_EQ(digest_of(changed), digest) << i;
  }
  // Two rows that exchange their values.
  std::vector<SampleRow> changed = rows;
  std::vector<SampleRow*> of_one_table;
  for (SampleRow& row : changed) {
    if (row.table == 0 && !row.floats.empty()) of_one_table.push_back(&row);
  }
  std::swap(of_one_table[0]->floats, of_one_table[1]->floats);
  EXPECT_NE(digest_of(changed), digest);
}

}  // namespace
}  // namespace primacy
