// Places found once: they read and update as fresh look-ups do, to the bit, whatever happened to
// the keys in between.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/ps/table/store_job.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing_support::MakeOptimizerConfig;
using testing_support::MakeStore;
using testing_support::MakeStoreOptions;
using testing_support::Record;
using testing_support::Saved;

constexpr size_t kDim = 8;
constexpr size_t kKeys = 1000;

std::vector<Key> Keys(uint64_t first, size_t count) {
  std::vector<Key> keys;
  for (uint64_t i = 0; i < count; ++i) keys.push_back(TableKey(3, first + i));
  return keys;
}

std::vector<float> Gradients(size_t count, uint64_t seed) {
  std::vector<float> gradients;
  for (size_t i = 0; i < count * kDim; ++i) {
    gradients.push_back(static_cast<float>(RandomUniform(seed, i)) - 0.4f);
  }
  return gradients;
}

RowPlaces Located(const ParameterStore& store, std::span<const Key> keys) {
  RowPlaces places;
  store.Locate(0, keys, places);
  return places;
}

std::vector<float> Gathered(const ParameterStore& store, std::span<const Key> keys) {
  std::vector<float> rows(keys.size() * kDim, NAN);
  store.Gather(0, keys, rows.data());
  return rows;
}
std::vector<float> Gathered(const ParameterStore& store, std::span<const Key> keys,
                            const RowPlaces& places) {
  std::vector<float> rows(keys.size() * kDim, NAN);
  store.Gather(0, keys, places, rows.data());
  return rows;
}

// Dense gradients of `value`.
void AccumulateDense(ParameterStore& store, float value) {
  store.AccumulateDense(
      std::vector<float>(store.layout().FloatsOf(store.options().shards), value).data());
}

void Update(ParameterStore& store, std::span<const Key> keys, const std::vector<float>& gradients,
            Step step = 0) {
  store.BeginUpdate();
  store.Accumulate(0, keys, gradients.data());
  ASSERT_OK(store.Apply({.step = step}));
}

TEST(RowPlacesTest, ReadAsFreshLookUps) {
  const auto store = MakeStore(MakeStoreOptions({kDim}));
  Update(*store, Keys(0, kKeys), Gradients(kKeys, 1));
  const std::vector<Key> keys = Keys(kKeys / 2, kKeys);  // half of them have no row
  const RowPlaces places = Located(*store, keys);
  const std::vector<float> all = Gathered(*store, keys);
  EXPECT_EQ(Gathered(*store, keys, places), all);

  for (const size_t stride : {1, 3, 70, 999}) {
    std::vector<uint32_t> which;
    std::vector<float> expected;
    for (size_t i = 0; i < keys.size(); i += stride) {
      const size_t at = (keys.size() - 1 - i);
      which.push_back(static_cast<uint32_t>(at));
      expected.insert(expected.end(), all.data() + at * kDim, all.data() + (at + 1) * kDim);
    }
    std::vector<float> some(which.size() * kDim, NAN);
    store->GatherSome(0, keys, places, which, some.data());
    EXPECT_EQ(some, expected) << stride;
  }
  store->GatherSome(0, keys, places, {}, nullptr);
  EXPECT_EQ(store->stats().rows, static_cast<int64_t>(kKeys));
}

TEST(RowPlacesTest, SeeRowsThatCameSince) {
  const auto store = MakeStore(MakeStoreOptions({kDim}));
  const auto expected = MakeStore(MakeStoreOptions({kDim}));
  const std::vector<Key> keys = Keys(0, kKeys);
  Update(*store, std::span(keys).first(300), Gradients(300, 1));
  Update(*expected, std::span(keys).first(300), Gradients(300, 1));
  const RowPlaces places = Located(*store, keys);
  // Other steps, which also make the table grow.
  for (const auto& [first, count] : {std::pair<uint64_t, size_t>{200, 500}, {5000, 20000}}) {
    Update(*store, Keys(first, count), Gradients(count, 2), 1);
    Update(*expected, Keys(first, count), Gradients(count, 2), 1);
  }
  EXPECT_EQ(Gathered(*store, keys, places), Gathered(*expected, keys));

  const std::vector<float> gradients = Gradients(kKeys, 3);
  store->BeginUpdate();
  store->Accumulate(0, keys, places, gradients.data());
  ASSERT_OK(store->Apply({.step = 2}));
  Update(*expected, keys, gradients, 2);
  EXPECT_EQ(store->stats().rows, expected->stats().rows);
  EXPECT_EQ(Saved(*store), Saved(*expected));
}

