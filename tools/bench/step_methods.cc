#include "tools/bench/step_methods.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "common/base/strings.h"
#include "tools/bench/step_work.h"

namespace primacy {
namespace {

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& letter : upper) letter = static_cast<char>(std::toupper(letter));
  return upper;
}

void SetNumber(const std::string& name, double value, BenchRecord& record) {
  for (auto& [known, number] : record.numbers) {
    if (known == name) number = value;
  }
}

double RateOf(const BenchRecord& record) { return NumberOf(record, "rows_per_s"); }

// The record of the median run, with the spread of all.
BenchRecord MedianOf(std::vector<BenchRecord> runs) {
  std::sort(runs.begin(), runs.end(),
            [](const auto& a, const auto& b) { return RateOf(a) < RateOf(b); });
  BenchRecord median = runs[runs.size() / 2];
  SetNumber("rows_per_s_min", RateOf(runs.front()), median);
  SetNumber("rows_per_s_max", RateOf(runs.back()), median);
  return median;
}

// How much longer a step took than one of `first`: the median over the pairs of runs.
double TimeRatio(const std::vector<BenchRecord>& first, const std::vector<BenchRecord>& method) {
  std::vector<double> ratios;
  for (size_t run = 0; run < first.size(); ++run) {
    ratios.push_back(RateOf(first[run]) / RateOf(method[run]));
  }
  std::sort(ratios.begin(), ratios.end());
  return ratios[ratios.size() / 2];
}

}  // namespace

Result<std::vector<PriorityConfig::Method>> ParseStepMethods(const std::string& text) {
  std::vector<PriorityConfig::Method> methods;
  if (text == "all") {
    methods.push_back(PriorityConfig::WEIGHTED);
    const auto* const known = PriorityConfig::Method_descriptor();
    for (int m = 0; m < known->value_count(); ++m) {
      const auto method = static_cast<PriorityConfig::Method>(known->value(m)->number());
      if (method != PriorityConfig::WEIGHTED) methods.push_back(method);
    }
    return methods;
  }
  for (const std::string_view name : Split(text, ',')) {
    PriorityConfig::Method method;
    if (!PriorityConfig::Method_Parse(UpperCase(name), &method)) {
      return UsageError("--method: '" + std::string(name) +
                        "' is no priority.method (docs/methods.md) and not all");
    }
    if (std::find(methods.begin(), methods.end(), method) != methods.end()) {
      return UsageError("--method: " + std::string(name) + " stands there already");
    }
    methods.push_back(method);
  }
  return methods;
}

Result<std::vector<BenchRecord>> StepBenchOfMethods(
    const StepBenchOptions& options, const StepJobOptions& arrangement,
    const std::vector<PriorityConfig::Method>& methods, const StepLog& log) {
  StepBenchOptions once = options;
  once.runs = 1;
  StepJobOptions job = arrangement;
  std::vector<std::vector<BenchRecord>> runs(methods.size());
  for (int run = 0; run < options.runs; ++run) {
    for (size_t m = 0; m < methods.size(); ++m) {
      job.method = methods[m];
      PRIMACY_ASSIGN(BenchRecord record, StepBenchAsJob(once, job, log));
      runs[m].push_back(std::move(record));
    }
  }
  std::vector<BenchRecord> records;
  for (const std::vector<BenchRecord>& of_method : runs) {
    records.push_back(MedianOf(of_method));
    records.back().numbers.emplace_back("time_ratio", TimeRatio(runs.front(), of_method));
  }
  return records;
}

}  // namespace primacy
