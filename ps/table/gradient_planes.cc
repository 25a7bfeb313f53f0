#include "ps/table/gradient_planes.h"

#include <algorithm>

#include "common/protocol/plane_products.h"
#include "ps/table/plane_math.h"
#include "ps/table/row_math.h"

namespace primacy {

GradientPlanes::GradientPlanes(const ParameterSpec& parameters, const DenseLayout& layout,
                               ShardRange shards)
    : parameters_(parameters), shards_(shards), blocks_(layout.BlocksOf(shards)) {
  for (const DenseBlock& block : blocks_) {
    const bool shared = parameters_.tensor(block.tensor).owner_task() < 0;
    (shared ? shared_floats_ : private_floats_) += block.size;
  }
  for (const TableSpec& table : parameters_.table()) {
    tables_.emplace_back();
    tables_.back().dim = static_cast<size_t>(table.dim());
  }
  private_.resize(private_floats_);
  dense_.resize(shared_floats_ + private_floats_);
}

size_t GradientPlanes::FloatsOf(size_t planes, std::span<const std::span<const Key>> tables) const {
  size_t floats = shared_floats_;
  for (size_t t = 0; t < tables_.size(); ++t) floats += tables[t].size() * tables_[t].dim;
  return planes * floats + private_floats_;
}

std::optional<size_t> GradientPlanes::PlaneOf(int task) const {
  const auto found = std::find(tasks_.begin(), tasks_.end(), task);
  if (found == tasks_.end()) return std::nullopt;
  return static_cast<size_t>(found - tasks_.begin());
}

void GradientPlanes::Begin(uint64_t plane_tasks) {
  const size_t planes_before = planes();
  tasks_ = TasksOf(plane_tasks);
  CHECK(!tasks_.empty());
  added_ = 0;
  for (Table& table : tables_) {
    if (planes() != planes_before) table.sum = GradientSum(planes() * table.dim);
    table.sum.Clear();
  }
  shared_.resize(planes() * shared_floats_);
}

void GradientPlanes::Add(std::span<const std::span<const Key>> tables,
                         std::span<const RowPlaces> places, std::span<const float> gradients) {
  CHECK_EQ(gradients.size(), FloatsOf(planes(), tables));
  const float* in = gradients.data();
  // The first worker's rows stay where they are when they are the only ones.
  const size_t buffer = added_ == 0 ? 0 : 1;
  for (size_t p = 0; p < planes(); ++p) {
    for (size_t t = 0; t < tables_.size(); ++t) {
      Table& table = tables_[t];
      const size_t floats = tables[t].size() * table.dim;
      std::vector<float>& placed = table.placed[buffer];
      if (placed.size() < planes() * floats) placed.resize(planes() * floats);
      PlaceRows(tables[t].size(), table.dim, planes(), p, in, placed.data());
      in += floats;
    }
    const std::span<float> shared = std::span(shared_).subspan(p * shared_floats_, shared_floats_);
    added_ == 0 ? void(std::copy_n(in, shared_floats_, shared.data())) : AddTo(shared, in);
    in += shared_floats_;
  }
  added_ == 0 ? void(std::copy_n(in, private_floats_, private_.data())) : AddTo(private_, in);
  for (size_t t = 0; t < tables_.size(); ++t) {
    tables_[t].sum.AddBorrowed({.keys = tables[t], .rows = places[t].rows},
                               tables_[t].placed[buffer].data());
  }
  ++added_;
}

std::vector<double> GradientPlanes::Products() const {
  const size_t numbers = NumbersPerShard(planes());
  std::vector<double> products(shards_.size() * numbers, 0.0);
  const auto of_shard = [&](uint32_t shard) {
    return products.data() + (shard - shards_.begin) * numbers;
  };
  for (const Table& table : tables_) {
    const std::span<const Key> keys = table.sum.keys().keys;
    const float* row = table.sum.gradients().data();
    for (const Key key : keys) {
      AddProducts(planes(), table.dim, row, of_shard(ShardOf(key)));
      row += planes() * table.dim;
    }
  }
  size_t shared_at = 0, private_at = 0;
  for (const DenseBlock& block : blocks_) {
    double* const sums = of_shard(block.shard);
    const int owner = parameters_.tensor(block.tensor).owner_task();
    if (owner < 0) {
      for (size_t i = 0; i < planes(); ++i) {
        const std::span<const float> plane =
            std::span(shared_).subspan(i * shared_floats_ + shared_at, block.size);
        for (size_t j = 0; j <= i; ++j)
          sums[ProductAt(i, j)] +=
              DotProduct(plane, shared_.data() + j * shared_floats_ + shared_at);
      }
      shared_at += block.size;
      continue;
    }
    if (const std::optional<size_t> plane = PlaneOf(owner)) {
      sums[PrivateSquareAt(planes(), *plane)] +=
          SumOfSquares(std::span(private_).subspan(private_at, block.size));
    }
    private_at += block.size;
  }
  return products;
}

void GradientPlanes::Weigh(std::span<const double> shared_weights,
                           std::span<const double> private_weights) {
  for (Table& table : tables_) {
    const PlacedKeys keys = table.sum.keys();
    const size_t count = keys.keys.size();
    if (table.weighed.size() < count * table.dim) table.weighed.resize(count * table.dim);
    const float* rows = table.sum.gradients().data();
    for (size_t k = 0; k < count; ++k) {
      WeighPlanes(table.dim, table.dim, shared_weights, rows + k * planes() * table.dim,
                  table.weighed.data() + k * table.dim);
    }
    table.places.rows.assign(keys.rows.begin(), keys.rows.end());
  }
  size_t shared_at = 0, private_at = 0;
  float* out = dense_.data();
  for (const DenseBlock& block : blocks_) {
    const int owner = parameters_.tensor(block.tensor).owner_task();
    if (owner < 0) {
      WeighPlanes(block.size, shared_floats_, shared_weights, shared_.data() + shared_at, out);
      shared_at += block.size;
    } else {
      const std::optional<size_t> plane = PlaneOf(owner);
      const double weight = plane.has_value() ? private_weights[*plane] : 0;
      WeighPlanes(block.size, 0, {&weight, 1}, private_.data() + private_at, out);
      private_at += block.size;
    }
    out += block.size;
  }
}

void GradientPlanes::AccumulateTo(ParameterStore& store) const {
  for (size_t t = 0; t < tables_.size(); ++t) {
    store.Accumulate(static_cast<int>(t), tables_[t].sum.keys().keys, tables_[t].places,
                     tables_[t].weighed.data());
  }
  store.AccumulateDense(dense_.data());
}

}  // namespace primacy
