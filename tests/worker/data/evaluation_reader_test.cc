#include "worker/data/evaluation_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <vector>

#include "common/clicklog/writer.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/worker/data/memory_log.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing_support::MemoryLog;
using testing_support::NumberedBlocks;
using testing_support::NumberedInput;

CachedLog Cached(std::shared_ptr<const BlockSource> source) {
  return {std::move(source), std::make_shared<BlockCache>(1 << 20)};
}

Result<std::vector<EvaluationBatch>> All(const CachedLog& log, int rank, int workers,
                                         uint32_t batch_rows_max) {
  EvaluationReaderOptions options;
  options.rank = rank;
  options.workers = workers;
  options.batch_rows_max = batch_rows_max;
  EvaluationReader reader(log, NumberedInput(), options);
  std::vector<EvaluationBatch> batches;
  while (true) {
    PRIMACY_ASSIGN(std::optional<EvaluationBatch> batch, reader.Next());
    if (!batch.has_value()) return batches;
    batches.push_back(std::move(*batch));
  }
}

TEST(EvaluationReaderTest, BatchesAreCutWithinBlocks) {
  const CachedLog log = Cached(std::make_shared<MemoryLog>(NumberedBlocks({5, 2, 4})));
  const auto batches = All(log, 0, 1, 3);
  ASSERT_OK(batches);
  std::vector<std::vector<uint64_t>> expected = {
      {0, 0, 3, 0}, {0, 3, 2, 3}, {1, 0, 2, 5}, {2, 0, 3, 7}, {2, 3, 1, 10}};
  ASSERT_EQ(batches->size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const EvaluationBatch& batch = (*batches)[i];
    EXPECT_EQ((std::vector<uint64_t>{batch.block, batch.first_row, batch.batch.rows,
                                     batch.batch.row_ids[0]}),
              expected[i]);
    for (size_t row = 0; row < batch.batch.rows; ++row) {
      EXPECT_EQ(batch.batch.row_ids[row], expected[i][3] + row);
      EXPECT_EQ(batch.batch.row_sequence[row], expected[i][3] + row);
    }
  }
}

TEST(EvaluationReaderTest, WorkersShareTheBlocks) {
  const CachedLog log = Cached(std::make_shared<MemoryLog>(NumberedBlocks({5, 2, 4, 7, 1})));
  for (const int workers : {1, 2, 3, 8}) {
    std::vector<int> seen(19);
    for (int rank = 0; rank < workers; ++rank) {
      const auto batches = All(log, rank, workers, 100);
      ASSERT_OK(batches);
      for (const EvaluationBatch& batch : *batches) {
        EXPECT_EQ(batch.block % workers, static_cast<uint32_t>(rank));
        for (const uint64_t n : batch.batch.row_ids) ++seen[n];
      }
    }
    EXPECT_EQ(seen, std::vector<int>(19, 1));
  }
}

TEST(EvaluationReaderTest, StopEndsIt) {
  const CachedLog log = Cached(std::make_shared<MemoryLog>(NumberedBlocks({500})));
  EvaluationReaderOptions options;
  options.batch_rows_max = 1;
  EvaluationReader reader(log, NumberedInput(), options);
  ASSERT_TRUE((*reader.Next()).has_value());
  reader.Stop();
  EXPECT_FALSE((*reader.Next()).has_value());
}

class LogOnDisk : public testing::Test {
 protected:
  void SetUp() override {
    LogSchema schema;
    schema.add_slot()->set_name("item");
    schema.add_label()->set_name("click");
    schema.set_has_row_id(true);
    for (int part = 0; part < 2; ++part) {
      auto writer = LogPartWriter::Create(directory_ / PartName(part), schema, {});
      ASSERT_OK(writer);
      for (const LogBlock& block : NumberedBlocks({50, 30, 20})) {
        ASSERT_OK((*writer)->AppendBlock(block));
      }
      ASSERT_OK((*writer)->Finish());
    }
  }
  std::shared_ptr<const BlockSource> Open() {
    auto log = LogDirectory::Open(directory_.path());
    CHECK(log.ok()) << log.error().trace();
    return MakeLogSource(std::move(*log));
  }

  testing_support::TempDir directory_;
};

TEST_F(LogOnDisk, ReadsAllPartsInOrder) {
  const CachedLog log = Cached(Open());
  EXPECT_EQ(BlockRows(*log.source), (std::vector<uint32_t>{50, 30, 20, 50, 30, 20}));
  const auto batches = All(log, 0, 1, 1000);
  ASSERT_OK(batches);
  ASSERT_EQ(batches->size(), 6u);
  EXPECT_EQ((*batches)[4].batch.row_ids[0], 50u);
  EXPECT_EQ((*batches)[4].batch.row_sequence[0], 150u);
}

TEST_F(LogOnDisk, AFlippedBitIsAnErrorThatNamesThePart) {
  const std::string path = directory_ / PartName(1);
  const CachedLog log = Cached(Open());
  std::FILE* file = std::fopen(path.c_str(), "r+b");
  ASSERT_NE(file, nullptr);
  // Somewhere in the blocks: past the header, before the footer.
  ASSERT_EQ(std::fseek(file, 0, SEEK_END), 0);
  const long middle = std::ftell(file) / 3;
  ASSERT_EQ(std::fseek(file, middle, SEEK_SET), 0);
  const int byte = std::fgetc(file);
  ASSERT_EQ(std::fseek(file, middle, SEEK_SET), 0);
  ASSERT_NE(std::fputc(byte ^ 0x10, file), EOF);
  ASSERT_EQ(std::fclose(file), 0);

  const auto batches = All(log, 0, 1, 1000);
  ASSERT_FALSE(batches.ok());
  EXPECT_THAT(batches.error().message(), HasSubstr(PartName(1)));
  EXPECT_THAT(batches.error().message(), HasSubstr("block"));
}

}  // namespace
}  // namespace primacy
