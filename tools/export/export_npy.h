// Writes the parameters of a checkpoint as NumPy arrays: `primacy export`. docs/formats/export.md
// describes the directory.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"

namespace primacy {

struct ExportOptions {
  std::string checkpoint;  // a generation, or a run directory: then its newest or final generation
  std::string out;         // must not be there, or be empty
  bool slots = false;      // the optimizer's slots too
};

struct ExportSummary {
  std::string checkpoint;  // the generation that was exported
  uint64_t rows = 0;       // of all tables
  uint64_t tensors = 0;
  uint64_t weights = 0;  // floats, without slots
};

// Memory is bounded by the rows of one virtual shard, whatever the size of the tables. Every block
// is verified on the way. `out` appears whole or not at all.
Result<ExportSummary> ExportNpy(const ExportOptions& options);

}  // namespace primacy
