// One row layout of embeddings: rows of [weights | slots] found by key, with admission, a cap per
// virtual shard, and eviction.
//
// What the rows of a virtual shard hold follows from the calls for its keys alone, whatever other
// shards the table has.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "common/protocol/messages.pb.h"
#include "common/protocol/sharding.h"
#include "ps/checkpoint/shard_file.h"
#include "ps/optimizer/optimizer.h"
#include "ps/table/key_index.h"
#include "ps/table/placed_keys.h"
#include "ps/table/row_arena.h"
#include "ps/table/shard_budget.h"
#include "ps/table/table_content.h"
#include "ps/table/waiting_keys.h"

namespace primacy {

// Not thread safe.
class EmbeddingTable {
 public:
  struct Options {
    int number = 0;  // index into ParameterSpec.table
    TableSpec spec;
    ShardRange shards;
    uint64_t seed = 1;
    uint32_t admit_count = 1;
  };
  // `optimizer` and `budget` outlive the table; the budget may be shared with other tables.
  EmbeddingTable(const Options& options, const Optimizer& optimizer, ShardBudget& budget);

  size_t dim() const { return dim_; }
  // Weights and slots.
  size_t row_floats() const { return row_floats_; }

  // rows[i] of keys[i], for PlacedKeys: valid until rows are removed.
  void Locate(std::span<const Key> keys, uint32_t* rows) const;

  // Weights of `keys` into out [keys, dim]; initial values for keys without a row. Never inserts.
  void Gather(const PlacedKeys& keys, float* out) const;
  // Weights of keys[which[i]] into out [which, dim].
  void GatherSome(const PlacedKeys& keys, std::span<const uint32_t> which, float* out) const;

  // One update of `keys`, all different, with gradients [keys, dim]. Keys without a row are
  // counted, admitted, refused.
  void Update(const PlacedKeys& keys, const float* gradients, const UpdateFactors& update,
              int64_t pass);

  // Removes rows and waiting keys whose last update was before `pass`.
  void RemoveOlderThan(int64_t pass);
  // No rows; their memory goes back. Counts of refused and evicted keys begin anew.
  void Clear();
  // Rows keep their weights; slots, counters and admission begin anew.
  void ResetSlots();

  // What is saved of the table. Valid until the table changes.
  TableContent<KeyIndex> content() const {
    return {options_.number, row_floats_, index_, arena_, waiting_};
  }
  // Makes room for `rows` more saved rows, so that taking them over moves nothing.
  void ReserveRows(size_t rows);
  // Adds saved rows or waiting keys of a shard of the table, all with the same number of floats.
  // With weights_only the rows' slots and counters are initial, and waiting keys are left out.
  // Fails when a key is there already, the rows have another size, or the shard is full; some of
  // them may have been added then.
  Status Restore(std::span<const StoredRow> rows, bool weights_only);

  size_t rows() const { return index_.size(); }
  size_t waiting_keys() const { return waiting_.size(); }
  int64_t refused_keys() const { return refused_keys_; }
  int64_t evicted_rows() const { return evicted_rows_; }
  size_t bytes() const { return index_.bytes() + arena_.bytes() + waiting_.bytes(); }

 private:
  // Keys whose memory accesses overlap.
  static constexpr size_t kBatch = 64;
  static constexpr uint32_t kMissing = KeyIndex::kMissing;
  // Keys of one pass over the table that are worked on together.
  struct Batch {
    size_t begin = 0;  // of the pass
    size_t size = 0;
    std::array<Key, kBatch> keys;
    std::array<uint32_t, kBatch> rows;
  };

  // Passes `count` keys in batches: load(batch) sets the keys and known rows of positions [begin,
  // begin + size), prefetch(row) is called for every row some time before work(batch).
  template <typename Load, typename Prefetch, typename Work>
  void ForBatches(size_t count, Load load, Prefetch prefetch, Work work) const;
  static void LoadBatch(const PlacedKeys& keys, Batch& batch);

  // Gives `key` a row with unspecified floats, or kMissing when it has to wait or is refused.
  uint32_t Admit(Key key, uint32_t pass);
  // Rows for those keys of the batch that have none and are admitted, with initial floats.
  void AdmitBatch(uint32_t pass, Batch& batch);
  void UpdateBatch(const float* gradients, const UpdateFactors& update, uint32_t pass,
                   Batch& batch);
  void CopyBatch(const Batch& batch, float* out) const;
  void InitialSlots(float* row) const;
  Status CheckRowSize(const StoredRow& stored, bool weights_only) const;
  Status RestoreWaiting(const StoredRow& stored, bool weights_only);
  Status RestoreRow(const StoredRow& stored, bool weights_only);
  bool Waits(Key key) const { return waiting_.size() > 0 && waiting_.Find(key).has_value(); }
  std::string NameOf(Key key) const;

  const Options options_;
  const Optimizer& optimizer_;
  ShardBudget& budget_;
  const size_t dim_;
  const size_t row_floats_;
  std::vector<float> initial_slots_;
  KeyIndex index_;  // key → row
  RowArena arena_;
  WaitingKeys waiting_;
  int64_t refused_keys_ = 0;
  int64_t evicted_rows_ = 0;
};

}  // namespace primacy
