#include "worker/metrics/group_losses.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

#include "common/base/hash.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

constexpr size_t kTasks = 3;
constexpr uint64_t kWanted = 0b101;

struct Slice {
  std::vector<uint32_t> block_rows;
  std::vector<double> losses;    // [rows, task]
  std::vector<float> weights;    // [rows, task]
  std::vector<uint64_t> groups;  // [rows]
};

// Groups fall into several blocks.
Slice RandomSlice(uint64_t seed) {
  Slice slice;
  slice.block_rows = {37, 1, 200, 64, 5};
  uint64_t draw = 0, rows = 0;
  for (const uint32_t block : slice.block_rows) rows += block;
  for (uint64_t i = 0; i < rows; ++i) {
    for (size_t t = 0; t < kTasks; ++t) {
      slice.losses.push_back(RandomUniform(seed, draw++) * 3);
      slice.weights.push_back(RandomBelow(seed, draw++, 4) == 0 ? 0.0f : 0.3f);
    }
    slice.groups.push_back(1000 - RandomBelow(seed, draw++, 30));
  }
  return slice;
}

// What `workers` workers gather when worker b mod workers evaluates block b in batches of `batch`
// rows.
std::vector<std::string> Gathered(const Slice& slice, uint32_t workers, uint32_t batch,
                                  bool with_ids = true) {
  std::vector<GroupLossPart> parts(workers, GroupLossPart(kTasks, kWanted));
  size_t block_begin = 0;
  for (uint32_t b = 0; b < slice.block_rows.size(); ++b) {
    for (uint32_t row = 0; row < slice.block_rows[b]; row += batch) {
      ScoredRows rows;
      rows.rows = std::min(batch, slice.block_rows[b] - row);
      const size_t first = block_begin + row;
      rows.losses = std::span(slice.losses).subspan(first * kTasks, rows.rows * kTasks);
      rows.weights = std::span(slice.weights).subspan(first * kTasks, rows.rows * kTasks);
      if (with_ids) rows.group_ids = std::span(slice.groups).subspan(first, rows.rows);
      parts[b % workers].Add(b, rows);
    }
    block_begin += slice.block_rows[b];
  }
  std::vector<std::string> bytes;
  for (const GroupLossPart& part : parts) bytes.push_back(part.Serialize());
  return bytes;
}

GroupLosses Merged(const Slice& slice, uint32_t workers, uint32_t batch, bool with_ids = true) {
  Result<GroupLosses> merged =
      MergeGroupLosses(kTasks, kWanted, static_cast<uint32_t>(slice.block_rows.size()),
                       Gathered(slice, workers, batch, with_ids));
  CHECK(merged.ok()) << merged.error().trace();
  return *std::move(merged);
}

TEST(GroupLosses, HandValues) {
  GroupLossPart part(2, 0b01);
  const std::vector<double> losses = {1, 50, 2, 50, 4, 50};
  const std::vector<float> weights = {1, 1, 0.5f, 1, 2, 1};
  const std::vector<uint64_t> groups = {9, 5, 9};
  part.Add(0, {3, {}, losses, {}, weights, groups});
  // The same groups in another block, the first one without weight.
  const std::vector<double> more_losses = {7, 50, 3, 50};
  const std::vector<float> more_weights = {0, 1, 1, 1};
  const std::vector<uint64_t> more_groups = {5, 9};
  part.Add(1, {2, {}, more_losses, {}, more_weights, more_groups});
  const std::vector<std::string> bytes = {part.Serialize()};
  const Result<GroupLosses> merged = MergeGroupLosses(2, 0b01, 2, bytes);
  ASSERT_OK(merged);
  EXPECT_EQ(merged->groups, 2u);
  EXPECT_EQ(merged->ids, (std::vector<uint64_t>{9, 5}));
  EXPECT_EQ(merged->tasks[0].weight, (std::vector<double>{1 + 2 + 1, 0.5}));
  EXPECT_EQ(merged->tasks[0].loss, (std::vector<double>{1 + 8 + 3, 1}));
  EXPECT_TRUE(merged->tasks[1].weight.empty()) << "not asked for";
}

TEST(GroupLosses, SameBitsForAnyNumberOfWorkersAndBatchSize) {
  const Slice slice = RandomSlice(3);
  const GroupLosses expected = Merged(slice, 1, 1000);
  EXPECT_EQ(expected.groups, 30u);
  for (const uint32_t workers : {2u, 3u, 5u, 7u}) {
    for (const uint32_t batch : {1u, 7u, 1000u}) {
      const GroupLosses merged = Merged(slice, workers, batch);
      EXPECT_EQ(merged.ids, expected.ids) << workers << " workers, batches of " << batch;
      for (const size_t task : {0u, 2u}) {
        EXPECT_EQ(merged.tasks[task].weight, expected.tasks[task].weight);
        EXPECT_EQ(merged.tasks[task].loss, expected.tasks[task].loss);
      }
    }
  }
}

TEST(GroupLosses, WithoutIdsEveryRowIsAGroup) {
  const Slice slice = RandomSlice(4);
  const GroupLosses merged = Merged(slice, 2, 10, /*with_ids=*/false);
  ASSERT_EQ(merged.groups, slice.groups.size());
  EXPECT_TRUE(merged.ids.empty());
  for (size_t row = 0; row < merged.groups; ++row) {
    const double weight = slice.weights[row * kTasks];
    EXPECT_EQ(merged.tasks[0].weight[row], weight);
    EXPECT_EQ(merged.tasks[0].loss[row], weight > 0 ? weight * slice.losses[row * kTasks] : 0);
  }
}

TEST(GroupLosses, RefusesWhatIsNoPart) {
  const Slice slice = RandomSlice(5);
  const std::vector<std::string> whole = Gathered(slice, 2, 10);
  ASSERT_OK(MergeGroupLosses(kTasks, kWanted, 5, whole));
  EXPECT_FALSE(MergeGroupLosses(kTasks, kWanted, 6, whole).ok()) << "a block is missing";
  EXPECT_FALSE(MergeGroupLosses(kTasks, kWanted, 5, std::span(whole).first(1)).ok());
  const std::vector<std::string> twice = {whole[0], whole[0], whole[1]};
  EXPECT_FALSE(MergeGroupLosses(kTasks, kWanted, 5, twice).ok());
  EXPECT_FALSE(MergeGroupLosses(kTasks, 0b001, 5, whole).ok()) << "other tasks";
  const std::vector<std::string> mixed = {whole[0], Gathered(slice, 2, 10, false)[1]};
  EXPECT_FALSE(MergeGroupLosses(kTasks, kWanted, 5, mixed).ok()) << "some have ids, some none";
  for (const size_t size : {size_t{0}, size_t{31}, whole[0].size() - 1}) {
    EXPECT_FALSE(GroupLossPart::Parse(kTasks, kWanted, whole[0].substr(0, size)).ok());
  }
  std::string flipped = whole[0];
  flipped[0] ^= 1;
  EXPECT_FALSE(GroupLossPart::Parse(kTasks, kWanted, flipped).ok()) << "magic";
  flipped = whole[0];
  flipped[32 + 4] ^= 1;  // entries of the first block
  EXPECT_FALSE(GroupLossPart::Parse(kTasks, kWanted, flipped).ok());
  flipped = whole[0];
  flipped[32 + 8] = 0;  // the second block is block 0 once more
  EXPECT_FALSE(GroupLossPart::Parse(kTasks, kWanted, flipped).ok());
}

}  // namespace
}  // namespace primacy
