#include "tools/export/export_npy.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/out_dir.h"
#include "ps/checkpoint/generation.h"
#include "tools/export/dense_export.h"
#include "tools/export/export_manifest.h"
#include "tools/export/table_export.h"

namespace primacy {
namespace {

using Readers = std::vector<std::unique_ptr<ShardFileReader>>;

// From the indices of the files: the shapes are known before the first row is read.
std::vector<ExportedTable> DescribeTables(const Manifest& manifest, const Readers& readers,
                                          bool slots) {
  std::vector<ExportedTable> tables;
  for (int t = 0; t < manifest.parameters().table_size(); ++t) {
    ExportedTable table{.directory = "tables/" + std::to_string(t), .slots = slots};
    for (const auto& reader : readers) {
      const ShardFileReader::TableContent content = reader->table(t);
      table.content.rows += content.rows;
      table.content.row_floats = std::max(table.content.row_floats, content.row_floats);
    }
    tables.push_back(table);
  }
  return tables;
}

Status CopyParameters(const Readers& readers, std::vector<std::unique_ptr<TableExport>>& tables,
                      DenseExport& dense) {
  std::optional<uint32_t> open_shard;
  ShardFileReader::Visitor visitor;
  visitor.row = [&](uint32_t shard, const StoredRow& row) -> Status {
    if (row.floats.empty()) return Ok();
    if (open_shard && *open_shard != shard) {
      for (const auto& table : tables) PRIMACY_TRY(table->FinishShard());
    }
    open_shard = shard;
    return tables[static_cast<size_t>(row.table)]->Add(row);
  };
  visitor.block = [&](uint32_t, const StoredBlock& block) { return dense.Add(block); };
  for (const auto& reader : readers) PRIMACY_TRY(reader->Visit(reader->shards(), visitor));
  for (const auto& table : tables) PRIMACY_TRY(table->Finish());
  return dense.Finish();
}

}  // namespace

Result<ExportSummary> ExportNpy(const ExportOptions& options) {
  PRIMACY_ASSIGN(const std::string checkpoint, ResolveCheckpoint(options.checkpoint));
  PRIMACY_ASSIGN(const Manifest manifest, ReadManifest(checkpoint));
  PRIMACY_ASSIGN(const Readers readers, OpenShardFiles(checkpoint, manifest));
  PRIMACY_ASSIGN(const auto out, OutDir::Create(options.out));

  ExportSummary summary{.checkpoint = checkpoint};
  const std::vector<ExportedTable> described = DescribeTables(manifest, readers, options.slots);
  std::vector<std::unique_ptr<TableExport>> tables;
  for (size_t t = 0; t < described.size(); ++t) {
    const auto dim = static_cast<uint32_t>(manifest.parameters().table(static_cast<int>(t)).dim());
    PRIMACY_ASSIGN(auto table, TableExport::Create(out->folder() + "/" + described[t].directory,
                                                   dim, described[t].content, options.slots));
    tables.push_back(std::move(table));
    summary.rows += described[t].content.rows;
    summary.weights += described[t].content.rows * dim;
  }
  DenseExport dense(out->folder(), manifest.parameters(), options.slots);
  PRIMACY_TRY(CopyParameters(readers, tables, dense));
  for (const DenseExport::Tensor& tensor : dense.tensors())
    summary.weights += tensor.rows * tensor.cols;
  summary.tensors = dense.tensors().size();
  PRIMACY_TRY(
      WriteFileAtomically(out->folder() + "/manifest.json",
                          ExportManifest(checkpoint, manifest, described, dense.tensors())));
  PRIMACY_TRY(out->Publish());
  return summary;
}

}  // namespace primacy
