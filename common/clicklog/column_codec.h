// How the values of one column become bytes: plain, byte planes, deltas, or a dictionary with
// indices.
//
// Byte planes put all lowest bytes first, then all second bytes and so on, which is what lets zstd
// see that the upper bytes of small numbers and of similar floats repeat.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/bytes.h"

namespace primacy::clicklog {

enum class Encoding : uint8_t {
  kPlain = 0,       // T[values]
  kPlanes = 1,      // sizeof(T) planes of `values` bytes
  kDictionary = 2,  // u32:entries T[entries], then `values` indices in as many planes as entries −
                    // 1 needs bytes
  kDelta =
      3,  // differences to the value before (the first: to 0), zigzag, in planes; integers only
};

// What to expect of a column: it decides between encodings of equal size before compression.
enum class ColumnHint {
  kRandom,   // hashes: repeats or nothing
  kNumeric,  // neighbours in value share upper bytes
  kRising,   // counters and times
};

struct EncodedColumn {
  Encoding encoding = Encoding::kPlain;
  ByteVector bytes;
};

// T is uint8_t, uint32_t, uint64_t, int64_t or float. Floats keep their bits.
template <typename T>
EncodedColumn EncodeColumn(std::span<const T> values, ColumnHint hint);

// `values` has been checked against the memory limits by the caller. Fails when `bytes` is not
// exactly such a column.
template <typename T>
Result<std::vector<T>> DecodeColumn(Encoding encoding, std::span<const std::byte> bytes,
                                    size_t values);

}  // namespace primacy::clicklog
