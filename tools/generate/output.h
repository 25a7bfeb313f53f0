// The files of a generated log besides its parts.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "tools/generate/row_source.h"

namespace primacy::generate {

// The job in the text form of job.proto, with the tasks in order and the log beside it.
std::string JobText(const GenerateOptions& options);

// What the rows turned out to be.
struct Measured {
  std::vector<double> label_rate;   // [task] over the rows of the train folder that have the label
  std::vector<double> ceiling_auc;  // [task] of the planted logits on test rows: no model can be
                                    // expected to do better
};

// "name: value" lines, with a comment before each group.
std::string TruthText(const GenerateOptions& options, const RowSource& source,
                      const Measured& measured);

// Area under the curve of `scores` against labels of 0 or 1, ties counted half; 0.5 when there is
// one class only.
double AreaUnderCurve(const std::vector<float>& scores, const std::vector<uint8_t>& labels);

}  // namespace primacy::generate
