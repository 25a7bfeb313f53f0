#include "worker/data/batch_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "common/base/hash.h"
#include "common/protocol/sharding.h"
#include "tests/support/result_matchers.h"
#include "tests/worker/data/memory_log.h"

namespace primacy {
namespace {

using testing_support::MemoryLog;
using testing_support::NumberedBlocks;
using testing_support::NumberedInput;

PlanOptions Plan(uint32_t batch_rows, uint32_t window_rows) {
  PlanOptions plan;
  plan.batch_rows = batch_rows;
  plan.window_rows = window_rows;
  return plan;
}

// The steps first, first + 1, … below end.
StepSource Steps(Step first, Step end) {
  auto next = std::make_shared<Step>(first);
  return [next, end]() -> std::optional<Step> {
    if (*next == end) return std::nullopt;
    return (*next)++;
  };
}

class BatchReaderTest : public testing::Test {
 protected:
  std::unique_ptr<BatchReader> Reader(const StepSource& steps,
                                      const BatchReaderOptions& options = {}) {
    return std::make_unique<BatchReader>(CachedLog{log_, cache_}, NumberedInput(), Plan(20, 50),
                                         steps, options);
  }
  std::vector<Batch> All(const StepSource& steps, const BatchReaderOptions& options = {}) {
    const auto reader = Reader(steps, options);
    std::vector<Batch> batches;
    while (true) {
      Result<std::optional<Batch>> batch = reader->Next();
      CHECK(batch.ok()) << batch.error().trace();
      if (!batch->has_value()) return batches;
      batches.push_back(std::move(**batch));
    }
  }

