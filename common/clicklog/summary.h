// What a part of a click log holds, for a person: `primacy inspect`.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/reader.h"

namespace primacy {

// Over the rows themselves.
struct LogContentSummary {
  uint64_t rows = 0;
  uint64_t memory_bytes = 0;          // of all blocks, decoded
  std::vector<uint64_t> slot_values;  // [slot] keys over all rows
  std::vector<uint64_t> label_rows;   // [label] rows that have it
  std::vector<double> label_sums;     // [label] over the rows that have it
  int64_t timestamp_min = 0;          // 0 without rows or timestamps
  int64_t timestamp_max = 0;
};

// Reads, verifies and decodes every block. The error names the file and the first damaged block.
Result<LogContentSummary> VerifyPart(const LogPartReader& part);

}  // namespace primacy
