// The files of a generated log besides its parts, and the care not to touch a log that was not
// generated.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "tools/generate/row_source.h"

namespace primacy::generate {

// Makes OUT and its three folders and removes parts of an earlier generated log there. A usage
// error when there are parts but no truth.txt: such a log was not generated.
Status PrepareOutput(const std::string& out);

// The job in the text form of job.proto, with the tasks in order and the log beside it.
std::string JobText(const GenerateOptions& options);

// What the rows turned out to be.
struct Measured {
  std::vector<double> label_rate;   // [task] over the rows of the train folder that have the label
  std::vector<double> ceiling_auc;  // [task] of the planted logits on test rows: no model can be
                                    // expected to do better
};

// "name: value" lines, with a comment before each group. Before anything was measured: without that
// part.
std::string TruthText(const GenerateOptions& options, const RowSource& source,
                      const Measured* measured);

// Area under the curve of `scores` against labels of 0 or 1, ties counted half; 0.5 when there is
// one class only.
double AreaUnderCurve(const std::vector<float>& scores, const std::vector<uint8_t>& labels);

}  // namespace primacy::generate
