// How rows are spread over slices, parts and blocks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>

#include "tests/tools/convert/convert_support.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing_support::TextConversion;

// 10,000 rows of 500 groups, 20 rows each in a row; times fall and repeat.
std::string ManyRows() {
  std::string csv = "a,y,t,g\n";
  for (int i = 0; i < 10000; ++i) {
    csv += std::to_string(i) + "," + std::to_string(i % 2) + "," +
           std::to_string((9999 - i) / 3 % 2000) + "," + std::to_string(i / 20) + "\n";
  }
  return csv;
}

std::string Spec(const std::string& split) {
  return R"(slot { column: "a" } label { column: "y" } timestamp: "t" group_id: "g"
            row_number_as_id: true split { )" +
         split + " }";
}

std::vector<uint64_t> PartRows(const std::string& folder) {
  auto log = LogDirectory::Open(folder);
  CHECK(log.ok()) << log.error().trace();
  std::vector<uint64_t> rows;
  for (const auto& part : (*log)->parts()) rows.push_back(part->rows());
  return rows;
}

// With memory for all rows, and with so little that most go through the temporary file.
class SplitTest : public testing::TestWithParam<uint64_t> {
 protected:
  ConvertReport Run(TextConversion& conversion, int parts) {
    conversion.options.memory_bytes_max = GetParam();
    conversion.options.parts = parts;
    conversion.options.rows_per_block = 256;
    auto report = conversion.Run();
    CHECK(report.ok()) << report.error().trace();
    return *report;
  }
  bool little_memory() const { return GetParam() < (1 << 20); }
};

TEST_P(SplitTest, ByTimeSortsAndCutsAtTheShares) {
  TextConversion conversion(Spec("by: TIME"), ManyRows());
  const ConvertReport report = Run(conversion, 3);
  EXPECT_EQ(report.spilled_bytes > 0, little_memory());
  EXPECT_EQ(report.train_rows, 8000u);
  EXPECT_EQ(report.holdout_rows, 1000u);
  EXPECT_EQ(report.test_rows, 1000u);
  // The oracle: row numbers sorted by time, equal times in the order of the file.
  std::vector<uint64_t> order(10000);
  std::iota(order.begin(), order.end(), 1);
  const auto time = [](uint64_t number) { return (10000 - static_cast<int>(number)) / 3 % 2000; };
  std::stable_sort(order.begin(), order.end(),
                   [&](uint64_t a, uint64_t b) { return time(a) < time(b); });
  std::vector<uint64_t> ids;
  for (const LogBlock& slice : {conversion.Train(), conversion.Holdout(), conversion.Test()}) {
    ids.insert(ids.end(), slice.row_ids.begin(), slice.row_ids.end());
    EXPECT_TRUE(std::is_sorted(slice.timestamps.begin(), slice.timestamps.end()));
  }
  EXPECT_EQ(ids, order);
  EXPECT_EQ(PartRows(conversion.options.out_dir + "/train").size(), 3u);
  EXPECT_FALSE(std::filesystem::exists(conversion.options.out_dir + "/rows.tmp"));
}

TEST_P(SplitTest, ByOrderKeepsTheOrderAndCutsBetweenGroups) {
  TextConversion conversion(Spec("by: ORDER train_share: 0.7 holdout_share: 0.3 test_share: 0"),
                            ManyRows());
  const ConvertReport report = Run(conversion, 3);
  EXPECT_EQ(report.train_rows, 7000u);
  EXPECT_EQ(report.holdout_rows, 3000u);
  EXPECT_FALSE(std::filesystem::exists(conversion.options.out_dir + "/test"));
  const LogBlock train = conversion.Train();
  for (uint64_t i = 0; i < train.rows; ++i) ASSERT_EQ(train.row_ids[i], i + 1);
  // Thirds of 7,000 are 2,333 and 4,666, moved on to the end of a group of 20.
  EXPECT_THAT(PartRows(conversion.options.out_dir + "/train"), ElementsAre(2340, 2340, 2320));
  auto log = LogDirectory::Open(conversion.options.out_dir + "/train");
  ASSERT_OK(log);
  for (uint32_t b = 0; b < (*log)->block_count(); ++b) {
    EXPECT_EQ((*log)->block_rows(b) % 20, 0u) << "block " << b << " ends inside a group";
    EXPECT_LE((*log)->block_rows(b), 260u);
  }
}

