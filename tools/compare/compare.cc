#include "tools/compare/compare.h"

#include <glog/logging.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "common/base/atomic_file.h"
#include "common/base/json_value.h"
#include "common/base/strings.h"
#include "common/config/job_config.h"
#include "ps/coordinator/prepare_run.h"
#include "tools/launch/local_job.h"

namespace primacy {
namespace {

constexpr uint64_t kReportBytesMax = 16 << 20;

Result<JsonValue> ReadReport(const std::string& run_dir) {
  PRIMACY_ASSIGN(const std::string text, ReadFile(run_dir + "/report.json", kReportBytesMax));
  return ParseJson(text);
}

// That the finished run in `run_dir` trained `job` on the same log.
Status CheckSameJob(const std::string& run_dir, const Job& job) {
  const std::string path = run_dir + "/job.txt";
  PRIMACY_ASSIGN(const std::string text, ReadFile(path, kReportBytesMax));
  PRIMACY_ASSIGN(const Job trained, ParseJob(text, path));
  if (JobHash(trained, "") == JobHash(job, "") && trained.data().log() == job.data().log())
    return Ok();
  return UsageError("--run_dir: " + run_dir +
                    " was trained by another job: give another directory or remove it");
}

// The report of one training, from an earlier call where there is one that finished.
Result<JsonValue> TrainOnce(const CompareOptions& options, const Training& training,
                            uint64_t seed) {
  const std::string run_dir =
      options.run_dir + "/" + training.folder + "/seed-" + std::to_string(seed);
  LocalJobOptions local;
  local.job.job = options.job;
  *local.job.job.mutable_priority() = training.priority;
  local.job.job.mutable_training()->set_seed(seed);
  std::error_code ignored;
  if (std::filesystem::exists(run_dir + "/report.json", ignored)) {
    PRIMACY_TRY(CheckSameJob(run_dir, local.job.job));
    return ReadReport(run_dir);
  }
  if (options.progress) options.progress(training.folder + ", seed " + std::to_string(seed));
  std::filesystem::remove_all(run_dir, ignored);
  local.job.run_dir = run_dir;
  local.job.servers = options.servers;
  local.job.workers = options.workers;
  PRIMACY_TRY(CreateRunDirectory(local.job));
  PRIMACY_TRY(RunLocalJob(local));
  std::filesystem::remove_all(run_dir + "/checkpoints", ignored);  // only the figures are compared
  return ReadReport(run_dir);
}

double AucOf(const JsonValue& report, const std::string& task, const char* slice) {
  const JsonValue* value = report.Find("final");
  for (const std::string& name : {task, std::string(slice)}) {
    if (value != nullptr) value = value->Find(name);
  }
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  return value == nullptr ? kMissing : value->NumberOr("auc", kMissing);
}

bool LastStageKept(const JsonValue& report) {
  const JsonValue* stages = report.Find("stages");
  if (stages == nullptr || stages->array() == nullptr || stages->array()->empty()) return false;
  return stages->array()->back().BooleanOr("kept", false);
}

Status RunSeed(const CompareOptions& options, const Method& method, uint64_t seed,
               MethodFigures& figures) {
  double row_passes = 0, seconds = 0;
  bool kept = true;
  for (size_t i = 0; i < method.trainings.size(); ++i) {
    const Result<JsonValue> report = TrainOnce(options, method.trainings[i], seed);
    if (!report.ok()) {
      return Error(method.trainings[i].folder + ", seed " + std::to_string(seed), report.error());
    }
    row_passes += report->NumberOr("row_passes", 0);
    seconds += report->NumberOr("seconds", 0);
    kept = kept && LastStageKept(*report);
    for (int t = 0; t < options.job.task_size(); ++t) {
      if (method.kind == Method::Kind::kSingle && static_cast<size_t>(t) != i) continue;
      const std::string& task = options.job.task(t).name();
      figures.tasks[t].holdout.push_back(AucOf(*report, task, "holdout"));
      figures.tasks[t].test.push_back(AucOf(*report, task, "test"));
    }
  }
  figures.row_passes.push_back(row_passes);
  figures.seconds.push_back(seconds);
  figures.kept += kept ? 1 : 0;
  return Ok();
}

}  // namespace

Result<Comparison> Compare(const CompareOptions& options) {
  Comparison comparison;
  for (const TaskConfig& task : options.job.task()) comparison.tasks.push_back(task.name());
  for (const Method& method : options.methods) {
    MethodFigures figures{
        method.name, method.kind, std::vector<TaskFigures>(comparison.tasks.size()), {}, {}, 0};
    for (int i = 0; i < options.seeds; ++i) {
      PRIMACY_TRY(RunSeed(options, method, options.job.training().seed() + static_cast<uint64_t>(i),
                          figures));
    }
    const int index = static_cast<int>(comparison.methods.size());
    if (method.kind == Method::Kind::kSingle) comparison.single = index;
    if (method.kind == Method::Kind::kNmt) comparison.nmt = index;
    comparison.methods.push_back(std::move(figures));
  }
  comparison.chosen = ChooseWeighting(comparison, options.kept_margin);
  return comparison;
}

int ChooseWeighting(const Comparison& comparison, double kept_margin) {
  if (comparison.single < 0) return -1;
  const double alone = Mean(comparison.methods[comparison.single].tasks[0].holdout);
  int chosen = -1;
  double best = -std::numeric_limits<double>::infinity();
  for (size_t m = 0; m < comparison.methods.size(); ++m) {
    const MethodFigures& method = comparison.methods[m];
    const bool keeps = Mean(method.tasks[0].holdout) >= alone - kept_margin;
    if (method.kind != Method::Kind::kWeighted || !keeps) continue;
    double others = 0;
    for (size_t t = 1; t < method.tasks.size(); ++t) {
      const double auc = Mean(method.tasks[t].holdout);
      if (std::isfinite(auc)) others += auc;
    }
    if (others <= best) continue;
    best = others;
    chosen = static_cast<int>(m);
  }
  return chosen;
}

}  // namespace primacy
