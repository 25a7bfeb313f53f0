// One server's file of a generation: the rows and dense blocks of a range of virtual shards.
// Format: docs/formats/checkpoint.md. Any reader can take any sub-range of shards, so a checkpoint
// fits any number of servers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "common/base/result.h"
#include "common/protocol/ids.h"
#include "common/protocol/messages.pb.h"
#include "common/protocol/sharding.h"

namespace primacy {

// A table row as it lies in a file. `floats` is [weights | slots], of one size for all rows of a
// table.
struct StoredRow {
  int table = 0;
  Key key = 0;
  uint32_t update_count =
      0;  // updates applied; below the admission count for keys still waiting (floats empty then)
  uint32_t last_pass = 0;
  std::span<const float> floats;
};

// A block of a dense tensor, as DenseLayout cuts it: [weights | slots].
struct StoredBlock {
  int tensor = 0;
  uint32_t number = 0;
  std::span<const float> floats;
};

// "shards-0000-1365.prm" for the range [0, 1365).
std::string ShardFileName(ShardRange shards);

// Writes shard by shard in rising order; atomic: the file appears at Finish. Not thread safe.
// A record that does not belong to its shard, table or tensor is a bug and dies.
class ShardFileWriter {
 public:
  static Result<std::unique_ptr<ShardFileWriter>> Create(const std::string& directory,
                                                         ShardRange shards,
                                                         const ParameterSpec& parameters);
  virtual ~ShardFileWriter() = default;
  // Rows and blocks that follow belong to `shard`. Shards rise; shards without content may be left
  // out.
  virtual Status BeginShard(uint32_t shard) = 0;
  virtual Status AddRow(const StoredRow& row) = 0;
  virtual Status AddBlock(const StoredBlock& block) = 0;
  // The file is on disk under its name afterwards. CheckpointFile::rows counts rows with floats.
  virtual Result<CheckpointFile> Finish() = 0;
};

// Thread safe.
class ShardFileReader {
 public:
  // Any function may be empty: what it is for is skipped then. Spans are valid during the call.
  struct Visitor {
    std::function<Status(uint32_t shard, const StoredRow&)> row;
    std::function<Status(uint32_t shard, const StoredBlock&)> block;
    // Takes the place of `row`: up to kRowsTogether rows of one table, all with the same number of
    // floats, so that what each of them needs from memory is on its way at once.
    std::function<Status(uint32_t shard, std::span<const StoredRow>)> rows;
  };
  static constexpr size_t kRowsTogether = 128;
  // What the index says of a table; nothing is read for it.
  struct TableContent {
    uint64_t rows = 0;
    uint64_t waiting = 0;     // keys not yet admitted
    uint32_t row_floats = 0;  // weights and slots of a row; 0 when there is none
  };

  // Checks header and footer. Errors name the file.
  static Result<std::unique_ptr<ShardFileReader>> Open(const std::string& path);
  virtual ~ShardFileReader() = default;
  virtual const std::string& path() const = 0;
  virtual uint64_t file_bytes() const = 0;
  virtual ShardRange shards() const = 0;
  virtual const ParameterSpec& parameters() const = 0;
  virtual TableContent table(int table) const = 0;
  // Rows with floats, of all tables.
  virtual uint64_t rows() const = 0;
  // Records of dense tensors.
  virtual uint64_t dense_blocks() const = 0;
  // Visits the content of the shards of `range` in order, each block verified before anything of it
  // is visited. Rows of a shard and table come in the order they were added, except that keys still
  // waiting come apart from the others. Errors name the file and the block; an error of the visitor
  // ends the visit and is returned.
  virtual Status Visit(ShardRange range, const Visitor& visitor) const = 0;
};

}  // namespace primacy
