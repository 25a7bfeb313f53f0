#include "tools/export/export_manifest.h"

#include <algorithm>

#include "common/base/hash.h"
#include "common/base/json.h"
#include "common/base/strings.h"
#include "common/config/job_config.h"

namespace primacy {
namespace {

std::string Hex(uint64_t value) {
  return Format("%016llx", static_cast<unsigned long long>(value));
}

// Another version's job may not be readable: the arrays still are.
Job JobOf(const Manifest& manifest) {
  const auto job = ParseJob(manifest.job_text(), "MANIFEST");
  return job.ok() ? *job : Job();
}

int DimOf(const ModelConfig& model, const std::string& group) {
  for (const ModelConfig::GroupDim& entry : model.group_dim()) {
    if (entry.group() == group) return entry.dim();
  }
  return model.embedding_dim();
}

// Each slot of the log that the model reads, its embedding group, and the table of the group's
// dimension.
void WriteSlots(const Manifest& manifest, const Job& job, JsonWriter& json) {
  json.Key("slots").BeginArray();
  for (const LogSchema::Slot& slot : manifest.schema().slot()) {
    const auto& ignored = job.data().ignore_slot();
    if (std::find(ignored.begin(), ignored.end(), slot.name()) != ignored.end()) continue;
    const std::string group = slot.group().empty() ? slot.name() : slot.group();
    const int dim = DimOf(job.model(), group);
    const auto& tables = manifest.parameters().table();
    const auto table = std::find_if(tables.begin(), tables.end(),
                                    [dim](const TableSpec& t) { return t.dim() == dim; });
    json.BeginObject()
        .Field("slot", slot.name())
        .Field("group", group)
        .Field("group_hash", Hex(HashBytes(group)));
    if (table != tables.end()) json.Field("table", table - tables.begin());
    json.EndObject();
  }
  json.EndArray();
}

void WriteTables(const Manifest& manifest, const std::vector<ExportedTable>& tables,
                 JsonWriter& json) {
  json.Key("tables").BeginArray();
  for (size_t t = 0; t < tables.size(); ++t) {
    const TableSpec& spec = manifest.parameters().table(static_cast<int>(t));
    const ExportedTable& table = tables[t];
    json.BeginObject().Field("dim", spec.dim()).Field("rows", table.content.rows);
    json.Field("init_stddev", spec.init_stddev());
    json.Field("keys", table.directory + "/keys.npy")
        .Field("weights", table.directory + "/weights.npy");
    if (table.slots) json.Field("slots", table.directory + "/slots.npy");
    json.EndObject();
  }
  json.EndArray();
}

void WriteTensors(const std::vector<DenseExport::Tensor>& tensors, JsonWriter& json) {
  json.Key("tensors").BeginArray();
  for (const DenseExport::Tensor& tensor : tensors) {
    json.BeginObject().Field("name", tensor.name);
    json.Key("shape").BeginArray().Value(tensor.rows).Value(tensor.cols).EndArray();
    json.Field("weights", tensor.weights_path);
    if (!tensor.slots_path.empty()) json.Field("slots", tensor.slots_path);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string ExportManifest(const std::string& checkpoint, const Manifest& manifest,
                           const std::vector<ExportedTable>& tables,
                           const std::vector<DenseExport::Tensor>& tensors) {
  const Job job = JobOf(manifest);
  JsonWriter json(JsonStyle::kIndented);
  json.BeginObject()
      .Field("format", 1)
      .Field("checkpoint", checkpoint)
      .Field("generation", manifest.generation());
  json.Field("job", job.name())
      .Field("job_hash", Hex(manifest.job_hash()))
      .Field("seed", job.training().seed());
  json.Field("stage", manifest.state().stage()).Field("step", manifest.state().step());
  json.Field("table_optimizer", manifest.table_optimizer())
      .Field("dense_optimizer", manifest.dense_optimizer());
  json.Key("tasks").BeginArray();
  for (const TaskConfig& task : job.task()) json.Value(task.name());
  json.EndArray();
  WriteSlots(manifest, job, json);
  WriteTables(manifest, tables, json);
  WriteTensors(tensors, json);
  return json.EndObject().Take() + "\n";
}

}  // namespace primacy
