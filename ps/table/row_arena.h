// The rows of a table: fixed-size rows in chunks that never move, each with its counters aside in
// the same chunk (and so the same huge page).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/base/huge_pages.h"
#include "ps/table/prefetch.h"

namespace primacy {

// What is known of a row besides its floats.
struct RowCounters {
  uint32_t update_count = 0;
  uint32_t last_pass = 0;
};

// Rows are 16-byte aligned, and aligned to cache lines where their size is a multiple of one. Not
// thread safe.
class RowArena {
 public:
  // Floats of the longest row that fits.
  static constexpr size_t kRowFloatsMax =
      (kHugePageBytes - sizeof(RowCounters)) / sizeof(float) - 16;

  // REQUIRES: 0 < row_floats <= kRowFloatsMax.
  explicit RowArena(size_t row_floats);

  // The id of a row with unspecified floats and counters. Removed rows are used again.
  uint32_t Add();
  // REQUIRES: `id` is in use.
  void Remove(uint32_t id) { free_.push_back(id); }

  float* row(uint32_t id) const {
    return reinterpret_cast<float*>(chunk(id) + slot(id) * stride_bytes_);
  }
  RowCounters& counters(uint32_t id) const {
    return *reinterpret_cast<RowCounters*>(chunk(id) + counters_begin_ +
                                           slot(id) * sizeof(RowCounters));
  }
  // Brings a row and its counters towards the processor, to be changed or to read its first
  // `bytes`.
  void PrefetchWeights(uint32_t id, size_t bytes) const {
    const std::byte* const begin = chunk(id) + slot(id) * stride_bytes_;
    for (size_t at = 0; at < bytes; at += 64) PrefetchToRead(begin + at);
  }
  void PrefetchAll(uint32_t id) const {
    const std::byte* const begin = chunk(id) + slot(id) * stride_bytes_;
    for (size_t at = 0; at < stride_bytes_; at += 64) PrefetchToWrite(begin + at);
    PrefetchToWrite(&counters(id));
  }

  void PrefetchToSave(uint32_t id) const {
    PrefetchWeights(id, stride_bytes_);
    PrefetchToRead(&counters(id));
  }

  // A copy, chunk by chunk, that may be read as the rows are; nothing can be added to it. REQUIRES:
  // rows of one size, and a chunk to copy to.
  size_t chunks() const { return chunks_.size(); }
  // REQUIRES: of kHugePageBytes.
  void AddChunk(HugePages chunk) { chunks_.push_back(std::move(chunk)); }
  void CopyChunk(const RowArena& other, size_t number);

  size_t bytes() const {
    return chunks_.size() * kHugePageBytes + free_.capacity() * sizeof(uint32_t);
  }

 private:
  // An id is (chunk << slot_bits_) | slot: no division is needed, and chunks hold as many rows as
  // fit.
  std::byte* chunk(uint32_t id) const { return chunks_[id >> slot_bits_].data(); }
  size_t slot(uint32_t id) const { return id & ((uint32_t{1} << slot_bits_) - 1); }

  size_t stride_bytes_;
  uint32_t rows_per_chunk_;
  size_t counters_begin_;
  int slot_bits_;
  uint32_t rows_in_last_chunk_ = 0;
  std::vector<HugePages> chunks_;
  std::vector<uint32_t> free_;
};

}  // namespace primacy
