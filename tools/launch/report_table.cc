#include "tools/launch/report_table.h"

#include "common/base/strings.h"
#include "tools/launch/constraint_lines.h"

namespace primacy {
namespace {

constexpr char kRow[] = "%-14s %-14s %8s %8s %9s %8s %7s %9s  %s\n";

std::string Number(const JsonValue& object, const char* name, const char* format) {
  const JsonValue* value = object.Find(name);
  if (value == nullptr || !value->number().has_value()) return "-";
  return Format(format, *value->number());
}

std::string TaskRow(const std::string& stage, const JsonValue& task, const std::string& verdict) {
  static const JsonValue kNothing;
  const JsonValue* found = task.Find("test");
  const JsonValue& test = found == nullptr ? kNothing : *found;
  return Format(kRow, stage.c_str(), task.TextOr("task", "").c_str(),
                Number(test, "auc", "%.4f").c_str(), Number(test, "gauc", "%.4f").c_str(),
                Number(test, "loss", "%.5f").c_str(), Number(test, "calibration", "%.3f").c_str(),
                Number(task, "lambda", "%.3f").c_str(), Number(task, "bound", "%.5f").c_str(),
                verdict.c_str());
}

std::string Verdict(const JsonValue& stage, const JsonValue& task) {
  if (task.TextOr("role", "") != "constraint") return "";
  return stage.BooleanOr("kept", false) ? "kept" : "not kept";
}

}  // namespace

Result<std::string> ReportTable(const std::string& run_dir, const JsonValue& report) {
  std::string table = Format(kRow, "stage", "task", "test auc", "gauc", "log loss", "calibr.", "λ",
                             "bound", "on hold-out");
  const JsonValue* stages = report.Find("stages");
  if (stages == nullptr || stages->array() == nullptr) {
    return Failure(run_dir + "/report.json has no stages");
  }
  for (const JsonValue& stage : *stages->array()) {
    const JsonValue* tasks = stage.Find("tasks");
    if (tasks == nullptr || tasks->array() == nullptr) continue;
    std::string name = stage.TextOr("name", "");
    for (const JsonValue& task : *tasks->array()) {
      table += TaskRow(name, task, Verdict(stage, task));
      name.clear();  // once per stage
    }
  }
  table += ConstraintLines(report);
  if (const int64_t bad = report.IntegerOr("bad_records", 0); bad > 0) {
    table +=
        Format("%s rows had a label that does not suit its task's loss, and were left out of it\n",
               WithCommas(static_cast<uint64_t>(bad)).c_str());
  }
  table += Format("%s rows/s; report, events and checkpoints are in %s\n",
                  WithCommas(static_cast<uint64_t>(report.NumberOr("rows_per_s", 0))).c_str(),
                  run_dir.c_str());
  return table;
}

}  // namespace primacy
