// manifest.json of an export: what the arrays are, and how keys of the log become keys of the
// tables.
#pragma once

#include <string>
#include <vector>

#include "ps/checkpoint/manifest.pb.h"
#include "ps/checkpoint/shard_file.h"
#include "tools/export/dense_export.h"

namespace primacy {

// Of a table of the export.
struct ExportedTable {
  std::string directory;  // relative to the directory of the export
  ShardFileReader::TableContent content;
  bool slots = false;
};

std::string ExportManifest(const std::string& checkpoint, const Manifest& manifest,
                           const std::vector<ExportedTable>& tables,
                           const std::vector<DenseExport::Tensor>& tensors);

}  // namespace primacy
