// Gradients that come in planes, one per task: the coordinator weighs them, then they are an update
// like any other.
#include <algorithm>
#include <utility>

#include "common/base/stopwatch.h"
#include "common/protocol/plane_products.h"
#include "ps/service/parameter_service.h"

namespace primacy {

std::unique_ptr<GradientPlanes> ParameterService::MakePlanes() const {
  return std::make_unique<GradientPlanes>(store_->options().parameters, store_->layout(), shards_);
}

Status ParameterService::CheckPlanes(const Pushed& push, const TableKeys& keys) {
  const PushRequest& request = push.request;
  const std::vector<int> tasks = TasksOf(request.plane_tasks());
  if (tasks.back() >= options_.job.task_size())
    return Failure("a push has planes of tasks that the job does not have");
  if (request.part() != PushRequest::WHOLE || request.freeze_shared())
    return Failure("a push in planes must be whole, with table gradients");
  if (planes_ == nullptr) planes_ = MakePlanes();
  const size_t floats = planes_->FloatsOf(tasks.size(), keys.tables);
  if (push.gradients.size() == floats * sizeof(float)) return Ok();
  return Failure("a push carries " + std::to_string(push.gradients.size()) +
                 " bytes of gradients instead of " + std::to_string(floats * sizeof(float)));
}

void ParameterService::AddPlanes(int worker, GradientPlanes& planes) {
  const Stopwatch watch(apply_seconds_);
  const WorkerState& state = workers_[worker];
  const Pushed& push = *state.tables;
  const TableKeys& keys = state.steps.at(push.request.step()).keys;
  planes.Add(keys.tables, keys.places,
             push.gradients.As<float>(0, push.gradients.size() / sizeof(float)));
}

void ParameterService::AdvancePlanes() {
  const int count = options_.workers;
  while (update_.tables_added < count && workers_[update_.tables_added].has_tables()) {
    const int worker = update_.tables_added++;
    if (!BeginWith(worker, *workers_[worker].tables)) return;
    if (worker == 0) planes_->Begin(update_.plane_tasks);
    AddPlanes(worker, *planes_);
  }
  if (update_.tables_added < count || std::exchange(update_.exchanging, true)) return;
  ExchangeProducts(*planes_, update_.step, update_.workers);
}

void ParameterService::WeighAlone(int worker) {
  WorkerState& state = workers_[worker];
  if (state.planes == nullptr) state.planes = MakePlanes();
  state.planes->Begin(state.tables->request.plane_tasks());
  AddPlanes(worker, *state.planes);
  ExchangeProducts(*state.planes, state.tables->request.step(), {worker});
}

void ParameterService::ExchangeProducts(GradientPlanes& planes, Step step,
                                        std::vector<int> workers) {
  auto products = std::make_shared<std::vector<double>>();
  {
    const Stopwatch watch(apply_seconds_);
    *products = planes.Products();
  }
  GramRequest request;
  request.set_server(options_.server);
  request.set_step(step);
  request.set_first_shard(shards_.begin);
  request.set_plane_tasks(workers_[workers.front()].tables->request.plane_tasks());
  exchanges_.gram(
      request, std::move(products),
      [this, &planes, step, workers = std::move(workers),
       incarnation = incarnation_](Result<GramReply> weights) {
        work_.Push([this, &planes, step, workers, incarnation, weights = std::move(weights)] {
          if (!weights.ok()) return FailPhase(weights.error());
          // The phase, and the planes with it, may be gone.
          const std::optional<Pushed>& push = workers_[workers.front()].tables;
          const bool there =
              incarnation == incarnation_ && IsInPlanes(push) && push->request.step() == step;
          if (there) ApplyPlanes(planes, step, workers, *weights);
        });
      });
}

void ParameterService::ApplyPlanes(GradientPlanes& planes, Step step,
                                   const std::vector<int>& workers, const GramReply& weights) {
  const uint64_t plane_tasks = workers_[workers.front()].tables->request.plane_tasks();
  if (weights.shared_weight_size() != static_cast<int>(TasksOf(plane_tasks).size()) ||
      weights.private_weight_size() != weights.shared_weight_size()) {
    return FailPhase(
        Failure("the coordinator weighs other planes than those of step " + std::to_string(step)));
  }
  {
    const Stopwatch watch(apply_seconds_);
    planes.Weigh(
        {weights.shared_weight().data(), static_cast<size_t>(weights.shared_weight_size())},
        {weights.private_weight().data(), static_cast<size_t>(weights.private_weight_size())});
    for (const int worker : workers) {
      if (!BeginWith(worker, *workers_[worker].tables)) return;
    }
    planes.AccumulateTo(*store_);
  }
  ApplyRestAndAcknowledge(weights.scale());
}

}  // namespace primacy
