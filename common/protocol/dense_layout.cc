#include "common/protocol/dense_layout.h"

#include <algorithm>
#include <tuple>

namespace primacy {

DenseLayout::DenseLayout(const ParameterSpec& parameters) {
  for (int t = 0; t < parameters.tensor_size(); ++t) {
    const TensorSpec& tensor = parameters.tensor(t);
    const size_t size = static_cast<size_t>(tensor.rows() * tensor.cols());
    const uint64_t name_hash = HashBytes(tensor.name());
    tensor_begin_.push_back(flat_size_);
    tensor_size_.push_back(size);
    for (size_t begin = 0; begin < size; begin += kDenseBlockFloats) {
      const uint32_t number = static_cast<uint32_t>(begin / kDenseBlockFloats);
      blocks_.push_back({t, number, ShardOf(HashCombine(name_hash, number)), begin,
                         flat_size_ + begin, std::min(kDenseBlockFloats, size - begin)});
    }
    flat_size_ += (size + 15) / 16 * 16;
  }
  std::sort(blocks_.begin(), blocks_.end(), [](const DenseBlock& a, const DenseBlock& b) {
    return std::tie(a.shard, a.tensor, a.number) < std::tie(b.shard, b.tensor, b.number);
  });
}

std::span<const DenseBlock> DenseLayout::BlocksOf(ShardRange shards) const {
  const auto before = [](const DenseBlock& block, uint32_t shard) { return block.shard < shard; };
  const auto first = std::lower_bound(blocks_.begin(), blocks_.end(), shards.begin, before);
  const auto last = std::lower_bound(first, blocks_.end(), shards.end, before);
  return {first, last};
}

size_t DenseLayout::FloatsOf(ShardRange shards) const {
  size_t floats = 0;
  for (const DenseBlock& block : BlocksOf(shards)) floats += block.size;
  return floats;
}

float InitialDenseValue(uint64_t seed, const TensorSpec& tensor, uint64_t name_hash,
                        uint64_t element) {
  const double uniform = RandomUniform(HashCombine(seed, name_hash), element);
  return static_cast<float>((2.0 * uniform - 1.0) * tensor.init_bound());
}

}  // namespace primacy
