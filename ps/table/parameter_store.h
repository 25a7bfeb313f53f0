// All parameters of one server: an embedding table per row layout, and its blocks of the dense
// tensors.
//
// Bit-determinism: whatever the number of servers and the timing, the same calls for a virtual
// shard leave the same bits in it. Sums run in the order of the calls, admission and caps count per
// virtual shard, new rows come from hash(seed, key).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "common/protocol/dense_layout.h"
#include "common/protocol/messages.pb.h"
#include "ps/checkpoint/shard_file.h"
#include "ps/optimizer/optimizer.h"
#include "ps/table/store_snapshot.h"

namespace primacy {

struct StoreOptions {
  ParameterSpec parameters;
  ShardRange shards;
  uint64_t seed = 1;
  OptimizerConfig table_optimizer;
  OptimizerConfig dense_optimizer;
  TableConfig table;
};

struct StoreStats {
  int64_t rows = 0;
  int64_t bytes = 0;         // memory of tables and dense blocks, all included
  int64_t refused_keys = 0;  // updates that a cap refused
  int64_t evicted_rows = 0;
  int64_t waiting_keys = 0;  // seen, not yet admitted
};

struct UpdateOptions {
  Step step = 0;                  // for schedules and bias correction
  int64_t pass = 0;               // remembered per row, for eviction
  double scale = 1;               // factor on all gradients (clipping)
  double table_rate = 1;          // factor on the tables' learning rate
  uint64_t active_tasks = ~0ull;  // tensors private to other tasks stay as they are
  bool freeze_shared = false;     // shared tensors and table rows stay as they are
};

// Where the rows of some keys of a table are. Found once by Locate; gathering and updating the same
// keys then need no look-up. Valid until Evict, Reset or Load; updates in between do not matter: a
// key that had no row is looked up again wherever its place is used.
struct RowPlaces {
  std::vector<uint32_t> rows;  // [keys]
};

// Not thread safe: one owner thread.
class ParameterStore {
 public:
  static Result<std::unique_ptr<ParameterStore>> Create(const StoreOptions& options);
  virtual ~ParameterStore() = default;

  virtual const DenseLayout& layout() const = 0;
  virtual const StoreOptions& options() const = 0;

  virtual void Locate(int table, std::span<const Key> keys, RowPlaces& places) const = 0;
  // Weights of `keys` into out [keys, dim]. Never inserts: a key without a row reads as its initial
  // value.
  virtual void Gather(int table, std::span<const Key> keys, float* out) const = 0;
  // The same with the places of `keys`.
  virtual void Gather(int table, std::span<const Key> keys, const RowPlaces& places,
                      float* out) const = 0;
  // Weights of keys[which[i]] into out [which, dim]. `places` are those of all `keys`.
  virtual void GatherSome(int table, std::span<const Key> keys, const RowPlaces& places,
                          std::span<const uint32_t> which, float* out) const = 0;
  // Weights of layout().BlocksOf(shards), one after the other.
  virtual void GatherDense(float* out) const = 0;

  // An update: Begin, any number of Accumulate (in worker order), Apply. Gradients of a key or
  // block that come several times are added in the order of the calls, in float.
  // REQUIRES: the keys belong to options().shards (a caller that got them from a peer checks that).
  virtual void BeginUpdate() = 0;
  virtual void Accumulate(int table, std::span<const Key> keys, const float* gradients) = 0;
  // The same with the places of `keys`, without a copy where the call stays the only one of its
  // table. REQUIRES: the keys are all different; keys, places and gradients stay as they are until
  // the tables are applied or the next BeginUpdate.
  virtual void Accumulate(int table, std::span<const Key> keys, const RowPlaces& places,
                          const float* gradients) = 0;
  virtual void AccumulateDense(const float* gradients) = 0;
  // Sum of squares (double) of the accumulated gradients per virtual shard of the range; for
  // clipping by global norm.
  virtual void SquaredNorms(std::span<double> by_shard) const = 0;
  // Fails, and changes nothing, when a gradient is not finite; the error names the table or tensor.
  virtual Status Apply(const UpdateOptions& update) = 0;
  // The two halves of Apply, each with its own check, for a caller whose dense gradients come
  // later.
  virtual Status ApplyTables(const UpdateOptions& update) = 0;
  virtual Status ApplyDense(const UpdateOptions& update) = 0;

  // Removes rows whose last update was more than table.evict_after_passes passes before `pass`.
  virtual void Evict(int64_t pass) = 0;
  // As after Create. With keep_weights: rows and dense weights stay; slots, counters and admission
  // start anew.
  virtual void Reset(bool keep_weights) = 0;

  // Rows in the order (shard, table, key), so that equal contents give equal bytes.
  virtual Status Save(ShardFileWriter& writer) const = 0;
  // What CopyTo has to copy, for StoreSnapshot::Prepare.
  virtual StoreSize SizeToCopy() const = 0;
  // Copies what Save would write to `snapshot`, which is of this store alone. False, and nothing is
  // copied, where that takes more memory than `limits` or the system allow.
  virtual bool CopyTo(StoreSnapshot& snapshot, const StoreSnapshot::Limits& limits) const = 0;
  // Adds what `reader` holds of this store's shards; call Reset(false) first, then once per file.
  // With weights_only slots and counters start anew.
  virtual Status Load(ShardFileReader& reader, bool weights_only) = 0;

  virtual StoreStats stats() const = 0;
};

}  // namespace primacy
