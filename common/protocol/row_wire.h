// How embedding rows and their gradients travel (runtime.wire): as they are, or each float rounded
// to 16 bits. Format: docs/formats/wire.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/config/job.pb.h"

namespace primacy {

// Bytes of `floats` on the wire, rounded up to a multiple of 4, so that floats may follow.
size_t RowWireBytes(Precision wire, size_t floats);

// Writes RowWireBytes(wire, values.size()) bytes; `out` is aligned to 4.
void NarrowRows(Precision wire, std::span<const float> values, std::byte* out);
// Reads RowWireBytes(wire, floats) bytes; `in` is aligned to 4. FP32 is copied.
void WidenRows(Precision wire, const std::byte* in, std::span<float> values);

// The answer to keys that were sent ahead begins with a bit per key. Bytes of the bits of tables
// with `key_counts` keys, each table from a byte of its own on, rounded up to a multiple of 64.
size_t KeyBitsBytes(std::span<const size_t> key_counts);
inline size_t KeyBitsOfTable(size_t keys) { return (keys + 7) / 8; }

}  // namespace primacy
