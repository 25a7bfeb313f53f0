#include "common/clicklog/column_codec.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>

#include "common/base/strings.h"

namespace primacy::clicklog {
namespace {

// The unsigned integer with the bits of T.
template <typename T>
using Bits = std::conditional_t<sizeof(T) == 1, uint8_t,
                                std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>;

template <typename T>
std::span<const Bits<T>> AsBits(std::span<const T> values) {
  return {reinterpret_cast<const Bits<T>*>(values.data()), values.size()};
}

template <typename U>
void PutPlanes(std::span<const U> values, size_t planes, ByteVector& out) {
  size_t at = out.size();
  out.resize(at + planes * values.size());
  for (size_t p = 0; p < planes; ++p) {
    for (const U value : values) out[at++] = static_cast<std::byte>(value >> (8 * p));
  }
}

// values[i] from planes of `count` bytes each.
template <typename U>
void TakePlanes(const std::byte* planes, size_t plane_count, size_t count, U* values) {
  std::fill_n(values, count, U{0});
  for (size_t p = 0; p < plane_count; ++p) {
    const std::byte* plane = planes + p * count;
    for (size_t i = 0; i < count; ++i) {
      values[i] = static_cast<U>(values[i] | static_cast<U>(static_cast<U>(plane[i]) << (8 * p)));
    }
  }
}

// Bytes of an index below `entries`.
size_t IndexBytes(size_t entries) {
  return entries <= 1 ? 0 : (std::bit_width(entries - 1) + 7) / 8;
}

// Distinct values in order of first appearance, and the position of each value among them. Open
// addressing, linear probes.
template <typename U>
struct Dictionary {
  std::vector<U> entries;
  std::vector<uint32_t> indices;
  bool whole = false;  // false: given up, because there are more than `entries_max`

  Dictionary(std::span<const U> values, size_t entries_max) : indices(values.size()) {
    constexpr uint32_t kFree = std::numeric_limits<uint32_t>::max();
    const size_t places = std::bit_ceil(2 * (std::min(entries_max, values.size()) + 1));
    const int shift = 64 - std::countr_zero(places);
    std::vector<uint32_t> table(places, kFree);
    entries.resize(std::min(entries_max, values.size()));
    size_t count = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      // The upper bits of a product with an odd number (Knuth's multiplicative hash).
      size_t place = static_cast<size_t>((values[i] * 0x9E3779B97F4A7C15ull) >> shift);
      while (table[place] != kFree && entries[table[place]] != values[i]) {
        place = (place + 1) & (places - 1);
      }
      if (table[place] == kFree) {
        if (count == entries_max) return;
        table[place] = static_cast<uint32_t>(count);
        entries[count++] = values[i];
      }
      indices[i] = table[place];
    }
    entries.resize(count);
    whole = true;
  }
};

template <typename U>
bool PutDictionary(std::span<const U> values, ByteVector& out) {
  // Past this many entries the indices alone cost more than what the repeats save.
  const size_t entries_max = values.size() - values.size() / 4;
  const Dictionary<U> dictionary(values, std::max<size_t>(1, entries_max));
  const size_t entries = dictionary.entries.size();
  const size_t index_bytes = IndexBytes(entries);
  const size_t total = 4 + entries * sizeof(U) + index_bytes * values.size();
  if (!dictionary.whole || total >= values.size() * sizeof(U)) return false;
  out.reserve(total);
  PutNumber<uint32_t>(static_cast<uint32_t>(entries), out);
  PutBytes(std::as_bytes(std::span(dictionary.entries)), out);
  PutPlanes<uint32_t>(dictionary.indices, index_bytes, out);
  return true;
}

template <typename U>
void PutDeltas(std::span<const U> values, ByteVector& out) {
  std::vector<U> deltas(values.size());
  U before = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const U delta = static_cast<U>(values[i] - before);
    const U sign = static_cast<U>(0) - static_cast<U>(delta >> (8 * sizeof(U) - 1));
    deltas[i] = static_cast<U>(delta << 1) ^ sign;
    before = values[i];
  }
  PutPlanes<U>(deltas, sizeof(U), out);
}

template <typename U>
void TakeDeltas(std::span<const std::byte> bytes, std::vector<U>& values) {
  TakePlanes(bytes.data(), sizeof(U), values.size(), values.data());
  U before = 0;
  for (U& value : values) {
    const U sign = static_cast<U>(0) - static_cast<U>(value & 1);
    before = static_cast<U>(before + static_cast<U>((value >> 1) ^ sign));
    value = before;
  }
}

