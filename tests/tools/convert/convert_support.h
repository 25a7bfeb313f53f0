// Helpers of the converter's tests: small texts in, rows of the log out.
#pragma once

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "common/base/hash.h"
#include "common/clicklog/reader.h"
#include "tests/support/read_blocks.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tools/convert/convert.h"

namespace primacy::testing_support {

inline std::string WriteText(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

// All blocks of a slice as one.
inline LogBlock ReadSlice(const std::string& folder) {
  auto log = LogDirectory::Open(folder);
  CHECK(log.ok()) << log.error().trace();
  LogBlock all = MakeBlock((*log)->schema());
  for (const LogBlock& block : ReadBlocks(folder)) {
    const auto append = [](auto& to, const auto& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    for (size_t s = 0; s < all.slots.size(); ++s) {
      SlotColumn& slot = all.slots[s];
      const auto base = static_cast<uint32_t>(slot.keys.size());
      append(slot.keys, block.slots[s].keys);
      for (size_t i = 1; i < block.slots[s].offsets.size(); ++i) {
        slot.offsets.push_back(base + block.slots[s].offsets[i]);
      }
    }
    for (size_t d = 0; d < all.dense.size(); ++d) append(all.dense[d], block.dense[d]);
    append(all.labels, block.labels);
    append(all.masks, block.masks);
    append(all.weights, block.weights);
    append(all.group_ids, block.group_ids);
    append(all.row_ids, block.row_ids);
    append(all.timestamps, block.timestamps);
    all.rows += block.rows;
  }
  return all;
}

// Slot of that name in the schema.
inline size_t SlotIndex(const LogSchema& schema, const std::string& name) {
  for (int s = 0; s < schema.slot_size(); ++s) {
    if (schema.slot(s).name() == name) return static_cast<size_t>(s);
  }
  LOG(FATAL) << "no slot " << name;
}

inline size_t DistinctKeys(const std::vector<const LogBlock*>& blocks, size_t slot) {
  std::set<uint64_t> keys;
  for (const LogBlock* block : blocks) {
    keys.insert(block->slots[slot].keys.begin(), block->slots[slot].keys.end());
  }
  return keys.size();
}

// Converts `csv` by `spec` in a directory of its own.
class TextConversion {
 public:
  TextConversion(const std::string& spec, const std::string& csv) {
    options.schema_file = WriteText(dir / "convert.txt", spec);
    options.inputs = {WriteText(dir / "input.csv", csv)};
    options.out_dir = dir / "out";
  }
  Result<ConvertReport> Run() const { return Convert(options); }
  LogBlock Train() const { return ReadSlice(options.out_dir + "/train"); }
  LogBlock Holdout() const { return ReadSlice(options.out_dir + "/holdout"); }
  LogBlock Test() const { return ReadSlice(options.out_dir + "/test"); }

  TempDir dir;
  ConvertOptions options;
};

inline std::vector<uint64_t> Keys(const std::vector<std::string>& texts) {
  std::vector<uint64_t> keys;
  for (const std::string& text : texts) keys.push_back(HashBytes(text));
  return keys;
}

}  // namespace primacy::testing_support
