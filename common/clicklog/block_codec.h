// A block of rows to and from the payload that is compressed and stored: its columns, one after the
// other.
//
//   payload := u32:columns column*
//   column  := u8:kind u8:encoding u16:index u32:values u32:bytes data
//
// Pure functions over memory: no file, no compression, no checksum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/result.h"
#include "common/clicklog/block.h"
#include "common/clicklog/bytes.h"

namespace primacy::clicklog {

// What a column is of; `index` says which of its kind, in the order of the schema. A reader refuses
// kinds it does not know, so later versions can add some: request-level columns with the request of
// each row, positions of a sequence.
enum class ColumnKind : uint8_t {
  kSlotLengths = 1,  // u32 per row: number of keys, multi-valued slots only
  kSlotKeys = 2,     // u64 per key
  kDense = 3,        // f32 per row
  kLabel = 4,        // f32 per row
  kMask = 5,         // u8 per row, 0 or 1
  kWeight = 6,       // f32 per row
  kGroupId = 7,      // u64 per row
  kRowId = 8,        // u64 per row
  kTimestamp = 9,    // i64 per row
};

inline constexpr size_t kColumnHeadBytes = 12;

// `block` matches `schema` (CheckBlock).
ByteVector EncodeBlock(const LogSchema& schema, const LogBlock& block);

// Any bytes may come in: the result matches the schema, or an error says which column is wrong.
// Allocates at most kBlockMemoryMax for the columns.
Result<LogBlock> DecodeBlock(const LogSchema& schema, uint32_t rows,
                             std::span<const std::byte> payload);

}  // namespace primacy::clicklog
