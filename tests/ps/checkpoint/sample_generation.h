// A small generation whose content is known: equal rows and tensors, divided among any number of
// servers.
#pragma once

#include <glog/logging.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "common/base/hash.h"
#include "common/protocol/dense_layout.h"
#include "ps/checkpoint/generation.h"
#include "ps/checkpoint/shard_file.h"

namespace primacy::testing_support {

// Two tables (of 4 and 8 weights), one tensor of two blocks and one of a single, short block.
inline ParameterSpec SampleParameters() {
  ParameterSpec parameters;
  for (const int dim : {4, 8}) {
    TableSpec* table = parameters.add_table();
    table->set_dim(dim);
    table->set_init_stddev(0.01f);
  }
  const auto add_tensor = [&parameters](const char* name, int64_t rows, int64_t cols) {
    TensorSpec* tensor = parameters.add_tensor();
    tensor->set_name(name);
    tensor->set_rows(rows);
    tensor->set_cols(cols);
  };
  add_tensor("bottom/0/weight", 70, 60);
  add_tensor("bottom/0/bias", 1, 60);
  return parameters;
}

struct SampleRow {
  int table = 0;
  Key key = 0;
  uint32_t update_count = 0;
  uint32_t last_pass = 0;
  std::vector<float> floats;  // [weights | as many slots]
};

// `count` rows in the order (shard, table, key); every fifth key still waits.
inline std::vector<SampleRow> SampleRows(int count) {
  const ParameterSpec parameters = SampleParameters();
  std::vector<SampleRow> rows;
  for (int i = 0; i < count; ++i) {
    SampleRow row{i % 2,
                  Mix64(static_cast<uint64_t>(i)),
                  static_cast<uint32_t>(i % 5),
                  static_cast<uint32_t>(i % 3),
                  {}};
    const int floats = i % 5 == 0 ? 0 : 2 * parameters.table(row.table).dim();
    for (int f = 0; f < floats; ++f)
      row.floats.push_back(static_cast<float>(RandomNormal(row.key, f)));
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(), [](const SampleRow& a, const SampleRow& b) {
    return std::tuple(ShardOf(a.key), a.table, a.key) < std::tuple(ShardOf(b.key), b.table, b.key);
  });
  return rows;
}

// [weights | slots] of a dense block: weight e of a tensor is e + 1000·tensor, its slot the
// negative of that.
inline std::vector<float> SampleBlock(const DenseBlock& block) {
  std::vector<float> floats(2 * block.size);
  for (size_t i = 0; i < block.size; ++i) {
    floats[i] =
        static_cast<float>(block.tensor_begin + i) + 1000.0f * static_cast<float>(block.tensor);
    floats[block.size + i] = -floats[i];
  }
  return floats;
}

// Writes what of `rows` and of the sample tensors belongs to `shards`.
inline CheckpointFile WriteSampleFile(const std::string& directory, ShardRange shards,
                                      const std::vector<SampleRow>& rows) {
  const ParameterSpec parameters = SampleParameters();
  const DenseLayout layout(parameters);
  auto writer = *ShardFileWriter::Create(directory, shards, parameters);
  auto row = std::find_if(rows.begin(), rows.end(),
                          [shards](const SampleRow& r) { return ShardOf(r.key) >= shards.begin; });
  for (uint32_t shard = shards.begin; shard < shards.end; ++shard) {
    CHECK(writer->BeginShard(shard).ok());
    for (; row != rows.end() && ShardOf(row->key) == shard; ++row) {
      CHECK(writer->AddRow({row->table, row->key, row->update_count, row->last_pass, row->floats})
                .ok());
    }
    for (const DenseBlock& block : layout.BlocksOf({shard, shard + 1})) {
      const std::vector<float> floats = SampleBlock(block);
      CHECK(writer->AddBlock({block.tensor, block.number, floats}).ok());
    }
  }
  return *writer->Finish();
}

// Files of all servers, not yet published.
inline Manifest WriteSampleFiles(const std::string& directory, uint64_t generation, int servers,
                                 const std::vector<SampleRow>& rows) {
  Manifest manifest;
  manifest.set_generation(generation);
  manifest.set_job_hash(0x1234);
  manifest.set_incarnation(1);
  manifest.set_created("2025-01-02T03:04:05Z");
  *manifest.mutable_parameters() = SampleParameters();
  manifest.mutable_state()->set_stage(1);
  manifest.mutable_state()->set_step(77);
  for (int server = 0; server < servers; ++server) {
    *manifest.add_file() = WriteSampleFile(directory, ShardsOf(server, servers), rows);
  }
  return manifest;
}

// A whole generation; its directory.
inline std::string WriteSampleGeneration(const std::string& root, uint64_t generation, int servers,
                                         const std::vector<SampleRow>& rows,
                                         JobState::Point point = JobState::TRAIN) {
  std::string directory = *BeginGeneration(root, generation);
  Manifest manifest = WriteSampleFiles(directory, generation, servers, rows);
  manifest.mutable_state()->set_point(point);
  const Status published = PublishGeneration(directory, manifest);
  CHECK(published.ok()) << published.error().trace();
  return directory;
}

}  // namespace primacy::testing_support
