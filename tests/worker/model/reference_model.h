// The models once more, written row by row in double from the papers, without anything the fast
// ones use but their parameters' names: what they are checked against.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/config/job.pb.h"
#include "worker/data/batch.h"
#include "worker/data/input_spec.h"
#include "worker/model/model.h"

namespace primacy::testing_support {

// Not fast. The dropout mask is the one thing taken from the code under test.
class ReferenceModel {
 public:
  // Parameters are copied and may then be changed.
  ReferenceModel(const Job& job, const InputSpec& input, const ParameterSpec& spec,
                 const ParameterView& parameters, const Batch& batch);

  // Scores of one row: [task][1 or class].
  std::vector<std::vector<double>> Scores(const Batch& batch, size_t row,
                                          const ForwardOptions& options) const;
  // Σ_tasks factor · Σ_rows weight · loss.
  double Objective(const Batch& batch, const std::vector<double>& factor,
                   const ForwardOptions& options) const;

  std::vector<double> dense;                // as the flat buffer
  std::vector<std::vector<double>> tables;  // [table][unique · dim]

 private:
  using Vector = std::vector<double>;
  struct Tensor {
    size_t begin, rows, cols;
  };

  Vector Input(const Batch& batch, size_t row) const;
  Vector Linear(const std::string& layer, const Vector& x) const;
  // Layers name/0, name/1, …, with ReLU but for the last one if `linear_output`; dropout behind
  // ReLU when `row_sequence` is not null: the mask's layer is called mask_name/l and the units
  // begin at mask_unit[l].
  struct Drop {
    uint64_t seed;
    uint64_t row;
    double rate;
    std::string mask_name;
    std::vector<size_t> mask_unit;
  };
  Vector Hidden(const std::string& name, size_t layers, Vector x, const Drop* drop,
                bool linear_output) const;
  Vector Mix(const std::string& gate, const Vector& x, const std::vector<Vector>& experts) const;
  // What each task's tower reads.
  std::vector<Vector> TowerInputs(const Vector& x) const;
  std::vector<Vector> PleTowerInputs(const Vector& x) const;

  const ModelConfig model_;
  const InputSpec input_;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace primacy::testing_support
