// A snapshot saves what the store would have saved when it was taken, whatever became of the store.
#include "ps/table/store_snapshot.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/ps/table/store_job.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing_support::MakeStore;
using testing_support::MakeStoreOptions;
using testing_support::MemoryShardWriter;
using testing_support::Record;
using testing_support::Saved;
using testing_support::StoreJob;

constexpr StoreSnapshot::Limits kFree{.threads = 3,
                                      .new_bytes_max = std::numeric_limits<int64_t>::max()};

// Two tables, with keys that wait for a row.
StoreOptions Options() {
  StoreOptions options = MakeStoreOptions({8, 5});
  options.table.set_admit_count(2);
  options.table.set_evict_after_passes(1);
  return options;
}

TEST(StoreSnapshotTest, StaysAsItWasTaken) {
  StoreJob job(Options(), 1, 5000);
  ParameterStore& store = *job.stores()[0];
  for (int64_t step = 0; step < 3; ++step) job.Step(step, 0, 1000);
  ASSERT_GT(job.Stats().waiting_keys, 0);
  const std::vector<Record> before = job.Contents();
  StoreSnapshot snapshot;
  ASSERT_TRUE(store.CopyTo(snapshot, kFree));
  EXPECT_TRUE(Saved(snapshot) == before);

  for (int64_t step = 3; step < 6; ++step) job.Step(step, 3, 1000);
  store.Evict(3);
  ASSERT_FALSE(job.Contents() == before);
  EXPECT_TRUE(Saved(snapshot) == before) << "after updates and an eviction";
  store.Reset(false);
  EXPECT_TRUE(Saved(snapshot) == before) << "after a reset";
}

TEST(StoreSnapshotTest, IsTakenAnewInTheMemoryItHas) {
  StoreJob job(Options(), 1, 5000);
  ParameterStore& store = *job.stores()[0];
  StoreSnapshot snapshot;
  ASSERT_TRUE(store.CopyTo(snapshot, kFree));
  EXPECT_TRUE(Saved(snapshot) == job.Contents()) << "an empty store";
  for (int64_t step = 0; step < 6; ++step) {
    job.Step(step, step, 1000);
    ASSERT_TRUE(store.CopyTo(snapshot, kFree));
    ASSERT_TRUE(Saved(snapshot) == job.Contents()) << step;
  }
  const size_t bytes = snapshot.bytes();
  // Less than before: what the memory held is not taken for content.
  store.Evict(6);
  ASSERT_TRUE(store.CopyTo(snapshot, {.threads = 1, .new_bytes_max = 0}));
  EXPECT_TRUE(Saved(snapshot) == job.Contents());
  store.Reset(false);
  ASSERT_TRUE(store.CopyTo(snapshot, {.threads = 1, .new_bytes_max = 0}));
  EXPECT_TRUE(Saved(snapshot) == job.Contents());
  EXPECT_LE(snapshot.bytes(), bytes);
}

// Several arena chunks, and an index that is copied at many points of its growth.
TEST(StoreSnapshotTest, OfATableThatGrows) {
  StoreOptions options = MakeStoreOptions({64});
  const auto store = MakeStore(options);
  StoreSnapshot snapshot;
  std::vector<Key> keys;
  for (uint64_t i = 0; i < 10'000; ++i) keys.push_back(TableKey(0, i));
  std::sort(keys.begin(), keys.end());
  const std::vector<float> gradients(keys.size() * 64, 0.5f);
  for (size_t begin = 0; begin < keys.size(); begin += 500) {
    store->BeginUpdate();
    store->Accumulate(0, std::span(keys).subspan(begin, 500), gradients.data());
    ASSERT_OK(store->Apply({}));
    ASSERT_TRUE(store->CopyTo(snapshot, kFree));
    MemoryShardWriter of_store;
    ASSERT_OK(store->Save(of_store));
    ASSERT_TRUE(Saved(snapshot) == of_store.records) << begin;
  }
  EXPECT_EQ(store->stats().rows, 10'000);
}

TEST(StoreSnapshotTest, IsNotTakenBeyondItsLimit) {
  StoreJob job(Options(), 1, 5000);
  ParameterStore& store = *job.stores()[0];
  for (int64_t step = 0; step < 2; ++step) job.Step(step, 0, 1000);
  ASSERT_GT(store.stats().rows, 0);
  StoreSnapshot snapshot;
  EXPECT_FALSE(store.CopyTo(snapshot, {.threads = 1, .new_bytes_max = 4096}));
  ASSERT_TRUE(store.CopyTo(snapshot, kFree));
  // What is there already does not count.
  job.Step(2, 0, 10);
  EXPECT_TRUE(store.CopyTo(snapshot, {.threads = 1, .new_bytes_max = 4096}));
  EXPECT_TRUE(Saved(snapshot) == job.Contents());
}

TEST(StoreSnapshotTest, WhatWasPreparedNeedNotBeTaken) {
  StoreJob job(MakeStoreOptions({8, 5}), 1, 5000);
  ParameterStore& store = *job.stores()[0];
  job.Step(0, 0, 1000);
  const StoreSize size = store.SizeToCopy();
  ASSERT_EQ(size.tables.size(), 2u);
  size_t chunks = 0;
  for (const StoreSize::Table& table : size.tables) {
    EXPECT_GT(table.keys, 0u);
    chunks += table.row_chunks + KeyList::ChunksFor(table.keys);
  }
  StoreSnapshot snapshot;
  EXPECT_FALSE(snapshot.Prepare(size, 4096)) << "beyond the limit";
  size_t pieces = 0;
  while (snapshot.Prepare(size, kFree.new_bytes_max)) ++pieces;
  EXPECT_EQ(pieces, chunks);
  ASSERT_TRUE(store.CopyTo(snapshot, {.threads = 1, .new_bytes_max = 0}));
  EXPECT_TRUE(Saved(snapshot) == job.Contents());
  // For a store that has grown since, what is there stays.
  StoreSize larger = size;
  larger.tables[0].row_chunks += 1;
  EXPECT_TRUE(snapshot.Prepare(larger, kFree.new_bytes_max));
  EXPECT_FALSE(snapshot.Prepare(larger, kFree.new_bytes_max));
  EXPECT_TRUE(Saved(snapshot) == job.Contents());
}

TEST(StoreSnapshotTest, HandsOnTheWritersError) {
  StoreJob job(Options(), 1, 5000);
  for (int64_t step = 0; step < 3; ++step) job.Step(step, 0, 1000);
  StoreSnapshot snapshot;
  ASSERT_TRUE(job.stores()[0]->CopyTo(snapshot, kFree));
  MemoryShardWriter writer;
  writer.fail_at = 100;
  const Status status = snapshot.Save(writer);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message(), "disk full");
}

}  // namespace
}  // namespace primacy
