#include "worker/model/model.h"

#include <algorithm>
#include <cmath>

#include "worker/model/architecture.h"
#include "worker/model/multi_task_model.h"
#include "worker/nn/loss.h"

namespace primacy {

Result<std::unique_ptr<Model>> Model::Create(const Job& job, const InputSpec& input) {
  PRIMACY_ASSIGN(Architecture architecture, MakeArchitecture(job.model(), input));
  if (job.runtime().compute() == BF16) architecture.compute = Element::kBf16;
  return std::unique_ptr<Model>(std::make_unique<MultiTaskModel>(architecture, input));
}

void Model::Backward(const Batch& batch, const ParameterView& parameters,
                     std::span<const double> loss_factor, const GradientView& gradients) {
  BackwardRows(batch, parameters, loss_factor, gradients.tables);
  BackwardDense(gradients.dense);
}

float Prediction(const InputTask& task, std::span<const float> outputs) {
  const double score = outputs[0];
  if (task.loss == TaskConfig::SQUARED) return outputs[0];
  if (task.loss == TaskConfig::LOGISTIC) return static_cast<float>(1.0 / (1.0 + std::exp(-score)));
  const double top = *std::max_element(outputs.begin(), outputs.end());
  double sum = 0;
  double weighted = 0;
  for (size_t k = 0; k < outputs.size(); ++k) {
    const double e = std::exp(outputs[k] - top);
    sum += e;
    weighted += static_cast<double>(k) * e;
  }
  return static_cast<float>(weighted / sum);
}

double RowLoss(const InputTask& task, std::span<const float> outputs, float label) {
  return RowLoss(LossKindOf(task.loss), outputs, label);
}

}  // namespace primacy
