#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/json_value.h"
#include "ps/checkpoint/generation.h"
#include "tools/inspect/describe.h"

namespace primacy {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kReportBytesMax = 64 << 20;

// Writes a number, text or truth value that was read from JSON.
void WriteScalar(const JsonValue& value, JsonWriter& json) {
  if (value.text() != nullptr) {
    json.Value(*value.text());
  } else if (value.boolean()) {
    json.Value(*value.boolean());
  } else if (value.integer()) {
    json.Value(*value.integer());
  } else if (value.natural()) {
    json.Value(*value.natural());
  } else if (value.number()) {
    json.Value(*value.number());
  } else {
    json.Null();
  }
}

// The plain members of an object, under their names or `prefix` and their names.
void WriteScalars(const JsonValue& object, const std::string& prefix, JsonWriter& json) {
  if (object.object() == nullptr) return;
  for (const JsonMember& member : *object.object()) {
    if (!member.value.is_scalar()) continue;
    json.Key(prefix + member.name);
    WriteScalar(member.value, json);
  }
}

void WriteMetric(const JsonValue& task, const char* slice, const char* metric, JsonWriter& json) {
  const JsonValue* metrics = task.Find(slice);
  const JsonValue* value = metrics == nullptr ? nullptr : metrics->Find(metric);
  json.Key(std::string(slice) + "_" + metric);
  WriteScalar(value == nullptr ? JsonValue() : *value, json);
}

void WriteStages(const JsonValue& report, JsonWriter& json) {
  const JsonValue* stages = report.Find("stages");
  if (stages == nullptr || stages->array() == nullptr) return;
  json.Key("stages").BeginArray();
  for (const JsonValue& stage : *stages->array()) {
    json.BeginObject();
    WriteScalars(stage, "", json);
    json.EndObject();
  }
  json.EndArray();
}

// Of all stages, if there are any.
void WriteConstraints(const JsonValue& report, JsonWriter& json) {
  const JsonValue* stages = report.Find("stages");
  if (stages == nullptr || stages->array() == nullptr) return;
  bool begun = false;
  for (const JsonValue& stage : *stages->array()) {
    const JsonValue* constraints = stage.Find("constraints");
    if (constraints == nullptr || constraints->array() == nullptr) continue;
    for (const JsonValue& constraint : *constraints->array()) {
      if (!std::exchange(begun, true)) json.Key("constraints").BeginArray();
      json.BeginObject().Field("stage", stage.TextOr("name", ""));
      WriteScalars(constraint, "", json);
      json.EndObject();
    }
  }
  if (begun) json.EndArray();
}

void WriteFinal(const JsonValue& report, JsonWriter& json) {
  const JsonValue* final = report.Find("final");
  if (final == nullptr || final->object() == nullptr) return;
  json.Key("final").BeginArray();
  for (const JsonMember& task : *final->object()) {
    json.BeginObject().Field("task", task.name);
    for (const char* slice : {"holdout", "test"}) {
      for (const char* metric : {"auc", "gauc", "loss", "calibration"})
        WriteMetric(task.value, slice, metric, json);
    }
    json.EndObject();
  }
  json.EndArray();
}

Status DescribeReport(const std::string& path, JsonWriter& json) {
  PRIMACY_ASSIGN(const std::string text, ReadFile(path, kReportBytesMax));
  const auto report = ParseJson(text);
  if (!report.ok()) return Error(path, report.error());
  json.Key("report").BeginObject();
  WriteScalars(*report, "", json);
  WriteStages(*report, json);
  WriteConstraints(*report, json);
  WriteFinal(*report, json);
  json.EndObject();
  return Ok();
}

// How many events of each kind, and the last one. A line that a kill cut off is counted as broken.
Status DescribeEvents(const std::string& path, JsonWriter& json) {
  std::ifstream file(path);
  if (!file) return Failure("cannot open " + path);
  std::vector<std::pair<std::string, int64_t>> counts;
  int64_t broken = 0;
  JsonValue last;
  for (std::string line; std::getline(file, line);) {
    auto event = ParseJson(line, {.bytes_max = 16 << 20});
    if (!event.ok()) {
      ++broken;
      continue;
    }
    const std::string name = event->TextOr("event", "?");
    auto count = std::find_if(counts.begin(), counts.end(),
                              [&name](const auto& c) { return c.first == name; });
    if (count == counts.end()) count = counts.insert(counts.end(), {name, 0});
    ++count->second;
    last = *std::move(event);
  }
  json.Key("events").BeginObject();
  for (const auto& [name, count] : counts) json.Field(name, count);
  if (broken > 0) json.Field("broken_lines", broken);
  json.EndObject();
  json.Key("last_event").BeginObject();
  WriteScalars(last, "", json);
  json.EndObject();
  return Ok();
}

}  // namespace

Status DescribeRun(const std::string& directory, bool verify, JsonWriter& json) {
  json.Field("kind", "run").Field("path", directory).Field("verified", verify);
  const std::string report = directory + "/report.json";
  const std::string events = directory + "/events.jsonl";
  if (fs::exists(report)) PRIMACY_TRY(DescribeReport(report, json));
  if (fs::exists(events)) PRIMACY_TRY(DescribeEvents(events, json));
  return DescribeGenerations(CheckpointRoot(directory), verify, json);
}

}  // namespace primacy
