#include "ps/coordinator/gram_board.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/protocol/plane_products.h"
#include "ps/coordinator/clip_board.h"
#include "ps/coordinator/weight_sums.h"

namespace primacy {

GramBoard::GramBoard(int servers, double clip_norm, std::vector<std::string> task_names,
                     std::function<void(Error)> on_failure)
    : servers_(servers),
      clip_norm_(clip_norm),
      task_names_(std::move(task_names)),
      on_failure_(std::move(on_failure)) {}

void GramBoard::BeginStage(std::unique_ptr<UpdateWeigher> method, WeightSums weights) {
  MutexLock lock(mutex_);
  method_ = std::move(method);
  weights_ = std::move(weights);
}

void GramBoard::BeginPhase() {
  MutexLock lock(mutex_);
  updates_.clear();
}

void GramBoard::ClearWeights() {
  MutexLock lock(mutex_);
  weights_.Clear();
}

void GramBoard::OnLosses(UpdateFacts facts) {
  Status answered;
  {
    MutexLock lock(mutex_);
    if (failure_.has_value()) return;
    const Step step = facts.step;
    updates_[step].facts = std::move(facts);
    answered = TryAnswer(step);
  }
  if (!answered.ok()) on_failure_(answered.error());
}

Status GramBoard::Accept(const GramRequest& request, const RawBuffer& products,
                         Update& update) const {
  const std::vector<int> tasks = TasksOf(request.plane_tasks());
  if (tasks.empty() || tasks.back() >= static_cast<int>(task_names_.size()))
    return Failure("a server weighs planes of tasks that the job does not have");
  const size_t numbers = NumbersPerShard(tasks.size());
  const size_t shards = products.size() / (numbers * sizeof(double));
  if (request.server() < 0 || request.server() >= servers_ ||
      products.size() % (numbers * sizeof(double)) != 0 || request.first_shard() > kVirtualShards ||
      shards > kVirtualShards - request.first_shard()) {
    return Failure("a server sent products of planes of shards that do not exist");
  }
  if (update.arrived == 0) {
    update.plane_tasks = request.plane_tasks();
    update.products.assign(kVirtualShards * numbers, 0.0);
    update.responders.resize(servers_);
  } else if (update.plane_tasks != request.plane_tasks()) {
    return Failure("servers weigh other tasks' planes at step " + std::to_string(request.step()));
  }
  const auto values = products.As<double>(0, shards * numbers);
  std::copy(values.begin(), values.end(),
            update.products.begin() + static_cast<ptrdiff_t>(request.first_shard() * numbers));
  return Ok();
}

void GramBoard::OnGram(const GramRequest& request, const RawBuffer& products, Responder responder) {
  Status answered;
  {
    MutexLock lock(mutex_);
    if (failure_.has_value()) return responder.Fail(*failure_);
    Update& update = updates_[request.step()];
    const Status fits = Accept(request, products, update);
    if (!fits.ok()) return responder.Fail(fits.error());
    std::optional<Responder>& place = update.responders[request.server()];
    if (!place.has_value()) ++update.arrived;
    place = std::move(responder);
    answered = TryAnswer(request.step());
  }
  if (!answered.ok()) on_failure_(answered.error());
}

Status GramBoard::TryAnswer(Step step) {
  Update& update = updates_.at(step);
  if (update.arrived < servers_ || !update.facts.has_value()) return Ok();
  PRIMACY_ASSIGN(const GramReply reply, Weigh(step, update));
  for (std::optional<Responder>& waiting : update.responders) waiting->Reply(reply);
  updates_.erase(step);
  return Ok();
}

Result<GramReply> GramBoard::Weigh(Step step, const Update& update) {
  PlaneProducts planes{step, TasksOf(update.plane_tasks), {}, {}};
  const size_t n = planes.tasks.size();
  const size_t numbers = NumbersPerShard(n);
  std::vector<double> sums(numbers, 0.0);
  for (size_t at = 0; at < update.products.size(); ++at) sums[at % numbers] += update.products[at];
  planes.gram = SquareMatrix(n);
  for (size_t i = 0; i < n; ++i) {
    planes.losses.push_back(update.facts->losses[planes.tasks[i]]);
    for (size_t j = 0; j <= i; ++j)
      planes.gram.at(i, j) = planes.gram.at(j, i) = sums[ProductAt(i, j)];
    if (!std::isfinite(planes.gram.at(i, i)) || !std::isfinite(sums[PrivateSquareAt(n, i)])) {
      return Failure("the gradient of task " + task_names_[planes.tasks[i]] +
                     " is not finite at step " + std::to_string(step) +
                     ": lower the learning rates");
    }
  }

  std::vector<double> shared, own;
  if (method_ != nullptr) {
    shared = method_->Weigh(planes);
    own.assign(n, 1.0);
  } else {
    for (const int task : planes.tasks) shared.push_back(update.facts->weights[task]);
    own = shared;
  }
  double square = std::max(0.0, Dot(shared, Product(planes.gram, shared)));
  GramReply reply;
  std::vector<double> weights(task_names_.size(), 0.0);
  for (size_t i = 0; i < n; ++i) {
    square += own[i] * own[i] * sums[PrivateSquareAt(n, i)];
    reply.add_shared_weight(shared[i]);
    reply.add_private_weight(own[i]);
    weights[planes.tasks[i]] = shared[i];
  }
  AddWeights(weights, weights_);
  reply.set_scale(ClipScale({square}, clip_norm_));
  return reply;
}

void GramBoard::Fail(const Error& error) {
  MutexLock lock(mutex_);
  if (failure_.has_value()) return;
  failure_ = error;
  for (auto& [step, update] : updates_) {
    for (std::optional<Responder>& waiting : update.responders) {
      if (waiting.has_value()) waiting->Fail(error);
    }
  }
  updates_.clear();
}

WeighingState GramBoard::Saved() const {
  MutexLock lock(mutex_);
  return method_ != nullptr ? method_->Saved() : WeighingState();
}

WeightSums GramBoard::weights() const {
  MutexLock lock(mutex_);
  return weights_;
}

}  // namespace primacy