  std::shared_ptr<MemoryLog> log_ =
      std::make_shared<MemoryLog>(NumberedBlocks({30, 10, 5, 42, 17, 20, 9}));  // 133 rows
  std::shared_ptr<BlockCache> cache_ = std::make_shared<BlockCache>(1 << 20);
};

TEST_F(BatchReaderTest, TwoPassesReadEveryRowTwice) {
  const std::vector<Batch> batches = All(Steps(0, 14));
  ASSERT_EQ(batches.size(), 14u);
  std::vector<int> seen(133);
  for (size_t t = 0; t < batches.size(); ++t) {
    const Batch& batch = batches[t];
    EXPECT_EQ(batch.step, static_cast<Step>(t));
    EXPECT_EQ(batch.rows, t % 7 == 6 ? 13u : 20u);
    for (size_t i = 0; i < batch.rows; ++i) {
      const uint64_t n = batch.row_ids[i];
      ++seen[n];
      EXPECT_EQ(batch.tables[0].keys[batch.slots[0].positions[i]],
                TableKey(HashBytes("item"), 1000 + n));
      EXPECT_EQ(batch.labels[i], static_cast<float>(n % 2));
      EXPECT_EQ(batch.row_sequence[i], 20 * t + i);
    }
  }
  EXPECT_EQ(seen, std::vector<int>(133, 2));
  EXPECT_EQ(log_->reads(), 7);
}

TEST_F(BatchReaderTest, SlicesOfWorkersMakeUpTheBatchAndResumingChangesNothing) {
  const std::vector<Batch> whole = All(Steps(0, 10));
  for (const int workers : {2, 3, 25}) {
    std::vector<std::vector<uint64_t>> joined(10);
    for (int rank = 0; rank < workers; ++rank) {
      for (const Batch& batch : All(Steps(0, 10), {{rank, workers}, 2})) {
        auto& rows = joined[batch.step];
        rows.insert(rows.end(), batch.row_ids.begin(), batch.row_ids.end());
      }
    }
    for (Step t = 0; t < 10; ++t) EXPECT_EQ(joined[t], whole[t].row_ids);
  }
  const std::vector<Batch> resumed = All(Steps(6, 10));
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(resumed[i].row_ids, whole[6 + i].row_ids);
}

TEST_F(BatchReaderTest, StepsMayComeInAnyOrder) {
  const std::vector<Batch> whole = All(Steps(0, 20));
  auto leased = std::make_shared<std::vector<Step>>(std::vector<Step>{3, 0, 11, 19, 4, 7, 6});
  const std::vector<Batch> batches = All([leased]() -> std::optional<Step> {
    if (leased->empty()) return std::nullopt;
    const Step step = leased->back();
    leased->pop_back();
    return step;
  });
  ASSERT_EQ(batches.size(), 7u);
  for (const Batch& batch : batches) EXPECT_EQ(batch.row_ids, whole[batch.step].row_ids);
}

TEST_F(BatchReaderTest, WithoutACacheOnlyWindowsStayInMemory) {
  cache_ = std::make_shared<BlockCache>(0);
  EXPECT_EQ(All(Steps(0, 7)).size(), 7u);
  // Each block of the pass once, and at most the first window of the next.
  EXPECT_LE(log_->reads(), 7 + 7);
  BatchPlan plan(BlockRows(*log_), Plan(20, 50));
  ResidentBlocks blocks({log_, cache_}, plan);
  for (Step t = 0; t < 21; ++t) {
    ASSERT_OK(blocks.Hold(t));
    size_t windows_blocks = 0;
    std::vector<WindowId> windows = plan.WindowsOf(t);
    windows.push_back(plan.WindowAfter(windows.back()));
    for (const WindowId& window : windows) windows_blocks += plan.BlocksOf(window).size();
    EXPECT_LE(blocks.size(), windows_blocks);
    for (const RowRef& row : plan.RowsOf(t, {0, 1}).rows) {
      ASSERT_NE(blocks[row.block], nullptr);
      EXPECT_LT(row.row, blocks[row.block]->rows);
    }
    if (plan.ProgressOf(t) == 1.0) {
      for (const uint32_t block : plan.BlocksOf(windows.back())) EXPECT_NE(blocks[block], nullptr);
    }
  }
}

TEST_F(BatchReaderTest, ErrorsOfTheLogComeThroughOnce) {
  log_->Break(3);
  const auto reader = Reader(ConsecutiveSteps(0));
  Result<std::optional<Batch>> batch = reader->Next();
  for (int i = 0; i < 10 && batch.ok(); ++i) batch = reader->Next();
  ASSERT_FALSE(batch.ok());
  EXPECT_EQ(batch.error().message(), "part-00000.clog: block 3: checksum differs");
  batch = reader->Next();
  ASSERT_OK(batch);
  EXPECT_FALSE(batch->has_value());
}

TEST_F(BatchReaderTest, ALogWithoutRowsIsTheUsersMistake) {
  log_ = std::make_shared<MemoryLog>(std::vector<LogBlock>());
  const auto reader = Reader(ConsecutiveSteps(0));
  const Result<std::optional<Batch>> batch = reader->Next();
  ASSERT_FALSE(batch.ok());
  EXPECT_EQ(batch.error().kind(), ErrorKind::kUsage);
}

TEST_F(BatchReaderTest, ErrorsOfTheStepSourceComeThroughAfterItsSteps) {
  auto calls = std::make_shared<int>(0);
  const auto reader = Reader([calls]() -> Result<std::optional<Step>> {
    if (++*calls > 2) return Failure("coordinator is gone");
    return std::optional<Step>(*calls);
  });
  EXPECT_EQ((*reader->Next())->step, 1);
  EXPECT_EQ((*reader->Next())->step, 2);
  const Result<std::optional<Batch>> batch = reader->Next();
  ASSERT_FALSE(batch.ok());
  EXPECT_EQ(batch.error().message(), "coordinator is gone");
}

TEST_F(BatchReaderTest, ReadsAheadNoFurtherThanAsked) {
  std::atomic<int> asked = 0;
  const auto reader = Reader([&asked] { return std::optional<Step>(asked++); }, {{0, 1}, 3});
  ASSERT_OK(reader->Next());
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  // One taken, three waiting, one in hand.
  EXPECT_LE(asked, 5);
  reader->Stop();
}

TEST_F(BatchReaderTest, StopWakesAReaderThatWaits) {
  const auto reader = Reader(ConsecutiveSteps(0), {{0, 1}, 1});
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    reader->Stop();
  });
  int batches = 0;
  while (true) {
    Result<std::optional<Batch>> batch = reader->Next();
    ASSERT_OK(batch);
    if (!batch->has_value()) break;
    ++batches;
    reader->spare()->Give(std::move(**batch));
  }
  stopper.join();
  EXPECT_GT(batches, 0);
  EXPECT_FALSE((*reader->Next()).has_value());
}

TEST_F(BatchReaderTest, RecycledBatchesChangeNothing) {
  const std::vector<Batch> expected = All(Steps(0, 30));
  const auto reader = Reader(Steps(0, 30));
  for (size_t t = 0; t < 30; ++t) {
    Result<std::optional<Batch>> batch = reader->Next();
    ASSERT_OK(batch);
    EXPECT_EQ((*batch)->row_ids, expected[t].row_ids);
    EXPECT_EQ((*batch)->tables[0].keys, expected[t].tables[0].keys);
    reader->spare()->Give(std::move(**batch));
  }
}

}  // namespace
}  // namespace primacy
