#include "common/protocol/row_wire.h"

#include <cstring>

#include "common/base/narrow_floats.h"

namespace primacy {

size_t RowWireBytes(Precision wire, size_t floats) {
  if (wire == FP32) return floats * sizeof(float);
  return (floats * sizeof(uint16_t) + 3) / 4 * 4;
}

void NarrowRows(Precision wire, std::span<const float> values, std::byte* out) {
  if (values.empty()) return;
  uint16_t* const halves = reinterpret_cast<uint16_t*>(out);
  switch (wire) {
    case FP32:
      std::memcpy(out, values.data(), values.size_bytes());
      return;
    case BF16:
      ToBf16(values, halves);
      break;
    case FP16:
      ToFp16(values, halves);
      break;
  }
  if (values.size() % 2 != 0) halves[values.size()] = 0;
}

void WidenRows(Precision wire, const std::byte* in, std::span<float> values) {
  if (values.empty()) return;
  const std::span halves(reinterpret_cast<const uint16_t*>(in), values.size());
  switch (wire) {
    case FP32:
      std::memcpy(values.data(), in, values.size_bytes());
      return;
    case BF16:
      return FromBf16(halves, values.data());
    case FP16:
      return FromFp16(halves, values.data());
  }
}

size_t KeyBitsBytes(std::span<const size_t> key_counts) {
  size_t bytes = 0;
  for (const size_t keys : key_counts) bytes += KeyBitsOfTable(keys);
  return (bytes + 63) / 64 * 64;
}

}  // namespace primacy
