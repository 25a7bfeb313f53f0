// What a click log holds, for tests that look at it.
#pragma once

#include <glog/logging.h>

#include <string>
#include <vector>

#include "common/clicklog/reader.h"

namespace primacy::testing_support {

// All blocks of the slice in `folder`, which must be whole.
inline std::vector<LogBlock> ReadBlocks(const std::string& folder) {
  const auto log = LogDirectory::Open(folder);
  CHECK(log.ok()) << log.error().trace();
  std::vector<LogBlock> blocks;
  for (uint32_t b = 0; b < (*log)->block_count(); ++b) {
    Result<LogBlock> block = (*log)->ReadBlock(b);
    CHECK(block.ok()) << block.error().trace();
    blocks.push_back(*std::move(block));
  }
  return blocks;
}

}  // namespace primacy::testing_support
