// The values of one server's blocks of the dense tensors, as they are saved.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "common/protocol/dense_layout.h"
#include "ps/checkpoint/shard_file.h"

namespace primacy {

// A copy is a snapshot: it refers to nothing else.
struct DenseContent {
  std::vector<DenseBlock> blocks;  // by shard, tensor, number
  std::vector<size_t> begin;       // [block], of [weights | slots] in `values`
  std::vector<size_t> floats;      // [block], weights and slots
  std::vector<float> values;

  StoredBlock Stored(size_t block) const {
    return {.tensor = blocks[block].tensor,
            .number = blocks[block].number,
            .floats = std::span(values).subspan(begin[block], floats[block])};
  }
};

}  // namespace primacy
