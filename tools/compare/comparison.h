// The figures of a comparison: what every trained method reached, model by model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tools/compare/curves.h"
#include "tools/compare/method.h"
#include "tools/compare/plan.h"
#include "tools/compare/run_report.h"
#include "tools/compare/statistics.h"

namespace primacy {

// AUC of every seed; NaN where there is none (a loss other than LOGISTIC, a slice without one of
// the classes).
struct TaskFigures {
  std::vector<double> holdout;
  std::vector<double> test;
};

struct MethodFigures {
  std::string name;
  Method::Kind kind = Method::Kind::kNmt;
  std::vector<TaskFigures> tasks;  // in order of priority
  // Training cost of every seed, in passes over the train rows and in seconds; of `single` the sum
  // over its trainings.
  std::vector<double> row_passes;
  std::vector<double> seconds;
  int kept = 0;       // NMT: seeds whose last stage found a feasible model on the hold-out slice
  Verdicts verdicts;  // NMT: of the last stages of all seeds, on the test slice
};

struct ModelComparison {
  std::string model;  // "MMoE"
  std::string folder;
  std::vector<MethodFigures> methods;
  // Indices into methods, or -1.
  int single = -1;
  int nmt = -1;
  int chosen = -1;                  // see ChooseWeighting
  std::vector<StageCurves> curves;  // of NMT
};

struct Comparison {
  std::string job;
  std::vector<std::string> tasks;
  std::vector<uint64_t> seeds;
  int servers = 1;
  int workers = 1;
  // How far below `single` the first task of a weighting may be, on the hold-out slice, to count as
  // keeping it.
  double kept_margin = 0.002;
  std::vector<ModelComparison> models;
};

// Reads the reports and NMT's time lines. REQUIRES: every training of the plan has finished.
Result<Comparison> CollectComparison(const ComparisonPlan& plan);

// The weighting to compare NMT with: of those whose first task is within kept_margin of `single` on
// the hold-out slice, the one with the best mean AUC of the other tasks there; -1 when there is
// none.
int ChooseWeighting(const ModelComparison& model, double kept_margin);

// NMT − method on the test slice, paired by seed. REQUIRES: the model has NMT.
PairedDifference DifferenceToNmt(const ModelComparison& model, const MethodFigures& method,
                                 size_t task);

}  // namespace primacy
