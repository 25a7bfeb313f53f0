#include "ps/table/gradient_planes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "common/protocol/plane_products.h"
#include "ps/table/plane_math.h"
#include "tests/ps/table/store_job.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing::ElementsAre;

// One table of two floats a row; "bottom" is shared, "tower" is task 2's.
ParameterSpec Parameters() {
  ParameterSpec parameters;
  parameters.add_table()->set_dim(2);
  const auto add = [&](const char* name, int cols, int owner) {
    TensorSpec& tensor = *parameters.add_tensor();
    tensor.set_name(name);
    tensor.set_rows(1);
    tensor.set_cols(cols);
    tensor.set_init_bound(0);
    tensor.set_owner_task(owner);
  };
  add("bottom", 3, -1);
  add("tower", 2, 2);
  return parameters;
}

class GradientPlanesTest : public testing::Test {
 protected:
  GradientPlanesTest()
      : parameters_(Parameters()),
        layout_(parameters_),
        planes_(parameters_, layout_, {0, kVirtualShards}) {}

  void Add(const std::vector<Key>& keys, const std::vector<float>& gradients) {
    const Worker& worker = workers_.emplace_back(
        Worker{keys, {std::vector<uint32_t>(keys.size(), KeyIndex::kMissing)}});
    const std::vector<std::span<const Key>> tables = {worker.keys};
    planes_.Add(tables, {&worker.places, 1}, gradients);
  }

  // All shards together.
  std::vector<double> Products() const {
    const std::vector<double> products = planes_.Products();
    const size_t numbers = products.size() / kVirtualShards;
    std::vector<double> sums(numbers, 0.0);
    for (size_t i = 0; i < products.size(); ++i) sums[i % numbers] += products[i];
    return sums;
  }

  // What an SGD step of rate 1 from 0 leaves: rows of `keys`, then the dense tensors in the order
  // of their blocks.
  std::vector<float> Updated(const std::vector<Key>& keys) {
    StoreOptions options;
    options.parameters = parameters_;
    options.parameters.mutable_table(0)->set_init_stddev(0);
    options.shards = {0, kVirtualShards};
    for (OptimizerConfig* optimizer : {&options.table_optimizer, &options.dense_optimizer}) {
      optimizer->set_kind(OptimizerConfig::SGD);
      optimizer->set_learning_rate(1);
    }
    options.table.set_admit_count(1);
    auto store = ParameterStore::Create(options);
    CHECK(store.ok()) << store.error().trace();
    (*store)->BeginUpdate();
    planes_.AccumulateTo(**store);
    CHECK((*store)->Apply({}).ok());
    std::vector<float> values(keys.size() * 2 + 5);
    (*store)->Gather(0, keys, values.data());
    (*store)->GatherDense(values.data() + keys.size() * 2);
    return values;
  }
  bool BottomFirst() const { return layout_.blocks()[0].tensor == 0; }

  struct Worker {
    std::vector<Key> keys;
    RowPlaces places;
  };

  const ParameterSpec parameters_;
  const DenseLayout layout_;
  std::deque<Worker> workers_;  // what they added must outlive the update
  GradientPlanes planes_;
};

TEST_F(GradientPlanesTest, ByHand) {
  const std::vector<Key> a = {11, 12}, b = {12, 13};
  planes_.Begin(0b110);  // tasks 1 and 2
  EXPECT_EQ(planes_.FloatsOf(2, std::vector<std::span<const Key>>{a}), 2 * (4 + 3) + 2u);
  // Per plane: rows of both keys, bottom; then tower.
  Add(a, {1, 0, 2, 1, 1, 1, 1, /**/ 0, 3, 1, 0, 0, 2, 0, /**/ 5, 0});
  Add(b, {1, 1, 0, 2, 0, 0, 1, /**/ 1, 0, 1, 1, 0, 0, 1, /**/ 0, 1});
  // Plane of task 1: rows (1,0) (3,2) (0,2), bottom (1,1,2). Of task 2: (0,3) (2,0) (1,1), (0,2,1),
  // tower (5,1).
  EXPECT_THAT(Products(), ElementsAre(1 + 13 + 4 + 6, 0 + 6 + 2 + 4, 9 + 4 + 2 + 5, 0, 26));

  const std::vector<double> shared = {2, -1}, own = {7, 3};
  planes_.Weigh(shared, own);
  const std::vector<float> bottom = {-2, 0, -3}, tower = {-15, -3};
  std::vector<float> expected = {-2, 3, -4, -4, 1, -3};
  for (const auto* part : {BottomFirst() ? &bottom : &tower, BottomFirst() ? &tower : &bottom})
    expected.insert(expected.end(), part->begin(), part->end());
  EXPECT_EQ(Updated({11, 12, 13}), expected);
}

TEST_F(GradientPlanesTest, ItsMemoryHoldsNothingOfTheUpdateBefore) {
  planes_.Begin(0b111);
  Add({1, 2}, std::vector<float>(3 * (4 + 3) + 2, 1.0f));
  Add({2, 3}, std::vector<float>(3 * (4 + 3) + 2, 1.0f));
  planes_.Begin(0b010);
  const std::vector<Key> keys = {5};
  Add(keys, {1, 2, 3, 0, 0, 4, 4});
  EXPECT_THAT(Products(), ElementsAre(14, 0)) << "the tower's owner has no plane";
  planes_.Weigh(std::vector<double>{1}, std::vector<double>{1});
  const std::vector<float> values = Updated({5, 1});
  EXPECT_EQ(values[0], -1);
  EXPECT_EQ(values[2], 0) << "key 1 is of another update";
}

TEST(PlaneMathTest, LongAndOddSizes) {
  for (const size_t size : {size_t{1}, size_t{7}, size_t{8}, size_t{19}, size_t{1030}}) {
    std::vector<float> in(2 * size);
    for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i % 13) - 6;
    double product = 0;
    for (size_t i = 0; i < size; ++i) product += static_cast<double>(in[i]) * in[size + i];
    EXPECT_EQ(DotProduct({in.data(), size}, in.data() + size), product) << "integers are exact";
    std::vector<float> out(size);
    WeighPlanes(size, size, std::vector<double>{0.5, 2}, in.data(), out.data());
    for (size_t i = 0; i < size; ++i) EXPECT_EQ(out[i], 0.5f * in[i] + 2 * in[size + i]) << i;
  }
}

}  // namespace
}  // namespace primacy
