// Shard files in memory: what was written can be compared record by record, and read back.
#pragma once

#include <glog/logging.h>

#include <memory>
#include <string>
#include <vector>

#include "ps/checkpoint/shard_file.h"

namespace primacy::testing_support {

// A row or block with its own floats.
struct Record {
  uint32_t shard = 0;
  bool is_row = true;
  int owner = 0;    // table or tensor
  uint64_t id = 0;  // key or number
  uint32_t update_count = 0;
  uint32_t last_pass = 0;
  std::vector<float> floats;

  bool operator==(const Record& other) const = default;
};

class MemoryShardWriter final : public ShardFileWriter {
 public:
  Status BeginShard(uint32_t shard) override {
    CHECK(records.empty() || shard > shard_) << "shards do not rise";
    shard_ = shard;
    return Ok();
  }
  Status AddRow(const StoredRow& row) override {
    CHECK_EQ(ShardOf(row.key), shard_);
    return Add({shard_,
                true,
                row.table,
                row.key,
                row.update_count,
                row.last_pass,
                {row.floats.begin(), row.floats.end()}});
  }
  Status AddBlock(const StoredBlock& block) override {
    return Add({shard_,
                false,
                block.tensor,
                block.number,
                0,
                0,
                {block.floats.begin(), block.floats.end()}});
  }
  Result<CheckpointFile> Finish() override { return CheckpointFile(); }

  std::vector<Record> records;
  size_t fail_at = ~size_t{0};  // the disk is full at this record

 private:
  Status Add(Record record) {
    if (records.size() == fail_at) return Failure("disk full");
    records.push_back(std::move(record));
    return Ok();
  }
  uint32_t shard_ = 0;
};

// What a ParameterStore or a StoreSnapshot saves.
template <typename Store>
std::vector<Record> Saved(const Store& store) {
  MemoryShardWriter writer;
  CHECK(store.Save(writer).ok());
  return writer.records;
}

class MemoryShardReader final : public ShardFileReader {
 public:
  MemoryShardReader(ShardRange shards, ParameterSpec parameters, std::vector<Record> records)
      : shards_(shards), parameters_(std::move(parameters)), records_(std::move(records)) {}

  const std::string& path() const override { return path_; }
  uint64_t file_bytes() const override { return 0; }
  ShardRange shards() const override { return shards_; }
  const ParameterSpec& parameters() const override { return parameters_; }
  TableContent table(int) const override { return {}; }
  uint64_t rows() const override { return 0; }
  uint64_t dense_blocks() const override { return 0; }

  Status Visit(ShardRange range, const Visitor& visitor) const override {
    for (const Record& record : records_) {
      if (!range.Contains(record.shard)) continue;
      if (record.is_row) {
        const StoredRow row{record.owner, record.id, record.update_count, record.last_pass,
                            record.floats};
        PRIMACY_TRY(visitor.rows(record.shard, std::span(&row, 1)));
      } else {
        PRIMACY_TRY(visitor.block(record.shard,
                                  {record.owner, static_cast<uint32_t>(record.id), record.floats}));
      }
    }
    return Ok();
  }

 private:
  const std::string path_ = "memory";
  const ShardRange shards_;
  const ParameterSpec parameters_;
  const std::vector<Record> records_;
};

}  // namespace primacy::testing_support
