#include "ps/table/embedding_table.h"

#include <algorithm>
#include <limits>

#include "common/base/strings.h"
#include "ps/table/row_init.h"
#include "ps/table/row_math.h"

namespace primacy {
namespace {

uint32_t SaturatingIncrement(uint32_t count) {
  return count == std::numeric_limits<uint32_t>::max() ? count : count + 1;
}

}  // namespace

EmbeddingTable::EmbeddingTable(const Options& options, const Optimizer& optimizer,
                               ShardBudget& budget)
    : options_(options),
      optimizer_(optimizer),
      budget_(budget),
      dim_(static_cast<size_t>(options.spec.dim())),
      row_floats_(dim_ + optimizer.SlotFloats(dim_)),
      initial_slots_(row_floats_ - dim_),
      arena_(row_floats_),
      waiting_(options.shards) {
  optimizer_.InitialSlots(dim_, initial_slots_.data());
}

void EmbeddingTable::InitialSlots(float* row) const {
  std::copy(initial_slots_.begin(), initial_slots_.end(), row + dim_);
}

// While one batch is worked on, the rows of the next and the index lines of the one after it are on
// their way from memory. Both are asked for in turn, because a processor has few lines on their way
// at a time.
template <typename Load, typename Prefetch, typename Work>
void EmbeddingTable::ForBatches(size_t count, Load load, Prefetch prefetch, Work work) const {
  std::array<Batch, 3> ring;
  const size_t batches = (count + kBatch - 1) / kBatch;
  for (size_t b = 0; b < batches + 2; ++b) {
    Batch& loaded = ring[b % 3];
    loaded.size = 0;
    if (b < batches) {
      loaded.begin = b * kBatch;
      loaded.size = std::min(kBatch, count - loaded.begin);
      load(loaded);
    }
    Batch& found = ring[(b + 2) % 3];  // loaded the last time
    for (size_t i = 0; i < std::max(loaded.size, found.size); ++i) {
      if (i < loaded.size && loaded.rows[i] == kMissing) index_.Prefetch(loaded.keys[i]);
      if (i >= found.size) continue;
      if (found.rows[i] == kMissing) found.rows[i] = index_.Find(found.keys[i]);
      if (found.rows[i] != kMissing) prefetch(found.rows[i]);
    }
    if (b >= 2) work(ring[(b + 1) % 3]);
  }
}

void EmbeddingTable::LoadBatch(const PlacedKeys& keys, Batch& batch) {
  std::copy_n(keys.keys.data() + batch.begin, batch.size, batch.keys.data());
  if (keys.rows.empty()) {
    std::fill_n(batch.rows.data(), batch.size, kMissing);
  } else {
    std::copy_n(keys.rows.data() + batch.begin, batch.size, batch.rows.data());
  }
}

void EmbeddingTable::Locate(std::span<const Key> keys, uint32_t* rows) const {
  ForBatches(
      keys.size(), [&](Batch& batch) { LoadBatch({.keys = keys}, batch); }, [](uint32_t) {},
      [&](const Batch& batch) { std::copy_n(batch.rows.data(), batch.size, rows + batch.begin); });
}

void EmbeddingTable::Gather(const PlacedKeys& keys, float* out) const {
  ForBatches(
      keys.keys.size(), [&](Batch& batch) { LoadBatch(keys, batch); },
      [&](uint32_t row) { arena_.PrefetchWeights(row, dim_ * sizeof(float)); },
      [&](const Batch& batch) { CopyBatch(batch, out + batch.begin * dim_); });
}

void EmbeddingTable::GatherSome(const PlacedKeys& keys, std::span<const uint32_t> which,
                                float* out) const {
  ForBatches(
      which.size(),
      [&](Batch& batch) {
        for (size_t i = 0; i < batch.size; ++i) {
          batch.keys[i] = keys.keys[which[batch.begin + i]];
          batch.rows[i] = keys.rows[which[batch.begin + i]];
        }
      },
      [&](uint32_t row) { arena_.PrefetchWeights(row, dim_ * sizeof(float)); },
      [&](const Batch& batch) { CopyBatch(batch, out + batch.begin * dim_); });
}

void EmbeddingTable::CopyBatch(const Batch& batch, float* out) const {
  std::array<Key, kBatch> missing;
  std::array<float*, kBatch> missing_out;
  size_t missing_count = 0;
  // Runs of keys with rows, as in UpdateBatch.
  std::array<const float*, kBatch> run;
  for (size_t begin = 0; begin < batch.size;) {
    size_t end = begin;
    for (; end < batch.size && batch.rows[end] != kMissing; ++end) {
      run[end - begin] = arena_.row(batch.rows[end]);
    }
    CopyRows(dim_, std::span(run).first(end - begin), out + begin * dim_);
    if (end < batch.size) {
      missing[missing_count] = batch.keys[end];
      missing_out[missing_count++] = out + end * dim_;
    }
    begin = end + 1;
  }
  InitialRows(options_.seed, options_.spec.init_stddev(), dim_,
              std::span(missing).first(missing_count), missing_out.data());
}

void EmbeddingTable::Update(const PlacedKeys& keys, const float* gradients,
                            const UpdateFactors& update, int64_t pass) {
  ForBatches(
      keys.keys.size(), [&](Batch& batch) { LoadBatch(keys, batch); },
      [&](uint32_t row) { arena_.PrefetchAll(row); },
      [&](Batch& batch) {
        UpdateBatch(gradients + batch.begin * dim_, update, static_cast<uint32_t>(pass), batch);
      });
}

void EmbeddingTable::UpdateBatch(const float* gradients, const UpdateFactors& update, uint32_t pass,
                                 Batch& batch) {
  AdmitBatch(pass, batch);
  // Runs of keys with rows: their gradients lie together.
  std::array<float*, kBatch> run;
  for (size_t begin = 0; begin < batch.size;) {
    size_t end = begin;
    for (; end < batch.size && batch.rows[end] != kMissing; ++end) {
      run[end - begin] = arena_.row(batch.rows[end]);
      RowCounters& counters = arena_.counters(batch.rows[end]);
      counters.update_count = SaturatingIncrement(counters.update_count);
      counters.last_pass = pass;
    }
    if (end > begin) {
      optimizer_.Update(update, dim_, std::span(run).first(end - begin), gradients + begin * dim_);
    }
    begin = end + 1;
  }
}

void EmbeddingTable::AdmitBatch(uint32_t pass, Batch& batch) {
  std::array<Key, kBatch> admitted;
  std::array<float*, kBatch> admitted_rows;
  size_t count = 0;
  for (size_t i = 0; i < batch.size; ++i) {
    if (batch.rows[i] != kMissing) continue;
    batch.rows[i] = Admit(batch.keys[i], pass);
    if (batch.rows[i] == kMissing) continue;
    admitted[count] = batch.keys[i];
    admitted_rows[count++] = arena_.row(batch.rows[i]);
  }
  if (count == 0) return;
  InitialRows(options_.seed, options_.spec.init_stddev(), dim_, std::span(admitted).first(count),
              admitted_rows.data());
  for (size_t i = 0; i < count; ++i) InitialSlots(admitted_rows[i]);
}

uint32_t EmbeddingTable::Admit(Key key, uint32_t pass) {
  const std::optional<RowCounters> waited = waiting_.Find(key);
  const uint32_t seen = waited ? waited->update_count : 0;
  if (seen + 1 < options_.admit_count) {
    waiting_.Set(key, {seen + 1, pass});
    return kMissing;
  }
  if (!budget_.Take(ShardOf(key))) {
    ++refused_keys_;
    if (waited) waiting_.Set(key, {seen, pass});  // its turn comes when rows are evicted
    return kMissing;
  }
  if (waited) waiting_.Remove(key);
  const uint32_t row = arena_.Add();
  arena_.counters(row) = {seen, pass};  // this update is counted with those of the other rows
  index_.Insert(key, row);
  return row;
}

void EmbeddingTable::RemoveOlderThan(int64_t pass) {
  if (pass <= 0) return;
  const size_t before = index_.size();
  index_.Filter([&](Key key, uint32_t row) {
    if (arena_.counters(row).last_pass >= pass) return true;
    arena_.Remove(row);
    budget_.Return(ShardOf(key));
    return false;
  });
  evicted_rows_ += static_cast<int64_t>(before - index_.size());
  waiting_.RemoveOlderThan(
      static_cast<uint32_t>(std::min<int64_t>(pass, std::numeric_limits<uint32_t>::max())));
}

void EmbeddingTable::Clear() {
  index_.ForEach([&](Key key, uint32_t) { budget_.Return(ShardOf(key)); });
  index_ = KeyIndex();
  arena_ = RowArena(row_floats_);
  waiting_.Clear();
  refused_keys_ = 0;
  evicted_rows_ = 0;
}

void EmbeddingTable::ResetSlots() {
  index_.ForEach([&](Key, uint32_t row) {
    InitialSlots(arena_.row(row));
    arena_.counters(row) = {};
  });
  waiting_.Clear();
  refused_keys_ = 0;
  evicted_rows_ = 0;
}

void EmbeddingTable::ReserveRows(size_t rows) { index_.Reserve(rows); }

Status EmbeddingTable::Restore(std::span<const StoredRow> rows, bool weights_only) {
  if (rows.empty()) return Ok();
  if (rows[0].floats.empty()) {
    for (const StoredRow& row : rows) PRIMACY_TRY(RestoreWaiting(row, weights_only));
    return Ok();
  }
  for (const StoredRow& row : rows) index_.Prefetch(row.key);
  PRIMACY_TRY(CheckRowSize(rows[0], weights_only));
  for (const StoredRow& row : rows) PRIMACY_TRY(RestoreRow(row, weights_only));
  return Ok();
}

Status EmbeddingTable::RestoreWaiting(const StoredRow& stored, bool weights_only) {
  if (Waits(stored.key) || index_.Find(stored.key) != kMissing) {
    return Failure(NameOf(stored.key) + " comes twice");
  }
  // Waiting has no meaning any more where keys are admitted at once.
  if (weights_only || options_.admit_count <= 1) return Ok();
  if (stored.update_count == 0) return Failure(NameOf(stored.key) + " waits without an update");
  waiting_.Set(stored.key, {stored.update_count, stored.last_pass});
  return Ok();
}

Status EmbeddingTable::CheckRowSize(const StoredRow& stored, bool weights_only) const {
  const size_t floats_min = weights_only ? dim_ : row_floats_;
  if (stored.floats.size() < floats_min || (!weights_only && stored.floats.size() > floats_min)) {
    return UsageError(
        Format("%s has %zu floats, not %zu: it was saved with another "
               "table_optimizer",
               NameOf(stored.key).c_str(), stored.floats.size(), row_floats_));
  }
  return Ok();
}

Status EmbeddingTable::RestoreRow(const StoredRow& stored, bool weights_only) {
  const uint32_t row = arena_.Add();
  if (Waits(stored.key) || index_.FindOrInsert(stored.key, row) != row) {
    arena_.Remove(row);
    return Failure(NameOf(stored.key) + " comes twice");
  }
  if (!budget_.Take(ShardOf(stored.key))) {
    return UsageError(Format("table.rows_per_shard_max of %lld is below what the checkpoint holds",
                             static_cast<long long>(budget_.rows_max())));
  }
  float* const floats = arena_.row(row);
  std::copy_n(stored.floats.data(), weights_only ? dim_ : row_floats_, floats);
  if (weights_only) InitialSlots(floats);
  arena_.counters(row) =
      weights_only ? RowCounters{} : RowCounters{stored.update_count, stored.last_pass};
  return Ok();
}

std::string EmbeddingTable::NameOf(Key key) const {
  return Format("key %016llx of table %d", static_cast<unsigned long long>(key), options_.number);
}

}  // namespace primacy
