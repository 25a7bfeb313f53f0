#include "ps/table/parameter_store.h"

#include <algorithm>
#include <cmath>

#include "common/base/strings.h"
#include "ps/table/dense_blocks.h"
#include "ps/table/embedding_table.h"
#include "ps/table/gradient_sum.h"
#include "ps/table/row_math.h"
#include "ps/table/store_check.h"
#include "ps/table/table_content.h"

namespace primacy {
namespace {

class Store final : public ParameterStore {
 public:
  Store(const StoreOptions& options, std::unique_ptr<Optimizer> table_optimizer,
        std::unique_ptr<Optimizer> dense_optimizer)
      : options_(options),
        table_optimizer_(std::move(table_optimizer)),
        dense_optimizer_(std::move(dense_optimizer)),
        layout_(options_.parameters),
        budget_(options_.shards, options_.table.rows_per_shard_max()),
        dense_(options_.parameters, layout_, options_.shards, options_.seed, *dense_optimizer_) {
    tables_.reserve(static_cast<size_t>(options_.parameters.table_size()));
    for (int t = 0; t < options_.parameters.table_size(); ++t) {
      const EmbeddingTable::Options table{
          .number = t,
          .spec = options_.parameters.table(t),
          .shards = options_.shards,
          .seed = options_.seed,
          .admit_count = static_cast<uint32_t>(options_.table.admit_count())};
      tables_.emplace_back(table, *table_optimizer_, budget_);
      gradients_.emplace_back(tables_.back().dim());
    }
  }

  const DenseLayout& layout() const override { return layout_; }
  const StoreOptions& options() const override { return options_; }

  void Locate(int table, std::span<const Key> keys, RowPlaces& places) const override {
    places.rows.resize(keys.size());
    TableAt(table).Locate(keys, places.rows.data());
  }
  void Gather(int table, std::span<const Key> keys, float* out) const override {
    TableAt(table).Gather({.keys = keys}, out);
  }
  void Gather(int table, std::span<const Key> keys, const RowPlaces& places,
              float* out) const override {
    TableAt(table).Gather({.keys = keys, .rows = places.rows}, out);
  }
  void GatherSome(int table, std::span<const Key> keys, const RowPlaces& places,
                  std::span<const uint32_t> which, float* out) const override {
    TableAt(table).GatherSome({.keys = keys, .rows = places.rows}, which, out);
  }
  void GatherDense(float* out) const override { dense_.Gather(out); }

  void BeginUpdate() override {
    for (GradientSum& sum : gradients_) sum.Clear();
    dense_.ClearGradients();
  }
  void Accumulate(int table, std::span<const Key> keys, const float* gradients) override {
    CHECK(AllInside(keys)) << "a key of another server's shards";
    gradients_.at(static_cast<size_t>(table)).Add({.keys = keys}, gradients);
  }
  void Accumulate(int table, std::span<const Key> keys, const RowPlaces& places,
                  const float* gradients) override {
    CHECK(AllInside(keys)) << "a key of another server's shards";
    gradients_.at(static_cast<size_t>(table))
        .AddBorrowed({.keys = keys, .rows = places.rows}, gradients);
  }
  void AccumulateDense(const float* gradients) override { dense_.AddGradients(gradients); }

  void SquaredNorms(std::span<double> by_shard) const override {
    CHECK_EQ(by_shard.size(), options_.shards.size());
    std::fill(by_shard.begin(), by_shard.end(), 0.0);
    for (const GradientSum& sum : gradients_) sum.AddSquaredNorms(options_.shards, by_shard);
    dense_.AddSquaredNorms(by_shard);
  }

  Status Apply(const UpdateOptions& update) override {
    PRIMACY_TRY(CheckTableGradients());
    PRIMACY_TRY(dense_.CheckGradients());
    UpdateTables(update);
    UpdateDense(update);
    return Ok();
  }
  Status ApplyTables(const UpdateOptions& update) override {
    PRIMACY_TRY(CheckTableGradients());
    UpdateTables(update);
    return Ok();
  }
  Status ApplyDense(const UpdateOptions& update) override {
    PRIMACY_TRY(dense_.CheckGradients());
    UpdateDense(update);
    return Ok();
  }

  void Evict(int64_t pass) override {
    const int64_t passes = options_.table.evict_after_passes();
    if (passes <= 0) return;
    for (EmbeddingTable& table : tables_) table.RemoveOlderThan(pass - passes);
  }

  void Reset(bool keep_weights) override {
    BeginUpdate();
    for (EmbeddingTable& table : tables_) keep_weights ? table.ResetSlots() : table.Clear();
    keep_weights ? dense_.ResetSlots() : dense_.Reset();
  }

  Status Save(ShardFileWriter& writer) const override {
    return SaveContent(options_.shards, Contents(), dense_.content(), writer);
  }
  StoreSize SizeToCopy() const override { return SizeOf(options_.shards, Contents()); }
  bool CopyTo(StoreSnapshot& snapshot, const StoreSnapshot::Limits& limits) const override {
    return snapshot.Take(options_.shards, Contents(), dense_.content(), limits);
  }

