// One gradient per task, for methods that weigh gradients on the servers.
#include <chrono>
#include <utility>

#include "worker/trainer/training_phase.h"

namespace primacy {

bool Trainer::BackwardInPlanes(const TrainDirective& directive, const Batch& batch,
                               const ParameterView& parameters, const StepGrant& grant) {
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point began) {
    return std::chrono::duration<double>(Clock::now() - began).count();
  };
  Clock::time_point began = Clock::now();
  std::vector<std::shared_ptr<GradientBuffer>> planes;
  uint64_t plane_tasks = 0;
  for (size_t task = 0; task < grant.loss_factor.size(); ++task) {
    if (grant.loss_factor[task] == 0) continue;
    plane_tasks |= 1ull << task;
    planes.push_back(FreeGradients(batch, /*with_tables=*/true));
    std::vector<float*> tables;
    for (LargeFloats& table : planes.back()->tables) tables.push_back(table.data());
    std::vector<double> factor(grant.loss_factor.size(), 0.0);
    factor[task] = grant.loss_factor[task];
    model_.BackwardRows(batch, parameters, factor, tables);
    model_.BackwardDense(planes.back()->dense);
  }
  times().set_backward(times().backward() + seconds_since(began));
  if (plane_tasks == 0) return false;
  began = Clock::now();
  pushes_.push_back(
      {planes, {client_.PushPlanes(batch, planes, plane_tasks, directive.active_tasks())}});
  times().set_push(times().push() + seconds_since(began));
  return true;
}

}  // namespace primacy
