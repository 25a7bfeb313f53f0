#include "tools/bench/data_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "common/base/atomic_file.h"
#include "common/base/hash.h"
#include "common/clicklog/reader.h"
#include "common/clicklog/schema.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tools/bench/data_work.h"
#include "tools/bench/step_work.h"
#include "tools/convert/convert.h"

namespace primacy {
namespace {

// The text must hold the rows of the step bench, whose keys are ids where the converter's are the
// hashes of their texts.
TEST(StepCsv, ConvertsToTheRowsOfTheStepBench) {
  const testing_support::TempDir dir;
  StepBenchOptions work;
  work.slots = 3;
  work.table_rows = 1000;
  ASSERT_OK(bench::WriteStepCsv(dir / "rows.csv", work, 5000));
  ASSERT_OK(WriteFileAtomically(dir / "convert.txt",
                                bench::StepConvertSpec(work) + "split { by: NONE }"));
  ConvertOptions options;
  options.schema_file = dir / "convert.txt";
  options.inputs = {dir / "rows.csv"};
  options.out_dir = dir / "log";
  const auto report = Convert(options);
  ASSERT_OK(report);
  EXPECT_EQ(SchemaDifference(report->schema, bench::StepSchema(work)), "");
  EXPECT_EQ(report->bad_rows, 0u);
  const auto log = LogDirectory::Open(dir / "log/train");
  ASSERT_OK(log);
  ASSERT_EQ((*log)->block_count(), 2u);
  const LogBlock tail = bench::StepRows(work).Block(4096, 5000 - 4096);
  const auto block = (*log)->ReadBlock(1);
  ASSERT_OK(block);
  EXPECT_EQ(block->labels, tail.labels);
  EXPECT_EQ(block->masks, tail.masks);
  for (size_t s = 0; s < tail.slots.size(); ++s) {
    EXPECT_EQ(block->slots[s].offsets, tail.slots[s].offsets);
    std::vector<uint64_t> keys;
    for (const uint64_t id : tail.slots[s].keys) keys.push_back(HashBytes(std::to_string(id)));
    EXPECT_EQ(block->slots[s].keys, keys) << s;
  }
}

TEST(DataBench, MeasuresEveryPart) {
  const auto records = DataBench({.rows = 2000, .runs = 1});
  ASSERT_OK(records);
  std::map<std::string, int> parts;
  for (const BenchRecord& record : *records) {
    EXPECT_EQ(record.name, "data");
    ASSERT_EQ(record.labels.size(), 1u);
    ++parts[record.labels[0].second];
    EXPECT_GT(NumberOf(record, "rows_per_s"), 0);
    if (record.labels[0].second == "read") {
      // 20 + 10 keys of 8 bytes, 3 labels of 4 and a mask, one offset; the log has fewer bytes.
      EXPECT_GE(NumberOf(record, "memory_bytes_per_row"), 30 * 8 + 3 * 5 + 4);
      EXPECT_LT(NumberOf(record, "bytes_per_row"), NumberOf(record, "memory_bytes_per_row"));
      EXPECT_GT(NumberOf(record, "bytes_per_row"), 50);
    }
  }
  EXPECT_GE(parts["convert"], 1);
  EXPECT_EQ(parts["write"], 1);
  EXPECT_EQ(parts["read"], 1);
  EXPECT_EQ(parts["batches"], 1);
}

TEST(DataBench, RefusesWhatItCannotDo) {
  for (const DataBenchOptions& options :
       {DataBenchOptions{.rows = 0}, DataBenchOptions{.rows = 5000, .runs = 0}}) {
    const auto records = DataBench(options);
    ASSERT_FALSE(records.ok());
    EXPECT_EQ(records.error().kind(), ErrorKind::kUsage);
  }
}

}  // namespace
}  // namespace primacy