  Status Load(ShardFileReader& reader, bool weights_only) override {
    PRIMACY_TRY(CheckSameParameters(options_.parameters, reader.parameters()));
    const ShardRange range{std::max(options_.shards.begin, reader.shards().begin),
                           std::min(options_.shards.end, reader.shards().end)};
    if (range.begin >= range.end) return Ok();
    ReserveRows(reader, range);
    const ShardFileReader::Visitor visitor{
        .block = [&](uint32_t shard, const StoredBlock& block) -> Status {
          return dense_.Restore(shard, block, weights_only);
        },
        .rows = [&](uint32_t shard, std::span<const StoredRow> rows) -> Status {
          PRIMACY_TRY(CheckPlace(shard, rows));
          return tables_[static_cast<size_t>(rows[0].table)].Restore(rows, weights_only);
        }};
    return reader.Visit(range, visitor);
  }

  StoreStats stats() const override {
    StoreStats stats;
    size_t bytes = dense_.bytes();
    for (const GradientSum& sum : gradients_) bytes += sum.bytes();
    for (const EmbeddingTable& table : tables_) {
      bytes += table.bytes();
      stats.rows += static_cast<int64_t>(table.rows());
      stats.waiting_keys += static_cast<int64_t>(table.waiting_keys());
      stats.refused_keys += table.refused_keys();
      stats.evicted_rows += table.evicted_rows();
    }
    stats.bytes = static_cast<int64_t>(bytes);
    return stats;
  }

 private:
  const EmbeddingTable& TableAt(int table) const { return tables_.at(static_cast<size_t>(table)); }

  bool AllInside(std::span<const Key> keys) const {
    bool inside = true;
    for (const Key key : keys) inside &= options_.shards.Contains(ShardOf(key));
    return inside;
  }

  Status CheckTableGradients() const {
    for (size_t t = 0; t < tables_.size(); ++t) {
      if (!AllFinite(gradients_[t].gradients())) {
        return Failure(Format("the gradient of table %zu (rows of %zu weights) is not finite", t,
                              tables_[t].dim()));
      }
    }
    return Ok();
  }

  std::vector<TableContent<KeyIndex>> Contents() const {
    std::vector<TableContent<KeyIndex>> contents;
    for (const EmbeddingTable& table : tables_) contents.push_back(table.content());
    return contents;
  }

  // Room for what `reader` holds of `range`, taking its rows for evenly spread over its shards.
  void ReserveRows(const ShardFileReader& reader, ShardRange range) {
    const double share = static_cast<double>(range.size()) / reader.shards().size();
    for (size_t t = 0; t < tables_.size(); ++t) {
      const uint64_t rows = reader.table(static_cast<int>(t)).rows;
      tables_[t].ReserveRows(static_cast<size_t>(static_cast<double>(rows) * share));
    }
  }

  Status CheckPlace(uint32_t shard, std::span<const StoredRow> rows) const {
    bool inside = true;
    for (const StoredRow& row : rows) {
      inside &= row.table == rows[0].table && ShardOf(row.key) == shard;
    }
    const int table = rows[0].table;
    if (inside && table >= 0 && table < static_cast<int>(tables_.size())) return Ok();
    return Failure(Format("shard %u holds a row that is not its own", shard));
  }

  void UpdateTables(const UpdateOptions& update) {
    if (update.freeze_shared) return;
    for (size_t t = 0; t < tables_.size(); ++t) {
      tables_[t].Update(
          gradients_[t].keys(), gradients_[t].gradients().data(),
          {.step = update.step, .gradient = ScaleOf(update), .rate = update.table_rate},
          update.pass);
    }
  }

  void UpdateDense(const UpdateOptions& update) {
    dense_.Update(update.step, ScaleOf(update),
                  {.active_tasks = update.active_tasks, .shared = !update.freeze_shared});
  }

  static float ScaleOf(const UpdateOptions& update) {
    const float scale = static_cast<float>(update.scale);
    CHECK(std::isfinite(scale)) << update.scale;
    return scale;
  }

  const StoreOptions options_;
  const std::unique_ptr<Optimizer> table_optimizer_;
  const std::unique_ptr<Optimizer> dense_optimizer_;
  const DenseLayout layout_;
  ShardBudget budget_;
  DenseBlocks dense_;
  std::vector<EmbeddingTable> tables_;  // [table]
  std::vector<GradientSum> gradients_;  // [table], of the update that is under way
};

}  // namespace

Result<std::unique_ptr<ParameterStore>> ParameterStore::Create(const StoreOptions& options) {
  PRIMACY_ASSIGN(auto table_optimizer, MakeOptimizer(options.table_optimizer, "table_optimizer"));
  PRIMACY_ASSIGN(auto dense_optimizer, MakeOptimizer(options.dense_optimizer, "dense_optimizer"));
  PRIMACY_TRY(CheckStoreOptions(options, *table_optimizer));
  return std::unique_ptr<ParameterStore>(
      std::make_unique<Store>(options, std::move(table_optimizer), std::move(dense_optimizer)));
}

}  // namespace primacy
