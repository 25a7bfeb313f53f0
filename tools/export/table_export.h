// The rows of one table, streamed into keys.npy, weights.npy and slots.npy.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/json.h"
#include "common/base/result.h"
#include "ps/checkpoint/shard_file.h"
#include "tools/export/npy.h"

namespace primacy {

// Not thread safe.
class TableExport {
 public:
  // `directory` is made. `content` is of all files together.
  static Result<std::unique_ptr<TableExport>> Create(const std::string& directory, uint32_t dim,
                                                     const ShardFileReader::TableContent& content,
                                                     bool slots);

  // A row with floats, of the shard that is open.
  Status Add(const StoredRow& row);
  // Writes the rows added since the last call, by rising key. Shards rise, so the whole file does.
  Status FinishShard();
  Status Finish();

 private:
  TableExport(uint32_t dim, uint32_t row_floats) : dim_(dim), row_floats_(row_floats) {}

  const uint32_t dim_;
  const uint32_t row_floats_;
  std::unique_ptr<NpyStream> keys_file_;
  std::unique_ptr<NpyStream> weights_file_;
  std::unique_ptr<NpyStream> slots_file_;  // null without slots
  std::vector<Key> keys_;                  // of the open shard
  std::vector<float> floats_;              // [rows, row_floats] of the open shard
};

}  // namespace primacy
