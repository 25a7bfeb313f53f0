#include "tools/compare/comparison.h"

#include <cmath>
#include <limits>

#include "tools/compare/model_names.h"
#include "tools/launch/report_file.h"

namespace primacy {
namespace {

Status AddSeed(const ComparisonPlan& plan, const Job& model, const Method& method, uint64_t seed,
               MethodFigures& figures) {
  double row_passes = 0, seconds = 0;
  bool kept = true;
  for (size_t i = 0; i < method.trainings.size(); ++i) {
    const std::string run_dir = TrainingDirectory(plan, model, method.trainings[i], seed);
    const Result<JsonValue> report = ReadReport(run_dir);
    if (!report.ok()) return Error(run_dir, report.error());
    row_passes += report->NumberOr("row_passes", 0);
    seconds += report->NumberOr("seconds", 0);
    kept = kept && LastStageKept(*report);
    const Verdicts verdicts = LastVerdicts(*report);
    figures.verdicts.kept += verdicts.kept;
    figures.verdicts.not_kept += verdicts.not_kept;
    figures.verdicts.undecided += verdicts.undecided;
    for (int t = 0; t < model.task_size(); ++t) {
      if (method.kind == Method::Kind::kSingle && static_cast<size_t>(t) != i) continue;
      const std::string& task = model.task(t).name();
      figures.tasks[t].holdout.push_back(AucOf(*report, task, "holdout"));
      figures.tasks[t].test.push_back(AucOf(*report, task, "test"));
    }
  }
  figures.row_passes.push_back(row_passes);
  figures.seconds.push_back(seconds);
  figures.kept += kept ? 1 : 0;
  return Ok();
}

Result<std::vector<StageCurves>> CurvesOf(const ComparisonPlan& plan, const Job& model,
                                          const Method& method) {
  std::vector<std::string> paths;
  for (const uint64_t seed : PlannedSeeds(plan)) {
    paths.push_back(TrainingDirectory(plan, model, method.trainings[0], seed) + "/events.jsonl");
  }
  return ReadCurves(paths);
}

Result<ModelComparison> CollectModel(const ComparisonPlan& plan, const Job& job) {
  ModelComparison model;
  model.model = ModelTitle(job.model().kind());
  model.folder = ModelFolder(job.model().kind());
  for (const Method& method : plan.methods) {
    MethodFigures figures;
    figures.name = method.name;
    figures.kind = method.kind;
    figures.tasks.resize(static_cast<size_t>(job.task_size()));
    for (const uint64_t seed : PlannedSeeds(plan)) {
      PRIMACY_TRY(AddSeed(plan, job, method, seed, figures));
    }
    const int index = static_cast<int>(model.methods.size());
    if (method.kind == Method::Kind::kSingle) model.single = index;
    if (method.kind == Method::Kind::kNmt) {
      model.nmt = index;
      PRIMACY_ASSIGN(model.curves, CurvesOf(plan, job, method));
    }
    model.methods.push_back(std::move(figures));
  }
  return model;
}

}  // namespace

Result<Comparison> CollectComparison(const ComparisonPlan& plan) {
  Comparison comparison;
  comparison.job = plan.models[0].name();
  for (const TaskConfig& task : plan.models[0].task()) comparison.tasks.push_back(task.name());
  comparison.seeds = PlannedSeeds(plan);
  comparison.servers = plan.servers;
  comparison.workers = plan.workers;
  for (const Job& job : plan.models) {
    PRIMACY_ASSIGN(ModelComparison model, CollectModel(plan, job));
    model.chosen = ChooseWeighting(model, comparison.kept_margin);
    comparison.models.push_back(std::move(model));
  }
  return comparison;
}

int ChooseWeighting(const ModelComparison& model, double kept_margin) {
  if (model.single < 0) return -1;
  const double alone = Mean(model.methods[model.single].tasks[0].holdout);
  int chosen = -1;
  double best = -std::numeric_limits<double>::infinity();
  for (size_t m = 0; m < model.methods.size(); ++m) {
    const MethodFigures& method = model.methods[m];
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

PairedDifference DifferenceToNmt(const ModelComparison& model, const MethodFigures& method,
                                 size_t task) {
  CHECK_GE(model.nmt, 0);
  return ComparePaired(model.methods[model.nmt].tasks[task].test, method.tasks[task].test);
}

}  // namespace primacy
