// What a file or directory of Primacy holds, for a person or a program: `primacy inspect`.
//
// Recognised by content: a part of a click log, a directory of parts or one with the slices train,
// holdout and test; a shard file of a checkpoint, a generation, a directory of generations; a run
// directory. docs/formats/ describes the bytes.
#pragma once

#include <string>

#include "common/base/result.h"

namespace primacy {

struct InspectOptions {
  std::string path;
  // Read everything and check every checksum; logs then also tell what only their rows know.
  bool verify = false;
  // One JSON object instead of text. Both say the same.
  bool json = false;
};

// The text, without a newline at its end. A usage error when there is nothing at `path` or it is
// none of the above; what is damaged is an error that names the file and, where it can, the block.
Result<std::string> Inspect(const InspectOptions& options);

}  // namespace primacy
