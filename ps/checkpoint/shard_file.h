// One server's file of a generation: the rows and dense blocks of a range of virtual shards. Format:
// docs/formats/checkpoint.md. Any reader can take any sub-range of shards, so a checkpoint fits any number of servers.
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

// A table row as it lies in a file. `floats` is [weights | slots].
struct StoredRow {
  int table = 0;
  Key key = 0;
  uint32_t update_count = 0;  // updates applied; below the admission count for keys still waiting (floats empty then)
  uint32_t last_pass = 0;
  std::span<const float> floats;
};

// A dense block: [weights | slots].
struct StoredBlock {
  int tensor = 0;
  uint32_t number = 0;
  std::span<const float> floats;
};

// "shards-0000-1365.prm" for the range [0, 1365).
std::string ShardFileName(ShardRange shards);

// Writes shard by shard in rising order; atomic: the file appears at Finish. Not thread safe.
class ShardFileWriter {
 public:
  static Result<std::unique_ptr<ShardFileWriter>> Create(const std::string& directory, ShardRange shards,
                                                         const ParameterSpec& parameters);
  virtual ~ShardFileWriter() = default;
  // Rows and blocks that follow belong to `shard`. Shards rise; shards without content may be left out.
  virtual Status BeginShard(uint32_t shard) = 0;
  virtual Status AddRow(const StoredRow& row) = 0;
  virtual Status AddBlock(const StoredBlock& block) = 0;
  virtual Result<CheckpointFile> Finish() = 0;
};

class ShardFileReader {
 public:
  struct Visitor {
    std::function<Status(uint32_t shard, const StoredRow&)> row;
    std::function<Status(uint32_t shard, const StoredBlock&)> block;
  };
  // Checks header and footer. Errors name the file.
  static Result<std::unique_ptr<ShardFileReader>> Open(const std::string& path);
  virtual ~ShardFileReader() = default;
  virtual ShardRange shards() const = 0;
  virtual const ParameterSpec& parameters() const = 0;
  // Visits the content of the shards of `range` in order, each block verified before anything of it is visited.
  virtual Status Visit(ShardRange range, const Visitor& visitor) const = 0;
};

}  // namespace primacy
