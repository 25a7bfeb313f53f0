// Several ways of training the same job, over several seeds, side by side: what the first task kept
// and what the others gained.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "tools/compare/method.h"
#include "tools/compare/statistics.h"

namespace primacy {

struct CompareOptions {
  Job job;  // checked
  std::vector<Method> methods;
  int seeds = 3;  // training.seed, training.seed + 1, …
  int servers = 1;
  int workers = 1;
  // One folder per training and seed. Finished ones are not trained again; one that was trained by
  // another job is a usage error.
  std::string run_dir;
  // How far below `single` the first task of a weighting may be, on the hold-out slice, to count as
  // keeping it.
  double kept_margin = 0.002;
  // Says what is being trained; may be empty.
  std::function<void(const std::string&)> progress;
};

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
  std::vector<double> row_passes;  // training cost of every seed, in passes over the train rows
  std::vector<double> seconds;
  int kept = 0;  // NMT: seeds whose last stage found a feasible model on the hold-out slice
};

struct Comparison {
  std::vector<std::string> tasks;
  std::vector<MethodFigures> methods;
  // Indices into methods, or -1.
  int single = -1;
  int nmt = -1;
  // The weighting to compare NMT with: of those whose first task is within kept_margin of `single`
  // on the hold-out slice, the one with the best mean AUC of the other tasks there.
  int chosen = -1;
};

// Trains what is missing. Errors name the training.
Result<Comparison> Compare(const CompareOptions& options);

// The weighting that Comparison::chosen describes.
int ChooseWeighting(const Comparison& comparison, double kept_margin);

std::string FormatComparison(const Comparison& comparison);
std::string ComparisonJson(const Comparison& comparison);
// First task's test AUC against the second's: a dot per seed, a cross of standard deviations per
// method.
std::string ComparisonSvg(const Comparison& comparison);

}  // namespace primacy