class PlacedUpdateTest : public testing::TestWithParam<OptimizerConfig::Kind> {
 protected:
  static StoreOptions Options() {
    StoreOptions options = MakeStoreOptions({kDim, 3});
    options.table_optimizer = MakeOptimizerConfig(GetParam());
    return options;
  }
};

TEST_P(PlacedUpdateTest, OneContributorOrSeveralAreTheSumOfCopies) {
  for (const int workers : {1, 2, 3}) {
    const auto placed = MakeStore(Options());
    const auto copied = MakeStore(Options());
    for (Step step = 0; step < 4; ++step) {
      std::vector<std::vector<Key>> keys;
      std::vector<RowPlaces> places;
      std::vector<std::vector<float>> gradients;
      placed->BeginUpdate();
      copied->BeginUpdate();
      for (int worker = 0; worker < workers; ++worker) {
        const uint64_t part = static_cast<uint64_t>(step * 3 + worker);
        keys.push_back(Keys(part * 150, kKeys));
        places.push_back(Located(*placed, keys.back()));
        gradients.push_back(Gradients(kKeys, part));
        copied->Accumulate(0, keys.back(), std::vector<float>(gradients.back()).data());
      }
      for (size_t w = 0; w < keys.size(); ++w) {
        placed->Accumulate(0, keys[w], places[w], gradients[w].data());
      }
      std::vector<double> norms(kVirtualShards);
      std::vector<double> expected_norms(kVirtualShards);
      placed->SquaredNorms(norms);
      copied->SquaredNorms(expected_norms);
      EXPECT_EQ(norms, expected_norms);
      ASSERT_OK(placed->Apply({.step = step, .scale = 0.75}));
      ASSERT_OK(copied->Apply({.step = step, .scale = 0.75}));
    }
    EXPECT_EQ(Saved(*placed), Saved(*copied)) << workers;
  }
}

TEST_P(PlacedUpdateTest, TablesAndDenseMayBeAppliedApart) {
  const auto whole = MakeStore(Options());
  const auto halves = MakeStore(Options());
  const std::vector<Key> keys = Keys(0, kKeys);
  const std::vector<float> gradients = Gradients(kKeys, 7);
  for (Step step = 0; step < 3; ++step) {
    whole->BeginUpdate();
    whole->Accumulate(0, keys, gradients.data());
    AccumulateDense(*whole, 0.25f);
    ASSERT_OK(whole->Apply({.step = step}));

    const RowPlaces places = Located(*halves, keys);
    halves->BeginUpdate();
    halves->Accumulate(0, keys, places, gradients.data());
    ASSERT_OK(halves->ApplyTables({.step = step}));
    EXPECT_EQ(Gathered(*halves, keys), Gathered(*whole, keys));
    AccumulateDense(*halves, 0.25f);
    ASSERT_OK(halves->ApplyDense({.step = step}));
  }
  EXPECT_EQ(Saved(*whole), Saved(*halves));
}

INSTANTIATE_TEST_SUITE_P(Optimizers, PlacedUpdateTest,
                         testing::Values(OptimizerConfig::SGD, OptimizerConfig::ADAGRAD,
                                         OptimizerConfig::ROWWISE_ADAGRAD, OptimizerConfig::ADAM),
                         [](const auto& info) { return OptimizerConfig::Kind_Name(info.param); });

TEST(RowPlacesTest, EachHalfChecksItsOwnGradientsBeforeItChangesAnything) {
  const auto store = MakeStore(MakeStoreOptions({kDim}));
  const std::vector<Key> keys = Keys(0, kKeys);
  Update(*store, std::span(keys).first(500), Gradients(500, 1));
  const std::vector<Record> before = Saved(*store);
  const RowPlaces places = Located(*store, keys);
  std::vector<float> gradients = Gradients(kKeys, 2);
  gradients.back() = NAN;

  store->BeginUpdate();
  store->Accumulate(0, keys, places, gradients.data());
  const Status tables = store->ApplyTables({.step = 1});
  ASSERT_FALSE(tables.ok());
  EXPECT_EQ(tables.error().message(), "the gradient of table 0 (rows of 8 weights) is not finite");
  EXPECT_EQ(Saved(*store), before);

  AccumulateDense(*store, INFINITY);
  const Status dense = store->ApplyDense({.step = 1});
  ASSERT_FALSE(dense.ok());
  EXPECT_TRUE(dense.error().message().starts_with("the gradient of tensor "));
  EXPECT_EQ(Saved(*store), before);
}

}  // namespace
}  // namespace primacy