TEST_P(SplitTest, ByHashIsRepeatableAndNearTheShares) {
  std::map<uint64_t, int> slice_of_row[2];
  for (int run = 0; run < 2; ++run) {
    TextConversion conversion(Spec("by: HASH hash_of: ROW_ID seed: 7"), ManyRows());
    const ConvertReport report = Run(conversion, run == 0 ? 2 : 5);
    // Four standard deviations of a binomial share.
    EXPECT_NEAR(static_cast<double>(report.train_rows), 8000, 160);
    EXPECT_NEAR(static_cast<double>(report.holdout_rows), 1000, 120);
    EXPECT_EQ(report.train_rows + report.holdout_rows + report.test_rows, 10000u);
    int slice = 0;
    for (const LogBlock& rows : {conversion.Train(), conversion.Holdout(), conversion.Test()}) {
      for (const uint64_t id : rows.row_ids) slice_of_row[run][id] = slice;
      ++slice;
    }
    const auto parts = PartRows(conversion.options.out_dir + "/train");
    ASSERT_EQ(parts.size(), run == 0 ? 2u : 5u);
    const auto [least, most] = std::minmax_element(parts.begin(), parts.end());
    EXPECT_LE(*most - *least, little_memory() ? 600u : 40u);
  }
  EXPECT_EQ(slice_of_row[0].size(), 10000u);
  EXPECT_EQ(slice_of_row[0], slice_of_row[1]);
}

TEST_P(SplitTest, ByHashOfGroupNeverSplitsAGroup) {
  TextConversion conversion(Spec("by: HASH hash_of: GROUP_ID"), ManyRows());
  Run(conversion, 1);
  std::map<uint64_t, int> slice_of_group;
  int slice = 0;
  for (const LogBlock& rows : {conversion.Train(), conversion.Holdout(), conversion.Test()}) {
    for (const uint64_t group : rows.group_ids) {
      EXPECT_EQ(slice_of_group.emplace(group, slice).first->second, slice);
    }
    ++slice;
  }
  EXPECT_EQ(slice_of_group.size(), 500u);
}

INSTANTIATE_TEST_SUITE_P(Memory, SplitTest, testing::Values(uint64_t{1} << 30, uint64_t{1} << 16));

TEST(SplitOnceTest, TheSeedMovesRows) {
  std::vector<uint64_t> holdout[2];
  for (int run = 0; run < 2; ++run) {
    TextConversion conversion(Spec("seed: " + std::to_string(run + 1)), ManyRows());
    ASSERT_OK(conversion.Run());
    holdout[run] = conversion.Holdout().row_ids;
  }
  EXPECT_NE(holdout[0], holdout[1]);
}

TEST(SplitOnceTest, FewRowsFillFewParts) {
  TextConversion conversion(Spec("by: NONE"), "a,y,t,g\n1,0,1,1\n2,1,1,2\n3,1,1,3\n");
  conversion.options.parts = 8;
  ASSERT_OK(conversion.Run());
  const auto parts = PartRows(conversion.options.out_dir + "/train");
  EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), uint64_t{0}), 3u);
  EXPECT_THAT(conversion.Train().row_ids, ElementsAre(1, 2, 3));
}

TEST(SplitOnceTest, LongRowsEndBlocksEarly) {
  // 40 rows of 50,000 values: 400 kB a row, 16 MB in all.
  std::string values;
  for (int i = 0; i < 50000; ++i) values += std::to_string(i % 10) + " ";
  std::string csv = "a,y\n";
  for (int i = 0; i < 40; ++i) csv += values + ",1\n";
  TextConversion conversion(
      "slot { column: 'a' value_separator: ' ' } label { column: 'y' } split { by: NONE }", csv);
  ASSERT_OK(conversion.Run());
  auto log = LogDirectory::Open(conversion.options.out_dir + "/train");
  ASSERT_OK(log);
  EXPECT_EQ((*log)->rows(), 40u);
  EXPECT_GE((*log)->block_count(), 2u);
}

}  // namespace
}  // namespace primacy
