#include "ps/table/dense_blocks.h"

#include <algorithm>
#include <tuple>

#include "common/base/hash.h"
#include "common/base/strings.h"
#include "ps/table/row_math.h"

namespace primacy {

DenseBlocks::DenseBlocks(const ParameterSpec& parameters, const DenseLayout& layout,
                         ShardRange shards, uint64_t seed, const Optimizer& optimizer)
    : parameters_(parameters), shards_(shards), seed_(seed), optimizer_(optimizer) {
  const std::span<const DenseBlock> blocks = layout.BlocksOf(shards);
  content_.blocks.assign(blocks.begin(), blocks.end());
  size_t end = 0;
  for (const DenseBlock& block : blocks) {
    const size_t floats = block.size + SlotFloats(block);
    content_.begin.push_back(end);
    content_.floats.push_back(floats);
    end += (floats + 15) / 16 * 16;
  }
  content_.values.resize(end);
  gradients_.resize(layout.FloatsOf(shards));
  Reset();
}

void DenseBlocks::Gather(float* out) const {
  for (size_t b = 0; b < content_.blocks.size(); ++b) {
    out = std::copy_n(content_.values.data() + content_.begin[b], content_.blocks[b].size, out);
  }
}

void DenseBlocks::AddGradients(const float* gradients) {
  if (has_gradients_) {
    AddTo(gradients_, gradients);
  } else {
    std::copy_n(gradients, gradients_.size(), gradients_.data());
  }
  has_gradients_ = true;
}

void DenseBlocks::AddSquaredNorms(std::span<double> by_shard) const {
  if (!has_gradients_) return;
  size_t begin = 0;
  for (const DenseBlock& block : content_.blocks) {
    by_shard[block.shard - shards_.begin] +=
        SumOfSquares(std::span(gradients_).subspan(begin, block.size));
    begin += block.size;
  }
}

Status DenseBlocks::CheckGradients() const {
  if (!has_gradients_ || AllFinite(gradients_)) return Ok();
  size_t begin = 0;
  for (const DenseBlock& block : content_.blocks) {
    if (!AllFinite(std::span(gradients_).subspan(begin, block.size))) {
      return Failure(Format("the gradient of tensor %s is not finite",
                            parameters_.tensor(block.tensor).name().c_str()));
    }
    begin += block.size;
  }
  return Ok();
}

void DenseBlocks::Update(Step step, float scale, const Selection& selection) {
  if (!has_gradients_) return;
  const float* gradient = gradients_.data();
  for (size_t b = 0; b < content_.blocks.size(); gradient += content_.blocks[b].size, ++b) {
    const int owner = parameters_.tensor(content_.blocks[b].tensor).owner_task();
    const bool selected = owner < 0 ? selection.shared : (selection.active_tasks >> owner & 1) != 0;
    if (!selected) continue;
    float* const rows[] = {content_.values.data() + content_.begin[b]};
    optimizer_.Update({.step = step, .gradient = scale}, content_.blocks[b].size, rows, gradient);
  }
}

void DenseBlocks::InitialSlots(size_t block) {
  const size_t size = content_.blocks[block].size;
  optimizer_.InitialSlots(size, content_.values.data() + content_.begin[block] + size);
}

void DenseBlocks::Reset() {
  for (size_t b = 0; b < content_.blocks.size(); ++b) {
    const DenseBlock& block = content_.blocks[b];
    const TensorSpec& tensor = parameters_.tensor(block.tensor);
    const uint64_t name_hash = HashBytes(tensor.name());
    float* const weights = content_.values.data() + content_.begin[b];
    for (size_t i = 0; i < block.size; ++i) {
      weights[i] = InitialDenseValue(seed_, tensor, name_hash, block.tensor_begin + i);
    }
    InitialSlots(b);
  }
  ClearGradients();
}

void DenseBlocks::ResetSlots() {
  for (size_t b = 0; b < content_.blocks.size(); ++b) InitialSlots(b);
  ClearGradients();
}

Status DenseBlocks::Restore(uint32_t shard, const StoredBlock& stored, bool weights_only) {
  const auto place = [](const DenseBlock& block) {
    return std::tie(block.shard, block.tensor, block.number);
  };
  const DenseBlock wanted{.tensor = stored.tensor, .number = stored.number, .shard = shard};
  const auto found = std::lower_bound(
      content_.blocks.begin(), content_.blocks.end(), wanted,
      [&](const DenseBlock& a, const DenseBlock& b) { return place(a) < place(b); });
  if (found == content_.blocks.end() || place(*found) != place(wanted)) {
    return Failure(Format("shard %u holds block %u of tensor %d, which is not its own", shard,
                          stored.number, stored.tensor));
  }
  const size_t block = static_cast<size_t>(found - content_.blocks.begin());
  const size_t floats = content_.floats[block];
  const size_t floats_min = weights_only ? found->size : floats;
  if (stored.floats.size() < floats_min || (!weights_only && stored.floats.size() > floats_min)) {
    return UsageError(
        Format("block %u of tensor %s has %zu floats, not %zu: it was saved with "
               "another dense_optimizer",
               stored.number, parameters_.tensor(stored.tensor).name().c_str(),
               stored.floats.size(), floats));
  }
  std::copy_n(stored.floats.data(), weights_only ? found->size : floats,
              content_.values.data() + content_.begin[block]);
  if (weights_only) InitialSlots(block);
  return Ok();
}

}  // namespace primacy
