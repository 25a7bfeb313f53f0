#include <algorithm>
#include <cmath>
#include <vector>

#include "common/base/strings.h"
#include "common/config/job_config.h"
#include "ps/checkpoint/generation.h"
#include "ps/checkpoint/resume_point.h"
#include "tools/inspect/describe.h"

namespace primacy {
namespace {

void WriteShape(const TensorSpec& tensor, JsonWriter& json) {
  json.BeginObject()
      .Field("name", tensor.name())
      .Field("rows", tensor.rows())
      .Field("cols", tensor.cols());
  json.EndObject();
}

// Tables and tensors of one or several files of the same parameters.
void WriteParameters(const ParameterSpec& parameters,
                     const std::vector<const ShardFileReader*>& files, JsonWriter& json) {
  json.Key("tables").BeginArray();
  for (int t = 0; t < parameters.table_size(); ++t) {
    ShardFileReader::TableContent sum;
    for (const ShardFileReader* file : files) {
      const ShardFileReader::TableContent content = file->table(t);
      sum.rows += content.rows;
      sum.waiting += content.waiting;
      sum.row_floats = std::max(sum.row_floats, content.row_floats);
    }
    const uint32_t dim = static_cast<uint32_t>(parameters.table(t).dim());
    json.BeginObject()
        .Field("table", t)
        .Field("dim", dim)
        .Field("rows", sum.rows)
        .Field("waiting", sum.waiting);
    json.Field("slots_per_row", sum.row_floats == 0 ? 0 : sum.row_floats - dim).EndObject();
  }
  json.EndArray().Key("tensors").BeginArray();
  for (const TensorSpec& tensor : parameters.tensor()) WriteShape(tensor, json);
  json.EndArray();
}

// Names of the job's tasks. Another version's job may not be readable: everything else still is.
Job JobOf(const Manifest& manifest) {
  const auto job = ParseJob(manifest.job_text(), "MANIFEST");
  return job.ok() ? *job : Job();
}

void WriteConstraints(const Job& job, const JobState& state, JsonWriter& json) {
  json.Key("tasks").BeginArray();
  for (int task = 0; task < job.task_size(); ++task) {
    json.BeginObject().Field("task", job.task(task).name());
    if (task < state.lambda_size()) json.Field("lambda", state.lambda(task));
    const bool bounded =
        task < state.has_bound_size() && state.has_bound(task) && task < state.bound_size();
    // NaN is written as null.
    json.Field("bound", bounded ? state.bound(task) : std::nan("")).EndObject();
  }
  json.EndArray();
}

void WriteStages(const JobState& state, JsonWriter& json) {
  json.Key("finished_stages").BeginArray();
  for (const StageSummary& stage : state.finished_stage()) {
    json.BeginObject()
        .Field("name", stage.name())
        .Field("kept", stage.kept())
        .Field("steps", stage.steps());
    json.Field("generation", stage.model().generation())
        .Field("objective", stage.model().objective());
    json.Field("violation", stage.model().violation()).EndObject();
  }
  json.EndArray();
}

uint64_t BytesOf(const Manifest& manifest) {
  uint64_t bytes = 0;
  for (const CheckpointFile& file : manifest.file()) bytes += file.bytes();
  return bytes;
}

void WriteState(const Manifest& manifest, JsonWriter& json) {
  const JobState& state = manifest.state();
  const Job job = JobOf(manifest);
  json.Field("job", job.name())
      .Field("job_hash", Format("%016llx", static_cast<unsigned long long>(manifest.job_hash())));
  json.Field("created", manifest.created()).Field("incarnation", manifest.incarnation());
  json.Field("pinned", manifest.pinned()).Field("point", JobState::Point_Name(state.point()));
  json.Field("stage", state.stage()).Field("step", state.step()).Field("seconds", state.seconds());
  json.Field("table_optimizer", manifest.table_optimizer())
      .Field("dense_optimizer", manifest.dense_optimizer());
  if (state.has_best()) {
    json.Key("candidate").BeginObject().Field("generation", state.best().generation());
    json.Field("step", state.best().step()).Field("feasible", state.best().feasible());
    json.Field("objective", state.best().objective())
        .Field("violation", state.best().violation())
        .EndObject();
  }
  WriteConstraints(job, state, json);
  WriteStages(state, json);
}

}  // namespace

Status DescribeShardFile(const std::string& path, bool verify, JsonWriter& json) {
  PRIMACY_ASSIGN(const auto reader, ShardFileReader::Open(path));
  if (verify) PRIMACY_TRY(reader->Visit({0, kVirtualShards}, {}));
  json.Field("kind", "shard_file").Field("path", path).Field("verified", verify);
  json.Field("first_shard", reader->shards().begin).Field("end_shard", reader->shards().end);
  json.Field("file_bytes", reader->file_bytes()).Field("rows", reader->rows());
  json.Field("dense_blocks", reader->dense_blocks());
  WriteParameters(reader->parameters(), {reader.get()}, json);
  return Ok();
}

Status DescribeGeneration(const std::string& directory, bool verify, JsonWriter& json) {
  if (verify) PRIMACY_TRY(VerifyGeneration(directory));
  PRIMACY_ASSIGN(const Manifest manifest, ReadManifest(directory));
  PRIMACY_ASSIGN(const auto readers, OpenShardFiles(directory, manifest));
  PRIMACY_ASSIGN(const std::string digest, GenerationDigest(directory));
  std::vector<const ShardFileReader*> files;
  uint64_t rows = 0;
  for (const auto& reader : readers) {
    files.push_back(reader.get());
    rows += reader->rows();
  }
  json.Field("kind", "generation").Field("path", directory).Field("verified", verify);
  json.Field("generation", manifest.generation()).Field("digest", digest);
  json.Field("files", files.size()).Field("file_bytes", BytesOf(manifest)).Field("rows", rows);
  WriteState(manifest, json);
  WriteParameters(manifest.parameters(), files, json);
  return Ok();
}

Status DescribeGenerations(const std::string& root, bool verify, JsonWriter& json) {
  PRIMACY_ASSIGN(const std::vector<uint64_t> generations, ListGenerations(root));
  json.Key("generations").BeginArray();
  for (const uint64_t generation : generations) {
    const std::string directory = root + "/" + GenerationName(generation);
    if (verify) PRIMACY_TRY(VerifyGeneration(directory));
    json.BeginObject().Field("generation", generation);
    const auto manifest = ReadManifest(directory);
    json.Field("whole", manifest.ok());
    if (manifest.ok()) {
      const JobState& state = manifest->state();
      json.Field("stage", state.stage()).Field("step", state.step());
      json.Field("point", JobState::Point_Name(state.point())).Field("pinned", manifest->pinned());
      json.Field("file_bytes", BytesOf(*manifest)).Field("created", manifest->created());
    } else {
      json.Field("error", manifest.error().message());
    }
    json.EndObject();
  }
  json.EndArray();
  PRIMACY_ASSIGN(const std::vector<std::string> set_aside, ListSetAside(root));
  if (!set_aside.empty()) {
    json.Key("set_aside").BeginArray();
    for (const std::string& name : set_aside) json.Value(name);
    json.EndArray();
  }
  if (generations.empty()) return Ok();
  PRIMACY_ASSIGN(const std::string newest, ResolveCheckpoint(root));
  json.Key("checkpoint").BeginObject();
  // Its bytes were verified with all the others.
  PRIMACY_TRY(DescribeGeneration(newest, /*verify=*/false, json));
  json.EndObject();
  return Ok();
}

}  // namespace primacy
