#include "ps/coordinator/step_board.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "ps/coordinator/weight_sums.h"

namespace primacy {
namespace {

// SSP and ASP: the mean weight per row and task forgets with this factor per update.
constexpr double kWeightMemory = 0.99;

StepReply PhaseOver() {
  StepReply reply;
  reply.set_phase_over(true);
  return reply;
}

}  // namespace

StepBoard::StepBoard(int workers, RuntimeConfig::Consistency consistency,
                     std::vector<std::string> task_names, GramBoard& planes,
                     std::function<void(Error)> on_failure)
    : workers_(workers),
      consistency_(consistency),
      task_names_(std::move(task_names)),
      planes_(planes),
      on_failure_(std::move(on_failure)) {}

void StepBoard::BeginStage(std::unique_ptr<LossWeighing> weighing, LabelWeights label_weights,
                           StepSums sums) {
  MutexLock lock(mutex_);
  weighing_ = std::move(weighing);
  label_weights_ = std::move(label_weights);
  label_weights_.sum.resize(task_names_.size());
  sums_ = std::move(sums);
}

void StepBoard::ReplaceWeighing(std::unique_ptr<LossWeighing> weighing) {
  MutexLock lock(mutex_);
  weighing_ = std::move(weighing);
}

void StepBoard::BeginPhase(const StepPhase& phase) {
  MutexLock lock(mutex_);
  CHECK(rounds_.empty()) << "a phase begins while steps are open";
  phase_ = phase;
  pausing_ = false;
  over_step_.reset();
  observed_step_ = leased_step_ = phase.first_step;
  began_ = moved_ = std::chrono::steady_clock::now();
  rows_ = 0;
  granted_.clear();
}

void StepBoard::ClearSums() {
  MutexLock lock(mutex_);
  sums_.Clear();
}

void StepBoard::RequestPause() {
  MutexLock lock(mutex_);
  pausing_ = true;
}

void StepBoard::PauseAt(std::chrono::steady_clock::time_point time) {
  MutexLock lock(mutex_);
  phase_.pause_at = time;
}

void StepBoard::Fail(const Error& error) {
  MutexLock lock(mutex_);
  if (failure_.has_value()) return;
  failure_ = error;
  for (auto& [step, round] : rounds_) {
    for (std::optional<Ask>& ask : round.asks) {
      if (ask.has_value()) ask->responder.Fail(error);
    }
  }
  rounds_.clear();
}

Status StepBoard::CheckCurrent(uint32_t incarnation, int worker) const {
  if (failure_.has_value()) return *failure_;
  if (incarnation != phase_.incarnation) {
    return Failure("a request of incarnation " + std::to_string(incarnation) +
                   " came in incarnation " + std::to_string(phase_.incarnation));
  }
  if (worker < 0 || worker >= workers_) return Failure("no such worker: " + std::to_string(worker));
  return Ok();
}

bool StepBoard::IsOverBefore(Step step) const {
  if (pausing_ || step >= phase_.end_step) return true;
  return step > phase_.first_step && std::chrono::steady_clock::now() >= phase_.pause_at;
}

void StepBoard::OnStep(const StepRequest& request, Responder responder) {
  MutexLock lock(mutex_);
  const Status current = CheckCurrent(request.incarnation(), request.worker());
  if (!current.ok()) return responder.Fail(current.error());
  moved_ = std::chrono::steady_clock::now();
  Ask ask{{request.task_weight().begin(), request.task_weight().end()},
          request.rows(),
          std::move(responder)};
  if (ask.task_weight.size() != task_names_.size()) {
    return ask.responder.Fail(Failure("a step request has another number of tasks than the job"));
  }
  if (!Together()) {
    NoteLabelWeights(ask.task_weight, ask.rows);
    const auto& [sum, recent_rows] = label_weights_;
    std::vector<double> denominators;
    for (const double weight : sum) {
      denominators.push_back(recent_rows > 0 ? weight / recent_rows * static_cast<double>(ask.rows)
                                             : 0);
    }
    rows_ += ask.rows;
    return AnswerPulled(ask, LossFactors(request.step(), denominators));
  }
  if (request.step() < observed_step_ || request.step() > observed_step_ + 1) {
    return ask.responder.Fail(Failure("worker " + std::to_string(request.worker()) +
                                      " asks for step " + std::to_string(request.step()) +
                                      " while step " + std::to_string(observed_step_) +
                                      " is in progress"));
  }
  if (over_step_ == request.step()) return ask.responder.Reply(PhaseOver());
  Round& round = rounds_[request.step()];
  if (round.factors.has_value()) return AnswerPulled(ask, *round.factors);
  round.asks.resize(workers_);
  round.asks[request.worker()] = std::move(ask);
  TryAnswerRound(request.step());
}

void StepBoard::OnLosses(const StepLosses& losses, Responder responder) {
  {
    MutexLock lock(mutex_);
    const Status current = CheckCurrent(losses.incarnation(), losses.worker());
    if (!current.ok()) return responder.Fail(current.error());
    if (losses.loss_sum_size() != static_cast<int>(task_names_.size()) ||
        losses.weight_sum_size() != losses.loss_sum_size()) {
      return responder.Fail(
          Failure("the losses of a step have another number of tasks than the job"));
    }
    moved_ = std::chrono::steady_clock::now();
    if (!Together()) {
      Observe(losses.step(), {&losses});
      observed_step_ = std::max(observed_step_, losses.step() + 1);
    } else if (losses.step() == observed_step_) {
      Round& round = rounds_[losses.step()];
      round.losses.resize(workers_);
      round.losses[losses.worker()] = losses;
      ObserveRound(losses.step());
    }  // else: a repeat of a step that is complete already
    responder.Reply(Empty());
  }
  std::optional<Error> found;
  std::vector<UpdateFacts> facts;
  {
    MutexLock lock(mutex_);
    found = std::exchange(found_failure_, std::nullopt);
    facts = std::exchange(found_facts_, {});
  }
  for (UpdateFacts& update : facts) planes_.OnLosses(std::move(update));
  if (found.has_value()) on_failure_(*found);
}

void StepBoard::OnLease(const LeaseRequest& request, Responder responder) {
  MutexLock lock(mutex_);
  const Status current = CheckCurrent(request.incarnation(), request.worker());
  if (!current.ok()) return responder.Fail(current.error());
  LeaseReply reply;
  if (IsOverBefore(leased_step_)) {
    pausing_ = true;
    reply.set_phase_over(true);
  } else {
    reply.set_step(leased_step_++);
  }
  responder.Reply(reply);
}

void StepBoard::ObserveRound(Step step) {
  std::vector<const StepLosses*> parts;
  for (const std::optional<StepLosses>& part : rounds_[step].losses) {
    if (!part.has_value()) return;
    parts.push_back(&*part);
  }
  const bool finite = Observe(step, parts);
  rounds_.erase(step);
  observed_step_ = step + 1;
  if (finite) TryAnswerRound(observed_step_);
}

void StepBoard::TryAnswerRound(Step step) {
  if (step != observed_step_) return;
  const auto found = rounds_.find(step);
  if (found == rounds_.end() || static_cast<int>(found->second.asks.size()) != workers_) return;
  std::vector<std::optional<Ask>>& asks = found->second.asks;
  if (!std::all_of(asks.begin(), asks.end(), [](const auto& ask) { return ask.has_value(); }))
    return;
  if (IsOverBefore(step)) {
    for (std::optional<Ask>& ask : asks) ask->responder.Reply(PhaseOver());
    over_step_ = step;
    rounds_.erase(found);
    return;
  }
  std::vector<double> denominators(task_names_.size(), 0.0);
  int64_t rows = 0;
  for (const std::optional<Ask>& ask : asks) {
    rows += ask->rows;
    for (size_t t = 0; t < denominators.size(); ++t) denominators[t] += ask->task_weight[t];
  }
  rows_ += rows;
  if (phase_.warming_up) NoteLabelWeights(denominators, rows);
  found->second.factors = LossFactors(step, denominators);
  for (std::optional<Ask>& ask : asks) AnswerPulled(*ask, *found->second.factors);
  asks.clear();
}

void StepBoard::NoteLabelWeights(const std::vector<double>& task_weight, int64_t rows) {
  label_weights_.rows = kWeightMemory * label_weights_.rows + static_cast<double>(rows);
  for (size_t t = 0; t < task_weight.size(); ++t) {
    label_weights_.sum[t] = kWeightMemory * label_weights_.sum[t] + task_weight[t];
  }
}

bool StepBoard::Observe(Step step, const std::vector<const StepLosses*>& parts) {
  const size_t tasks = task_names_.size();
  std::vector<double> losses(tasks, 0.0);
  std::vector<bool> has_loss(tasks, false);
  for (size_t t = 0; t < tasks; ++t) {
    double loss = 0, weight = 0;
    for (const StepLosses* part : parts) {
      loss += part->loss_sum(static_cast<int>(t));
      weight += part->weight_sum(static_cast<int>(t));
    }
    if (!std::isfinite(loss)) {
      found_failure_ = Failure("the loss of task " + task_names_[t] + " is not finite at step " +
                               std::to_string(step) + ": lower the learning rates");
      return false;
    }
    if (weight <= 0) continue;
    losses[t] = loss / weight;
    has_loss[t] = true;
  }
  weighing_->Observe(losses, has_loss);
  AddTo(*sums_.mutable_loss(), losses);
  sums_.mutable_loss_steps()->Resize(static_cast<int>(tasks), 0);
  for (size_t t = 0; t < tasks; ++t)
    (*sums_.mutable_loss_steps())[static_cast<int>(t)] += has_loss[t] ? 1 : 0;
  AddTo(*sums_.mutable_lambda(), weighing_->lambda());
  AddWeights(weighing_->Weights(), *sums_.mutable_weights());
  if (const auto granted = granted_.find(step); granted != granted_.end()) {
    found_facts_.push_back({step, std::move(losses), std::move(granted->second)});
    granted_.erase(granted);
  }
  return true;
}

std::vector<double> StepBoard::LossFactors(Step step, const std::vector<double>& denominators) {
  std::vector<double> factors = weighing_->Weights();
  if (phase_.planes) {
    granted_[step] = factors;
    for (double& factor : factors) factor = factor != 0 ? 1 : 0;
  }
  for (size_t t = 0; t < factors.size(); ++t) {
    factors[t] = denominators[t] > 0 ? factors[t] / denominators[t] : 0;
  }
  return factors;
}

void StepBoard::AnswerPulled(Ask& ask, const std::vector<double>& factors) {
  StepReply reply;
  reply.set_lambda_version(weighing_->Saved().updates);
  for (double factor : factors) reply.add_loss_factor(factor);
  ask.responder.Reply(reply);
}

StepProgress StepBoard::progress() const {
  MutexLock lock(mutex_);
  StepProgress progress;
  progress.next_step = Together() ? observed_step_ : leased_step_;
  progress.rows = rows_;
  progress.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  if (weighing_ == nullptr) return progress;
  progress.loss_mean.resize(task_names_.size(), std::numeric_limits<double>::quiet_NaN());
  for (int t = 0; t < sums_.loss_size(); ++t) {
    const auto steps = static_cast<double>(sums_.loss_steps(t));
    if (steps > 0) progress.loss_mean[t] = sums_.loss(t) / steps;
  }
  const std::span<const double> lambda = weighing_->lambda();
  progress.lambda.assign(lambda.begin(), lambda.end());
  progress.lambda.resize(task_names_.size(), 0.0);
  progress.lambda_mean = progress.lambda;
  const auto steps = static_cast<double>(sums_.weights().updates());
  for (int t = 0; t < sums_.lambda_size() && steps > 0; ++t)
    progress.lambda_mean[t] = sums_.lambda(t) / steps;
  progress.weight_mean = steps > 0 ? MeanWeights(sums_.weights()) : weighing_->Weights();
  return progress;
}

WeighingState StepBoard::weighing() const {
  MutexLock lock(mutex_);
  return weighing_->Saved();
}

LabelWeights StepBoard::label_weights() const {
  MutexLock lock(mutex_);
  return label_weights_;
}

StepSums StepBoard::sums() const {
  MutexLock lock(mutex_);
  return sums_;
}

std::vector<int> StepBoard::StalledWorkers(std::chrono::steady_clock::time_point since) const {
  MutexLock lock(mutex_);
  std::vector<int> missing;
  if (moved_ >= since || !Together()) return missing;
  const auto round = rounds_.find(observed_step_);
  for (int worker = 0; worker < workers_; ++worker) {
    const bool asked = round != rounds_.end() &&
                       worker < static_cast<int>(round->second.asks.size()) &&
                       round->second.asks[worker].has_value();
    const bool closed = round != rounds_.end() &&
                        worker < static_cast<int>(round->second.losses.size()) &&
                        round->second.losses[worker].has_value();
    if (!asked && !closed) missing.push_back(worker);
  }
  return missing;
}

}  // namespace primacy
