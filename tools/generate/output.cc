#include "tools/generate/output.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cstdarg>
#include <numeric>

#include "common/base/strings.h"
#include "common/config/job.pb.h"

namespace primacy::generate {
namespace {

// "like: 0.15 0.2": one number a task.
std::string PerTask(const char* name, const std::vector<double>& values) {
  std::string line = Format("%s:", name);
  for (const double value : values) line += Format(" %.6g", value);
  return line + "\n";
}

}  // namespace

std::string JobText(const GenerateOptions& options) {
  Job job;
  job.set_name("generated");
  job.mutable_data()->set_log(".");
  for (int t = 0; t < options.tasks; ++t) job.add_task()->set_name(GenerateTaskName(t));
  std::string text;
  CHECK(google::protobuf::TextFormat::PrintToString(job, &text));
  return "# A job for the log beside this file. Tasks stand in order of priority, highest first; "
         "all else has its\n"
         "# default. Each task's label is the column of its name.\n" +
         text;
}

std::string TruthText(const GenerateOptions& options, const RowSource& source,
                      const Measured& measured) {
  std::vector<double> rates;
  std::vector<double> intercepts;
  std::string names = "task:";
  for (int t = 0; t < options.tasks; ++t) {
    names += Format(" %s", GenerateTaskName(t));
    rates.push_back(GenerateBaseRate(t));
    intercepts.push_back(source.intercepts()[t]);
  }
  std::string text = "# What was planted in this log. The formulas are in docs/generate.md.\n";
  text += Format("rows: %llu\nseed: %llu\n", static_cast<unsigned long long>(options.rows),
                 static_cast<unsigned long long>(options.seed));
  text += Format("conflict: %g\n", options.conflict);
  text +=
      Format("users: %llu\nitems: %llu\nzipf: %g\n", static_cast<unsigned long long>(options.users),
             static_cast<unsigned long long>(options.items), options.zipf);
  text += Format("segments: %d\ncategories: %d\ntags: %d\n", options.segments, options.categories,
                 options.tags);
  text += Format("factors: %d\nstrength: %g\n", options.factors, options.strength);
  text += Format("appeal_share: %g\nown_share: %g\ntag_share: %g\n", options.appeal_share,
                 options.own_share, options.tag_share);
  text += Format("slots: %d\nmask_last: %s\n", options.slots, options.mask_last ? "true" : "false");
  text += "# Correlation of every later task with the first one: of taste (q) and of appeal (p).\n";
  text += Format("taste_correlation: %g\nappeal_correlation: %g\n",
                 source.model().taste_correlation(), source.model().appeal_correlation());
  text += "# One number a task, in order of priority.\n" + names + "\n";
  text += PerTask("base_rate", rates) + PerTask("intercept", intercepts);
  text +=
      "# Share of ones among the train rows that have the label; and the AUC on the test rows of "
      "the\n"
      "# planted logits themselves, which no model can be expected to exceed.\n";
  return text + PerTask("label_rate", measured.label_rate) +
         PerTask("ceiling_auc", measured.ceiling_auc);
}

double AreaUnderCurve(const std::vector<float>& scores, const std::vector<uint8_t>& labels) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  double ones = 0;
  double zeros = 0;
  double below = 0;  // pairs in which the one stands above the zero, ties half
  for (size_t begin = 0; begin < order.size();) {
    double tied_ones = 0;
    double tied_zeros = 0;
    size_t end = begin;
    for (; end < order.size() && scores[order[end]] == scores[order[begin]]; ++end) {
      (labels[order[end]] != 0 ? tied_ones : tied_zeros) += 1;
    }
    below += tied_ones * (zeros + 0.5 * tied_zeros);
    ones += tied_ones;
    zeros += tied_zeros;
    begin = end;
  }
  return ones > 0 && zeros > 0 ? below / (ones * zeros) : 0.5;
}

}  // namespace primacy::generate
