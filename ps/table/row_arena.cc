#include "ps/table/row_arena.h"

#include <glog/logging.h>

#include <bit>
#include <cstring>

namespace primacy {

RowArena::RowArena(size_t row_floats) : stride_bytes_((row_floats * sizeof(float) + 15) / 16 * 16) {
  CHECK_GT(row_floats, 0u);
  CHECK_LE(row_floats, kRowFloatsMax);
  rows_per_chunk_ = static_cast<uint32_t>(kHugePageBytes / (stride_bytes_ + sizeof(RowCounters)));
  counters_begin_ = rows_per_chunk_ * stride_bytes_;
  slot_bits_ = std::bit_width(rows_per_chunk_ - 1);
  rows_in_last_chunk_ = rows_per_chunk_;
}

uint32_t RowArena::Add() {
  if (!free_.empty()) {
    const uint32_t id = free_.back();
    free_.pop_back();
    return id;
  }
  if (rows_in_last_chunk_ == rows_per_chunk_) {
    // The last id is kept out of use: it stands for "no row".
    CHECK_LT(chunks_.size() + 1, size_t{1} << (32 - slot_bits_)) << "more rows than ids";
    chunks_.emplace_back(kHugePageBytes);
    rows_in_last_chunk_ = 0;
  }
  return (static_cast<uint32_t>(chunks_.size() - 1) << slot_bits_) | rows_in_last_chunk_++;
}

void RowArena::CopyChunk(const RowArena& other, size_t number) {
  CHECK_EQ(stride_bytes_, other.stride_bytes_);
  std::memcpy(chunks_[number].data(), other.chunks_[number].data(), kHugePageBytes);
}

}  // namespace primacy
