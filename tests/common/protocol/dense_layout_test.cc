#include "common/protocol/dense_layout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "common/base/hash.h"

namespace primacy {
namespace {

void AddTensor(ParameterSpec& spec, const char* name, int64_t rows, int64_t cols) {
  TensorSpec* tensor = spec.add_tensor();
  tensor->set_name(name);
  tensor->set_rows(rows);
  tensor->set_cols(cols);
  tensor->set_init_bound(0.5f);
}

// 10,000 elements: three blocks; 7 elements: one.
ParameterSpec TwoTensors() {
  ParameterSpec spec;
  AddTensor(spec, "bottom/weight", 100, 100);
  AddTensor(spec, "bottom/bias", 1, 7);
  return spec;
}

TEST(DenseLayout, TensorsBeginAtMultiplesOfSixteen) {
  const DenseLayout layout(TwoTensors());
  EXPECT_EQ(layout.tensor_begin(0), 0u);
  EXPECT_EQ(layout.tensor_begin(1), 10000u);
  EXPECT_EQ(layout.tensor_size(1), 7u);
  EXPECT_EQ(layout.flat_size(), 10016u);
}

TEST(DenseLayout, BlocksCoverEveryElementOnce) {
  const DenseLayout layout(TwoTensors());
  ASSERT_EQ(layout.blocks().size(), 4u);
  std::vector<int> covered(layout.flat_size());
  for (const DenseBlock& block : layout.blocks()) {
    EXPECT_LE(block.size, kDenseBlockFloats);
    EXPECT_EQ(block.flat_begin, layout.tensor_begin(block.tensor) + block.tensor_begin);
    for (size_t i = 0; i < block.size; ++i) ++covered[block.flat_begin + i];
  }
  for (size_t i = 0; i < covered.size(); ++i) ASSERT_EQ(covered[i], i < 10007 ? 1 : 0) << i;
}

TEST(DenseLayout, ServersShareTheBlocksWhateverTheirNumber) {
  const DenseLayout layout(TwoTensors());
  for (int servers : {1, 2, 3, 4096}) {
    size_t blocks = 0;
    size_t floats = 0;
    for (int server = 0; server < servers; ++server) {
      const ShardRange range = ShardsOf(server, servers);
      for (const DenseBlock& block : layout.BlocksOf(range)) {
        EXPECT_TRUE(range.Contains(block.shard));
      }
      blocks += layout.BlocksOf(range).size();
      floats += layout.FloatsOf(range);
    }
    EXPECT_EQ(blocks, 4u);
    EXPECT_EQ(floats, 10007u);
  }
}

TEST(DenseLayout, InitialValuesAreUniformWithinTheBound) {
  const ParameterSpec spec = TwoTensors();
  const uint64_t name_hash = HashBytes(spec.tensor(0).name());
  double sum = 0;
  double squares = 0;
  for (uint64_t element = 0; element < 10000; ++element) {
    const float value = InitialDenseValue(7, spec.tensor(0), name_hash, element);
    ASSERT_LE(std::abs(value), 0.5f);
    sum += value;
    squares += double{value} * value;
  }
  // Mean 0 and variance bound² / 3, within four standard errors of 10,000 draws.
  EXPECT_NEAR(sum / 10000, 0.0, 4 * 0.2887 / 100);
  EXPECT_NEAR(squares / 10000, 0.25 / 3, 0.004);
  EXPECT_EQ(InitialDenseValue(7, spec.tensor(0), name_hash, 5),
            InitialDenseValue(7, spec.tensor(0), name_hash, 5));
  EXPECT_NE(InitialDenseValue(7, spec.tensor(0), name_hash, 5),
            InitialDenseValue(8, spec.tensor(0), name_hash, 5));
}

}  // namespace
}  // namespace primacy
