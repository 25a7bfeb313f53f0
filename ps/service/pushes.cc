// Gradients that workers push: when they make an update, and the update.
#include <algorithm>
#include <cmath>
#include <utility>

#include "common/base/stopwatch.h"
#include "common/protocol/row_wire.h"
#include "ps/service/parameter_service.h"

namespace primacy {

void ParameterService::OnPush(Message message, Responder responder) {
  Result<PushRequest> request = ParseProto<PushRequest>(message);
  if (!request.ok()) return responder.Fail(request.error());
  const Status current = CheckCurrent(request->incarnation(), request->worker());
  if (!current.ok()) return responder.Fail(current.error());
  if (failure_.has_value()) return responder.Fail(*failure_);
  WorkerState& worker = workers_[request->worker()];
  if (request->step() <= worker.applied_step) return responder.Reply(Empty());  // a repeat
  const std::string who = "worker " + std::to_string(request->worker()) + " pushes step " +
                          std::to_string(request->step());
  const auto step = worker.steps.find(request->step());
  if (step == worker.steps.end()) {
    return responder.Fail(Failure(who + " without having pulled it"));
  }
  const bool is_dense = request->part() == PushRequest::DENSE;
  if (!gate_.together() && request->part() != PushRequest::WHOLE) {
    return responder.Fail(Failure(who + " in parts, which is for BSP only"));
  }
  std::optional<Pushed>& kept = is_dense ? worker.dense : worker.tables;
  if (kept.has_value()) {
    if (kept->request.step() != request->step()) {
      return responder.Fail(Failure(who + " before its step " +
                                    std::to_string(kept->request.step()) + " is applied"));
    }
    // A repeat while its first copy, which has the same bytes, waits or is being applied.
    kept->responder = std::move(responder);
    return;
  }
  Pushed push{*request, std::move(message.raw), std::move(responder)};
  const Status fits = push.request.plane_tasks() == 0 ? CheckPush(push, step->second.keys)
                                                      : CheckPlanes(push, step->second.keys);
  if (!fits.ok()) return push.responder.Fail(fits.error());
  kept = std::move(push);
  if (request->plane_tasks() != 0) {
    gate_.together() ? AdvancePlanes() : WeighAlone(request->worker());
  } else {
    gate_.together() ? Advance() : UpdateAlone(request->worker());
  }
}

Status ParameterService::CheckPush(const Pushed& push, const TableKeys& keys) const {
  const PushRequest& request = push.request;
  size_t bytes = 0;
  if (request.part() != PushRequest::DENSE && !request.freeze_shared()) {
    for (size_t t = 0; t < dims_.size(); ++t) {
      bytes += RowWireBytes(wire_, keys.tables[t].size() * Dim(t));
    }
  }
  if (request.part() != PushRequest::TABLES) {
    bytes += store_->layout().FloatsOf(shards_) * sizeof(float);
  }
  if (push.gradients.size() != bytes) {
    return Failure("a push carries " + std::to_string(push.gradients.size()) +
                   " bytes of gradients instead of " + std::to_string(bytes));
  }
  if (std::isfinite(request.gradient_scale()) && request.gradient_scale() > 0) return Ok();
  return Failure("a push has a gradient_scale that is not above 0");
}

void ParameterService::Advance() {
  const int count = options_.workers;
  while (update_.tables_added < count && workers_[update_.tables_added].has_tables()) {
    const int worker = update_.tables_added++;
    if (!BeginWith(worker, *workers_[worker].tables)) return;
    AddTables(worker);
  }
  while (update_.dense_added < count && workers_[update_.dense_added].has_dense()) {
    const int worker = update_.dense_added++;
    const WorkerState& state = workers_[worker];
    if (!BeginWith(worker, state.dense.has_value() ? *state.dense : *state.tables)) return;
    AddDense(worker);
  }
  if (update_.tables_added < count) return;
  if (update_.dense_added < count) {
    // With clipping the norm of all gradients comes first.
    if (!clips_ && !update_.tables_applied) ApplyTables();
    return;
  }
  if (!clips_) return ApplyRestAndAcknowledge(1.0);
  if (!update_.exchanging) ExchangeNorms();
}

void ParameterService::UpdateAlone(int worker) {
  if (!BeginWith(worker, *workers_[worker].tables)) return;
  AddTables(worker);
  AddDense(worker);
  ApplyRestAndAcknowledge(1.0);  // the worker has clipped its whole update
}

bool ParameterService::BeginWith(int worker, const Pushed& push) {
  const Step step = push.request.step();
  if (!std::exchange(update_.begun, true)) {
    store_->BeginUpdate();
    update_.step = step;
    update_.plane_tasks = push.request.plane_tasks();
  }
  if (std::find(update_.workers.begin(), update_.workers.end(), worker) == update_.workers.end()) {
    update_.workers.push_back(worker);
  }
  const std::string who =
      "worker " + std::to_string(worker) + " pushes step " + std::to_string(step);
  if (step != update_.step) {
    FailPhase(Failure(who + " while others push step " + std::to_string(update_.step)));
  } else if (push.request.plane_tasks() != update_.plane_tasks) {
    FailPhase(Failure(who + " in other planes than the workers before it"));
  } else {
    return true;
  }
  return false;
}

void ParameterService::AddTables(int worker) {
  const Stopwatch watch(apply_seconds_);
  WorkerState& state = workers_[worker];
  const Pushed& push = *state.tables;
  if (push.request.freeze_shared()) return;
  const TableKeys& keys = state.steps.at(push.request.step()).keys;
  const std::vector<std::span<const Key>>& tables = keys.tables;
  if (wire_ != FP32) {
    size_t floats = 0;
    for (size_t t = 0; t < tables.size(); ++t) floats += tables[t].size() * Dim(t);
    if (state.widened.size() < floats) state.widened.resize(floats);
  }
  const std::byte* in = push.gradients.data();
  float* wide = state.widened.data();
  for (size_t t = 0; t < tables.size(); ++t) {
    const size_t floats = tables[t].size() * Dim(t);
    const float* gradients = reinterpret_cast<const float*>(in);
    if (wire_ != FP32) {
      WidenRows(wire_, in, {wide, floats});
      const float unscale = 1 / push.request.gradient_scale();
      for (size_t i = 0; i < floats && unscale != 1; ++i) wide[i] *= unscale;
      gradients = wide;
      wide += floats;
    }
    store_->Accumulate(static_cast<int>(t), tables[t], keys.places[t], gradients);
    in += RowWireBytes(wire_, floats);
  }
}

void ParameterService::AddDense(int worker) {
  const Stopwatch watch(apply_seconds_);
  const WorkerState& state = workers_[worker];
  const Pushed& push = state.dense.has_value() ? *state.dense : *state.tables;
  // The last part of a push, whole or not.
  const size_t bytes = store_->layout().FloatsOf(shards_) * sizeof(float);
  const std::byte* in = push.gradients.data() + (push.gradients.size() - bytes);
  store_->AccumulateDense(reinterpret_cast<const float*>(in));
}

UpdateOptions ParameterService::OptionsOf(const PushRequest& request, double scale) const {
  UpdateOptions update;
  update.step = gate_.together() ? request.step() : updates_;
  update.pass = request.step() / steps_per_pass_;
  update.scale = scale;
  update.table_rate = table_rate_;
  update.active_tasks = request.active_tasks();
  update.freeze_shared = request.freeze_shared();
  return update;
}

void ParameterService::ApplyTables() {
  const PushRequest& request = workers_[update_.workers.front()].tables->request;
  Status applied;
  {
    const Stopwatch watch(apply_seconds_);
    applied = store_->ApplyTables(OptionsOf(request, 1.0));
  }
  update_.tables_applied = true;
  if (applied.ok()) return;
  FailPhase(Error("step " + std::to_string(request.step()), applied.error()));
}

void ParameterService::ExchangeNorms() {
  update_.exchanging = true;
  auto squares = std::make_shared<std::vector<double>>(shards_.size());
  store_->SquaredNorms(*squares);
  NormRequest request;
  request.set_server(options_.server);
  request.set_step(update_.step);
  request.set_first_shard(shards_.begin);
  exchanges_.norm(request, squares, [this](Result<double> scale) {
    work_.Push([this, scale = std::move(scale)] {
      if (scale.ok()) {
        ApplyRestAndAcknowledge(*scale);
      } else {
        FailPhase(scale.error());
      }
    });
  });
}

void ParameterService::ApplyRestAndAcknowledge(double scale) {
  if (update_.workers.empty()) return;  // refused meanwhile
  const PushRequest request = workers_[update_.workers.front()].tables->request;
  Status applied;
  {
    const Stopwatch watch(apply_seconds_);
    const UpdateOptions update = OptionsOf(request, scale);
    applied = update_.tables_applied ? store_->ApplyDense(update) : store_->Apply(update);
  }
  if (!applied.ok()) {
    return FailPhase(Error("step " + std::to_string(request.step()), applied.error()));
  }
  ++updates_;
  for (const int index : std::exchange(update_, {}).workers) {
    WorkerState& worker = workers_[index];
    for (std::optional<Pushed>* part : {&worker.tables, &worker.dense}) {
      if (part->has_value()) std::exchange(*part, std::nullopt)->responder.Reply(Empty());
    }
    worker.applied_step = request.step();
    const auto step = worker.steps.find(request.step());
    touched_.Forget(step->second.clock);
    worker.steps.erase(step);
    gate_.Applied(index);
  }
  AnswerWaiting();
  FollowSize();
}

void ParameterService::FailPhase(const Error& error) {
  failure_ = error;
  update_ = {};
  FailWaiting(error);
}

}  // namespace primacy
