// What all parts of the model know of the batch being computed, and how it is cut.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace primacy {

// One batch's settings, the same for all parts of the model.
struct StepContext {
  size_t rows = 0;
  const float* dense = nullptr;  // flat buffer of parameters
  bool dropout = false;
  uint64_t dropout_seed = 0;
  std::span<const uint64_t> row_sequence;  // [rows], for dropout
};

// Which members, gates, experts or tasks take part: one entry each.
using ActiveMask = std::vector<bool>;

// Rows [begin, begin + rows) of a batch. A tile goes through the whole network, from the embeddings
// to the scores and back, before the next one: what a layer leaves behind is in the second-level
// cache still when the next one reads it.
struct Tile {
  size_t begin = 0;
  size_t rows = 0;
};
constexpr size_t kTileRows = 256;

// Rows of a batch's first, largest tile.
inline size_t TileRowsMax(size_t rows) { return std::min(kTileRows, rows); }

template <typename Visit>
void ForEachTile(size_t rows, Visit visit) {
  for (size_t begin = 0; begin < rows; begin += kTileRows) {
    visit(Tile{begin, std::min(kTileRows, rows - begin)});
  }
}

}  // namespace primacy
