// A multi-task ranking model: embeddings pooled per slot and dense features in, one output per task
// out, with its backward pass. It owns no parameters: they are given to each call, because the
// servers own them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "common/protocol/dense_layout.h"
#include "common/protocol/messages.pb.h"
#include "worker/data/batch.h"
#include "worker/data/input_spec.h"

namespace primacy {

// Parameters of one step, by reference.
struct ParameterView {
  // [table]: rows [unique, dim] in the order of Batch.tables[table].keys.
  std::vector<const float*> tables;
  // Flat buffer of DenseLayout(parameters()).
  std::span<const float> dense;
};

// Where the gradients go. The model overwrites them (it zeroes what it does not reach).
struct GradientView {
  std::vector<float*> tables;  // [table]: [unique, dim]; empty: no table gradients are wanted
  std::span<float> dense;      // flat buffer
};

struct ForwardOptions {
  // Bit t: compute task t; other tasks' outputs are 0 and cost nothing.
  uint64_t active_tasks = ~0ull;
  // Dropout on.
  bool training = false;
  // With Batch.row_sequence: the mask is a pure function of (seed, row, unit).
  uint64_t dropout_seed = 0;
};

// Σ over the batch per task, in double.
struct LossSums {
  std::vector<double> loss;    // Σ weight · loss(row)
  std::vector<double> weight;  // Σ weight
};

// Not thread safe: Forward keeps activations for the backward pass. One model per compute thread.
class Model {
 public:
  // Usage errors name the field of the job.
  static Result<std::unique_ptr<Model>> Create(const Job& job, const InputSpec& input);
  virtual ~Model() = default;

  // Tables and tensors, with their initial values' bounds and owner tasks.
  virtual const ParameterSpec& parameters() const = 0;

  // outputs [rows, outputs_per_row()]: raw scores (logits for LOGISTIC and SOFTMAX), in task order;
  // SOFTMAX tasks have `classes` columns, others one. The view is valid until the next call.
  virtual std::span<const float> Forward(const Batch& batch, const ParameterView& parameters,
                                         const ForwardOptions& options) = 0;
  virtual size_t outputs_per_row() const = 0;
  virtual size_t output_column(int task) const = 0;

  // Losses of the last Forward.
  virtual LossSums Losses(const Batch& batch) = 0;

  // Gradients of Σ_tasks loss_factor[task] · Σ_rows weight · loss of the last Forward, in two
  // halves, so that those of the table rows can be sent while those of the dense tensors are
  // computed. A task with factor 0 costs nothing.
  //
  // First half: all activations' gradients, and from them the table rows'. table_gradients[table]
  // [unique, dim] are overwritten; none: no table gradients are wanted.
  virtual void BackwardRows(const Batch& batch, const ParameterView& parameters,
                            std::span<const double> loss_factor,
                            std::span<float* const> table_gradients) = 0;
  // Second half, of the last BackwardRows with no Forward in between: the flat buffer of the dense
  // tensors' gradients. Needs neither the batch nor the parameters.
  virtual void BackwardDense(std::span<float> dense_gradient) = 0;

  // Both.
  void Backward(const Batch& batch, const ParameterView& parameters,
                std::span<const double> loss_factor, const GradientView& gradients);
};

// p of a LOGISTIC task, the value of a SQUARED one; for SOFTMAX the expected class index. What
// metrics and predictions see.
float Prediction(const InputTask& task, std::span<const float> outputs);

// Loss of one row, unweighted, in double (stable for large scores).
double RowLoss(const InputTask& task, std::span<const float> outputs, float label);

}  // namespace primacy