template <typename U>
Status TakeDictionary(std::span<const std::byte> bytes, std::vector<U>& values) {
  ByteReader reader(bytes);
  const size_t count = reader.Take<uint32_t>();
  const std::span<const std::byte> entry_bytes = reader.TakeBytes(count * sizeof(U));
  const size_t index_bytes = IndexBytes(count);
  if (!reader.ok() || reader.left() != index_bytes * values.size() ||
      (count == 0 && !values.empty())) {
    return Failure(
        Format("a dictionary of %zu entries does not fit in %zu bytes", count, bytes.size()));
  }
  std::vector<U> entries(count);
  if (count > 0) std::memcpy(entries.data(), entry_bytes.data(), entry_bytes.size());
  if (index_bytes == 0) {
    if (count > 0) std::fill(values.begin(), values.end(), entries[0]);
    return Ok();
  }
  std::vector<uint32_t> indices(values.size());
  TakePlanes(bytes.data() + 4 + entry_bytes.size(), index_bytes, values.size(), indices.data());
  uint32_t largest = 0;
  for (const uint32_t index : indices) largest = std::max(largest, index);
  if (largest >= count)
    return Failure(Format("index %u into a dictionary of %zu entries", largest, count));
  for (size_t i = 0; i < values.size(); ++i) values[i] = entries[indices[i]];
  return Ok();
}

template <typename U>
Status TakeColumn(Encoding encoding, std::span<const std::byte> bytes, std::vector<U>& values) {
  if (encoding == Encoding::kDictionary) return TakeDictionary(bytes, values);
  if (bytes.size() != values.size() * sizeof(U)) {
    return Failure(Format("%zu bytes for %zu values", bytes.size(), values.size()));
  }
  switch (encoding) {
    case Encoding::kPlain:
      if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
      return Ok();
    case Encoding::kPlanes:
      TakePlanes(bytes.data(), sizeof(U), values.size(), values.data());
      return Ok();
    case Encoding::kDelta:
      TakeDeltas(bytes, values);
      return Ok();
    case Encoding::kDictionary:
      break;
  }
  return Failure(Format("encoding %d is not known", static_cast<int>(encoding)));
}

}  // namespace

template <typename T>
EncodedColumn EncodeColumn(std::span<const T> values, ColumnHint hint) {
  const std::span<const Bits<T>> bits = AsBits(values);
  EncodedColumn column;
  if (hint == ColumnHint::kRising) {
    column.encoding = Encoding::kDelta;
    PutDeltas(bits, column.bytes);
  } else if (PutDictionary(bits, column.bytes)) {
    column.encoding = Encoding::kDictionary;
  } else if (hint == ColumnHint::kNumeric) {
    column.encoding = Encoding::kPlanes;
    PutPlanes(bits, sizeof(T), column.bytes);
  } else {
    PutBytes(std::as_bytes(bits), column.bytes);
  }
  return column;
}

template <typename T>
Result<std::vector<T>> DecodeColumn(Encoding encoding, std::span<const std::byte> bytes,
                                    size_t values) {
  if constexpr (std::is_same_v<T, Bits<T>>) {
    std::vector<T> column(values);
    PRIMACY_TRY(TakeColumn(encoding, bytes, column));
    return column;
  } else {
    std::vector<Bits<T>> bits(values);
    PRIMACY_TRY(TakeColumn(encoding, bytes, bits));
    std::vector<T> column(values);
    if (values > 0) std::memcpy(column.data(), bits.data(), values * sizeof(T));
    return column;
  }
}

#define PRIMACY_COLUMN_TYPE(T)                                            \
  template EncodedColumn EncodeColumn<T>(std::span<const T>, ColumnHint); \
  template Result<std::vector<T>> DecodeColumn<T>(Encoding, std::span<const std::byte>, size_t);
PRIMACY_COLUMN_TYPE(uint8_t)
PRIMACY_COLUMN_TYPE(uint32_t)
PRIMACY_COLUMN_TYPE(uint64_t)
PRIMACY_COLUMN_TYPE(int64_t)
PRIMACY_COLUMN_TYPE(float)
#undef PRIMACY_COLUMN_TYPE

}  // namespace primacy::clicklog
