// The truth behind the rows of one slice, beside the log, as NumPy arrays (docs/generate.md):
//
//   probability.npy  float32 [rows, tasks]         that the label is 1, or is 1 where it is known
//   value.npy        uint64 [rows, kTruthValues]   what the row's slots held before they were
//   hashed dense.npy        float32 [rows, 2]             price and age
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "tools/export/npy.h"
#include "tools/generate/row_source.h"

namespace primacy::generate {

// Row id, user, item, category, segment, hour, position, number of tags, and the tags, 0 where
// there is none.
inline constexpr size_t kTruthValues = 8 + kTagsPerItemMax;

// Rows are appended in the order of the log; the files appear at Finish. Not thread safe.
class TruthWriter {
 public:
  // Into `folder`, which is made.
  static Result<std::unique_ptr<TruthWriter>> Create(const std::string& folder, uint64_t rows,
                                                     int tasks);

  Status Append(uint64_t number, const PlantedRow& row);
  // Fails unless `rows` rows were appended.
  Status Finish();

 private:
  TruthWriter() = default;

  int tasks_ = 0;
  std::unique_ptr<NpyStream> probability_;
  std::unique_ptr<NpyStream> value_;
  std::unique_ptr<NpyStream> dense_;
};

}  // namespace primacy::generate
