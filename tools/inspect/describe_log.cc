#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "common/clicklog/reader.h"
#include "common/clicklog/slices.h"
#include "common/clicklog/summary.h"
#include "tools/inspect/describe.h"

namespace primacy {
namespace {

namespace fs = std::filesystem;

void Add(const LogContentSummary& part, LogContentSummary& sum) {
  const auto add = [](const auto& from, auto& to) {
    to.resize(from.size());
    for (size_t i = 0; i < from.size(); ++i) to[i] += from[i];
  };
  if (part.rows == 0) return;
  const bool first = sum.rows == 0;
  sum.timestamp_min = first ? part.timestamp_min : std::min(sum.timestamp_min, part.timestamp_min);
  sum.timestamp_max = first ? part.timestamp_max : std::max(sum.timestamp_max, part.timestamp_max);
  sum.rows += part.rows;
  sum.memory_bytes += part.memory_bytes;
  add(part.slot_values, sum.slot_values);
  add(part.label_rows, sum.label_rows);
  add(part.label_sums, sum.label_sums);
}

// Nothing unless `verify`.
Result<std::optional<LogContentSummary>> ReadAll(const std::vector<const LogPartReader*>& parts,
                                                 bool verify) {
  if (!verify) return std::optional<LogContentSummary>();
  LogContentSummary sum;
  for (const LogPartReader* part : parts) {
    PRIMACY_ASSIGN(const LogContentSummary content, VerifyPart(*part));
    Add(content, sum);
  }
  return std::optional(std::move(sum));
}

// Slots, dense features and labels; with the content also what the rows have of them.
void WriteSchema(const LogSchema& schema, const std::optional<LogContentSummary>& content,
                 JsonWriter& json) {
  const auto ratio = [](double a, uint64_t b) { return b == 0 ? 0.0 : a / static_cast<double>(b); };
  json.Key("slots").BeginArray();
  for (int s = 0; s < schema.slot_size(); ++s) {
    const LogSchema::Slot& slot = schema.slot(s);
    json.BeginObject().Field("name", slot.name());
    json.Field("group", slot.group().empty() ? slot.name() : slot.group());
    json.Field("multi_valued", slot.multi_valued());
    if (content && content->rows > 0) {
      json.Field("keys_per_row",
                 ratio(static_cast<double>(content->slot_values[s]), content->rows));
    }
    json.EndObject();
  }
  json.EndArray().Key("dense").BeginArray();
  for (const LogSchema::Dense& dense : schema.dense()) json.Value(dense.name());
  json.EndArray().Key("labels").BeginArray();
  for (int l = 0; l < schema.label_size(); ++l) {
    json.BeginObject().Field("name", schema.label(l).name());
    if (content && content->rows > 0) {
      json.Field("rows", content->label_rows[l]);
      json.Field("mean", ratio(content->label_sums[l], content->label_rows[l]));
    }
    json.EndObject();
  }
  json.EndArray().Key("columns").BeginArray();
  if (schema.has_weight()) json.Value("weight");
  if (schema.has_group_id()) json.Value("group_id");
  if (schema.has_row_id()) json.Value("row_id");
  if (schema.has_timestamp()) json.Value("timestamp");
  json.EndArray();
}

void WriteContent(const LogSchema& schema, const std::optional<LogContentSummary>& content,
                  JsonWriter& json) {
  if (!content) return;
  json.Field("memory_bytes", content->memory_bytes);
  if (!schema.has_timestamp()) return;
  json.Field("timestamp_min", content->timestamp_min)
      .Field("timestamp_max", content->timestamp_max);
}

void WriteSizes(uint64_t rows, uint64_t blocks, uint64_t file_bytes, JsonWriter& json) {
  json.Field("rows", rows).Field("blocks", blocks).Field("file_bytes", file_bytes);
  json.Field("bytes_per_row",
             rows == 0 ? 0.0 : static_cast<double>(file_bytes) / static_cast<double>(rows));
}

std::vector<const LogPartReader*> PartsOf(const LogDirectory& directory) {
  std::vector<const LogPartReader*> parts;
  for (const auto& part : directory.parts()) parts.push_back(part.get());
  return parts;
}

}  // namespace

Status DescribeLogPart(const std::string& path, bool verify, JsonWriter& json) {
  PRIMACY_ASSIGN(const auto part, LogPartReader::Open(path));
  PRIMACY_ASSIGN(const auto content, ReadAll({part.get()}, verify));
  json.Field("kind", "log_part").Field("path", path).Field("verified", verify);
  WriteSizes(part->rows(), part->block_count(), part->file_bytes(), json);
  WriteContent(part->schema(), content, json);
  WriteSchema(part->schema(), content, json);
  return Ok();
}

Status DescribeLogDirectory(const std::string& path, bool verify, JsonWriter& json) {
  PRIMACY_ASSIGN(const auto directory, LogDirectory::Open(path));
  PRIMACY_ASSIGN(const auto content, ReadAll(PartsOf(*directory), verify));
  json.Field("kind", "log_directory").Field("path", path).Field("verified", verify);
  WriteSizes(directory->rows(), directory->block_count(), directory->file_bytes(), json);
  WriteContent(directory->schema(), content, json);
  WriteSchema(directory->schema(), content, json);
  json.Key("parts").BeginArray();
  for (const auto& part : directory->parts()) {
    json.BeginObject().Field("name", fs::path(part->path()).filename().string());
    json.Field("rows", part->rows())
        .Field("blocks", part->block_count())
        .Field("file_bytes", part->file_bytes());
    json.EndObject();
  }
  json.EndArray();
  return Ok();
}

Status DescribeLog(const std::string& path, bool verify, JsonWriter& json) {
  json.Field("kind", "log").Field("path", path).Field("verified", verify);
  std::optional<LogSchema> schema;
  std::optional<LogContentSummary> content;
  if (verify) content.emplace();
  json.Key("slices").BeginArray();
  for (const char* slice : kSliceNames) {
    const std::string directory_path = path + "/" + slice;
    if (!HasLogParts(directory_path)) continue;
    PRIMACY_ASSIGN(const auto directory, LogDirectory::Open(directory_path));
    if (schema && schema->SerializeAsString() != directory->schema().SerializeAsString()) {
      return UsageError(directory_path + " has another schema than the slices before it");
    }
    schema = directory->schema();
    json.BeginObject().Field("slice", slice).Field("parts", directory->parts().size());
    WriteSizes(directory->rows(), directory->block_count(), directory->file_bytes(), json);
    PRIMACY_ASSIGN(const auto slice_content, ReadAll(PartsOf(*directory), verify));
    if (slice_content) {
      Add(*slice_content, *content);
      json.Field("memory_bytes", slice_content->memory_bytes);
    }
    json.EndObject();
  }
  json.EndArray();
  CHECK(schema.has_value()) << path;
  WriteSchema(*schema, content, json);
  return Ok();
}

bool HasLogParts(const std::string& path) {
  std::error_code code;
  for (fs::directory_iterator entry(path, code), end; !code && entry != end;
       entry.increment(code)) {
    if (entry->path().extension() == ".clog") return true;
  }
  return false;
}

bool HasLogSlices(const std::string& path) {
  for (const char* slice : kSliceNames) {
    if (HasLogParts(path + "/" + slice)) return true;
  }
  return false;
}

}  // namespace primacy
