#include "tools/compare/comparison_json.h"

#include "common/base/json.h"

namespace primacy {
namespace {

void WriteNumbers(const char* name, const std::vector<double>& numbers, JsonWriter& json) {
  json.Key(name).BeginArray();
  for (const double number : numbers) json.Value(number);
  json.EndArray();
}

const char* KindName(Method::Kind kind) {
  switch (kind) {
    case Method::Kind::kSingle:
      return "single";
    case Method::Kind::kWeighted:
      return "weighted";
    case Method::Kind::kRival:
      return "rival";
    case Method::Kind::kNmt:
      break;
  }
  return "nmt";
}

void WriteTask(const ModelComparison& model, const MethodFigures& method, size_t task,
               JsonWriter& json) {
  const TaskFigures& figures = method.tasks[task];
  json.BeginObject();
  WriteNumbers("holdout_auc", figures.holdout, json);
  WriteNumbers("test_auc", figures.test, json);
  json.Field("test_mean", Mean(figures.test))
      .Field("test_standard_error", StandardError(figures.test));
  if (model.nmt >= 0 && method.kind != Method::Kind::kNmt) {
    const PairedDifference difference = DifferenceToNmt(model, method, task);
    json.Key("nmt_minus")
        .BeginObject()
        .Field("mean", difference.mean)
        .Field("low", difference.low)
        .Field("high", difference.high)
        .EndObject();
  }
  json.EndObject();
}

void WriteMethod(const Comparison& comparison, const ModelComparison& model, size_t index,
                 JsonWriter& json) {
  const MethodFigures& method = model.methods[index];
  json.BeginObject()
      .Field("name", method.name)
      .Field("kind", KindName(method.kind))
      .Field("chosen", static_cast<int>(index) == model.chosen);
  WriteNumbers("row_passes", method.row_passes, json);
  WriteNumbers("seconds", method.seconds, json);
  if (method.kind == Method::Kind::kNmt) {
    json.Field("kept_on_holdout", method.kept);
    json.Key("verdicts")
        .BeginObject()
        .Field("kept", method.verdicts.kept)
        .Field("not_kept", method.verdicts.not_kept)
        .Field("not_decidable", method.verdicts.undecided)
        .EndObject();
  }
  json.Key("tasks").BeginObject();
  for (size_t t = 0; t < comparison.tasks.size(); ++t) {
    json.Key(comparison.tasks[t]);
    WriteTask(model, method, t, json);
  }
  json.EndObject().EndObject();
}

}  // namespace

std::string ComparisonJson(const Comparison& comparison) {
  JsonWriter json(JsonStyle::kIndented);
  json.BeginObject()
      .Field("format", 2)
      .Field("job", comparison.job)
      .Field("servers", comparison.servers)
      .Field("workers", comparison.workers)
      .Field("kept_margin", comparison.kept_margin);
  json.Key("tasks").BeginArray();
  for (const std::string& task : comparison.tasks) json.Value(task);
  json.EndArray().Key("seeds").BeginArray();
  for (const uint64_t seed : comparison.seeds) json.Value(seed);
  json.EndArray().Key("models").BeginArray();
  for (const ModelComparison& model : comparison.models) {
    json.BeginObject().Field("model", model.folder).Key("methods").BeginArray();
    for (size_t m = 0; m < model.methods.size(); ++m) WriteMethod(comparison, model, m, json);
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  return json.Take() + "\n";
}

}  // namespace primacy
