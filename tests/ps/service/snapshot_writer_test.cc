#include "ps/service/snapshot_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "tests/ps/table/store_job.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing_support::MakeStore;
using testing_support::MakeStoreOptions;
using testing_support::MemoryShardWriter;
using testing_support::StoreJob;
using testing_support::TempDir;

constexpr int64_t kPlenty = int64_t{1} << 40;

struct Written {
  uint64_t generation;
  Result<CheckpointFile> file;
};

class SnapshotWriterTest : public testing::Test {
 protected:
  SnapshotWriterTest() : job_(MakeStoreOptions({8, 5}), 1, 5000) { job_.Step(0, 0, 1000); }

  ParameterStore& store() { return *job_.stores()[0]; }
  void Write(uint64_t generation, const std::string& directory) {
    written_ = std::promise<Written>();
    writer_.Write(generation, directory, store().options().shards, store().options().parameters);
  }
  // What the file holds.
  testing::AssertionResult HoldsContents(const std::string& path,
                                         const std::vector<testing_support::Record>& contents) {
    const auto loaded = MakeStore(store().options());
    const auto reader = ShardFileReader::Open(path);
    if (!reader.ok() || !loaded->Load(**reader, false).ok()) {
      return testing::AssertionFailure() << "cannot be loaded";
    }
    MemoryShardWriter records;
    CHECK(loaded->Save(records).ok());
    return records.records == contents ? testing::AssertionSuccess()
                                       : testing::AssertionFailure() << "differs";
  }

  const TempDir dir_;
  StoreJob job_;
  std::atomic<int64_t> memory_ = kPlenty;
  std::promise<Written> written_;
  SnapshotWriter writer_{[this] { return memory_.load(); },
                         [this](uint64_t generation, Result<CheckpointFile> file) {
                           written_.set_value({generation, std::move(file)});
                         }};
};

TEST_F(SnapshotWriterTest, WritesWhatItTookWhileTheStoreGoesOn) {
  for (uint64_t generation = 1; generation <= 3; ++generation) {
    const std::vector<testing_support::Record> contents = job_.Contents();
    ASSERT_TRUE(writer_.Take(store()));
    Write(generation, dir_.path());
    job_.Step(static_cast<int64_t>(generation), 0, 1000);
    writer_.Follow(store());
    const Written written = written_.get_future().get();
    EXPECT_FALSE(writer_.busy());
    EXPECT_EQ(written.generation, generation);
    ASSERT_OK(written.file);
    EXPECT_TRUE(HoldsContents(dir_ / written.file->name(), contents));
  }
}

TEST_F(SnapshotWriterTest, PreparesTheMemoryOfTheNextCopyAhead) {
  bool taken = false;
  for (int attempt = 0; attempt < 100 && !taken; ++attempt) {
    memory_ = kPlenty;
    writer_.Follow(store());
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    memory_ = 0;
    taken = writer_.Take(store());
  }
  ASSERT_TRUE(taken) << "it takes no memory now";
  Write(1, dir_.path());
  const Written written = written_.get_future().get();
  ASSERT_OK(written.file);
  EXPECT_TRUE(HoldsContents(dir_ / written.file->name(), job_.Contents()));
}

TEST_F(SnapshotWriterTest, TakesNoMoreThanThereIs) {
  memory_ = 1 << 20;
  writer_.Follow(store());
  EXPECT_FALSE(writer_.Take(store()));
  memory_ = kPlenty;
  EXPECT_TRUE(writer_.Take(store()));
}

TEST_F(SnapshotWriterTest, GivesUp) {
  ASSERT_TRUE(writer_.Take(store()));
  Write(1, dir_.path());
  writer_.GiveUp();
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
    EXPECT_NE(entry.path().extension(), ".tmp");
  }
}

TEST_F(SnapshotWriterTest, WritesInPlace) {
  const Result<CheckpointFile> file = WriteInPlace(store(), dir_.path());
  ASSERT_OK(file);
  EXPECT_EQ(static_cast<int64_t>(file->rows()), store().stats().rows);
  EXPECT_TRUE(HoldsContents(dir_ / file->name(), job_.Contents()));
}

}  // namespace
}  // namespace primacy
