#include "ps/service/parameter_service.h"

#include <algorithm>
#include <future>
#include <utility>

namespace primacy {
namespace {

// Requests in flight are bounded per connection; this only keeps a flood from being unbounded.
constexpr size_t kWorkQueueCapacity = 1 << 16;

}  // namespace

ParameterService::ParameterService(const ServiceOptions& options, NormExchange norm_exchange)
    : options_(options),
      norm_exchange_(std::move(norm_exchange)),
      shards_(ShardsOf(options.server, options.servers)),
      gate_(options.job.runtime().consistency(), options.job.runtime().staleness(),
            options.workers),
      workers_(options.workers),
      work_(kWorkQueueCapacity),
      owner_([this] { OwnerLoop(); }) {}

ParameterService::~ParameterService() {
  work_.Close();
  owner_.join();
}

void ParameterService::OwnerLoop() {
  while (auto work = work_.Pop()) (*work)();
}

void ParameterService::Handle(Message request, Responder responder) {
  auto message = std::make_shared<Message>(std::move(request));
  auto answer = std::make_shared<Responder>(std::move(responder));
  work_.Push([this, message, answer] {
    switch (message->header.type) {
      case MessageType::kPull:
        return OnPull(std::move(*message), std::move(*answer));
      case MessageType::kPush:
        return OnPush(std::move(*message), std::move(*answer));
      default:
        return OnIdle(*message, std::move(*answer));
    }
  });
}

Status ParameterService::CheckCurrent(uint32_t incarnation, int worker) const {
  if (store_ == nullptr) return Failure("the server has no parameters yet");
  if (incarnation != incarnation_) {
    return Failure("a request of incarnation " + std::to_string(incarnation) +
                   " came to a server in incarnation " + std::to_string(incarnation_));
  }
  if (worker < 0 || worker >= options_.workers)
    return Failure("no such worker: " + std::to_string(worker));
  return Ok();
}

// ---- pull
// ----------------------------------------------------------------------------------------------------------

Result<std::vector<std::span<const Key>>> ParameterService::SplitKeys(const PullRequest& request,
                                                                      const RawBuffer& keys) const {
  const int tables = store_->options().parameters.table_size();
  if (request.key_count_size() != tables) {
    return Failure("a pull names " + std::to_string(request.key_count_size()) +
                   " tables instead of " + std::to_string(tables));
  }
  std::vector<std::span<const Key>> split;
  size_t offset = 0;
  for (const int64_t count : request.key_count()) {
    if (count < 0 || static_cast<uint64_t>(count) > (keys.size() - offset) / sizeof(Key)) {
      return Failure("a pull announces more keys than it carries");
    }
    split.push_back(keys.As<Key>(offset, static_cast<size_t>(count)));
    offset += static_cast<size_t>(count) * sizeof(Key);
  }
  if (offset != keys.size()) return Failure("a pull carries more keys than it announces");
  for (const std::span<const Key>& table : split) {
    for (const Key key : table) {
      if (!shards_.Contains(ShardOf(key)))
        return Failure("a pull asks for a key of another server");
    }
  }
  return split;
}

void ParameterService::OnPull(Message message, Responder responder) {
  Result<PullRequest> request = ParseProto<PullRequest>(message);
  if (!request.ok()) return responder.Fail(request.error());
  const Status current = CheckCurrent(request->incarnation(), request->worker());
  if (!current.ok()) return responder.Fail(current.error());
  Result<std::vector<std::span<const Key>>> tables = SplitKeys(*request, message.raw);
  if (!tables.ok()) return responder.Fail(tables.error());
  if (request->read_only()) return AnswerPull(*request, *tables, std::move(responder));

  if (failure_.has_value()) return responder.Fail(*failure_);
  // A repeat replaces the pull it repeats; its answer is made anew.
  Pulled& pulled = workers_[request->worker()].pulls[request->step()];
  pulled = Pulled{*request, std::move(message.raw), *std::move(tables), std::nullopt};
  if (gate_.MayRead(request->clock())) {
    AnswerPull(pulled.request, pulled.tables, std::move(responder));
  } else {
    pulled.waiting = std::move(responder);
  }
}

void ParameterService::AnswerPull(const PullRequest& request,
                                  const std::vector<std::span<const Key>>& tables,
                                  Responder responder) const {
  const ParameterSpec& parameters = store_->options().parameters;
  size_t floats = request.want_dense() ? store_->layout().FloatsOf(shards_) : 0;
  for (size_t t = 0; t < tables.size(); ++t) {
    floats += tables[t].size() * static_cast<size_t>(parameters.table(static_cast<int>(t)).dim());
  }
  auto rows = std::make_shared<RawBuffer>(floats * sizeof(float));
  float* out = rows->As<float>(0, floats).data();
  for (size_t t = 0; t < tables.size(); ++t) {
    store_->Gather(static_cast<int>(t), tables[t], out);
    out += tables[t].size() * static_cast<size_t>(parameters.table(static_cast<int>(t)).dim());
  }
  if (request.want_dense()) store_->GatherDense(out);
  PullReply reply;
  reply.set_version(updates_);
  RawParts raw;
  raw.pieces.push_back(rows->bytes());
  raw.owner = rows;
  responder.Reply(reply, std::move(raw));
}

void ParameterService::AnswerWaitingPulls() {
  for (int worker = 0; worker < options_.workers; ++worker) {
    for (auto& [step, pulled] : workers_[worker].pulls) {
      if (!pulled.waiting.has_value() || !gate_.MayRead(pulled.request.clock())) continue;
      AnswerPull(pulled.request, pulled.tables, std::move(*pulled.waiting));
      pulled.waiting.reset();
    }
  }
}

// ---- push
// ----------------------------------------------------------------------------------------------------------

Status ParameterService::CheckPush(const Pushed& push, const Pulled& pulled) const {
  size_t floats = store_->layout().FloatsOf(shards_);
  const ParameterSpec& parameters = store_->options().parameters;
  for (size_t t = 0; t < pulled.tables.size() && !push.request.freeze_shared(); ++t) {
    floats +=
        pulled.tables[t].size() * static_cast<size_t>(parameters.table(static_cast<int>(t)).dim());
  }
  if (push.gradients.size() == floats * sizeof(float)) return Ok();
  return Failure("a push carries " + std::to_string(push.gradients.size()) +
                 " bytes of gradients instead of " + std::to_string(floats * sizeof(float)));
}

void ParameterService::OnPush(Message message, Responder responder) {
  Result<PushRequest> request = ParseProto<PushRequest>(message);
  if (!request.ok()) return responder.Fail(request.error());
  const Status current = CheckCurrent(request->incarnation(), request->worker());
  if (!current.ok()) return responder.Fail(current.error());
  if (failure_.has_value()) return responder.Fail(*failure_);
  WorkerState& worker = workers_[request->worker()];
  if (request->step() <= worker.applied_step) return responder.Reply(Empty());  // a repeat
  const auto pulled = worker.pulls.find(request->step());
  if (pulled == worker.pulls.end()) {
    return responder.Fail(Failure("worker " + std::to_string(request->worker()) + " pushes step " +
                                  std::to_string(request->step()) + " without having pulled it"));
  }
  if (std::find(updating_.begin(), updating_.end(), request->worker()) != updating_.end()) {
    worker.push->responder =
        std::move(responder);  // a repeat while its first copy is being applied
    return;
  }
  Pushed push{*request, std::move(message.raw), std::move(responder)};
  const Status fits = CheckPush(push, pulled->second);
  if (!fits.ok()) return push.responder.Fail(fits.error());
  worker.push = std::move(push);
  if (gate_.together()) {
    UpdateTogether();
  } else {
    UpdateAlone(request->worker());
  }
}

void ParameterService::OnIdle(const Message& message, Responder responder) {
  Result<WorkerIdle> idle = ParseProto<WorkerIdle>(message);
  if (!idle.ok()) return responder.Fail(idle.error());
  const Status current = CheckCurrent(idle->incarnation(), idle->worker());
  if (!current.ok()) return responder.Fail(current.error());
  gate_.Idle(idle->worker());
  responder.Reply(Empty());
  AnswerWaitingPulls();
}

void ParameterService::AccumulatePush(const Pulled& pulled, const Pushed& push) {
  const ParameterSpec& parameters = store_->options().parameters;
  const float* gradients =
      push.gradients.As<float>(0, push.gradients.size() / sizeof(float)).data();
  for (size_t t = 0; t < pulled.tables.size() && !push.request.freeze_shared(); ++t) {
    store_->Accumulate(static_cast<int>(t), pulled.tables[t], gradients);
    gradients +=
        pulled.tables[t].size() * static_cast<size_t>(parameters.table(static_cast<int>(t)).dim());
  }
  store_->AccumulateDense(gradients);
}

void ParameterService::UpdateTogether() {
  const auto waits = [](const WorkerState& worker) { return worker.push.has_value(); };
  if (!std::all_of(workers_.begin(), workers_.end(), waits)) return;
  const Step step = workers_[0].push->request.step();
  store_->BeginUpdate();
  for (int worker = 0; worker < options_.workers; ++worker) {
    const Pushed& push = *workers_[worker].push;
    updating_.push_back(worker);
    if (push.request.step() != step) {
      return FailPhase(Failure("worker " + std::to_string(worker) + " pushes step " +
                               std::to_string(push.request.step()) +
                               " while worker 0 pushes step " + std::to_string(step)));
    }
    AccumulatePush(workers_[worker].pulls.at(step), push);
  }
  if (options_.job.training().clip_norm() > 0) return ExchangeNorms(step);
  ApplyAndAcknowledge(1.0);
}

void ParameterService::UpdateAlone(int worker) {
  const Pushed& push = *workers_[worker].push;
  store_->BeginUpdate();
  updating_.push_back(worker);
  AccumulatePush(workers_[worker].pulls.at(push.request.step()), push);
  ApplyAndAcknowledge(1.0);  // the worker has clipped: one push is the whole update
}

void ParameterService::ExchangeNorms(Step step) {
  auto squares = std::make_shared<std::vector<double>>(shards_.size());
  store_->SquaredNorms(*squares);
  NormRequest request;
  request.set_server(options_.server);
  request.set_step(step);
  request.set_first_shard(shards_.begin);
  norm_exchange_(request, squares, [this](Result<double> scale) {
    work_.Push([this, scale = std::move(scale)] {
      if (scale.ok()) {
        ApplyAndAcknowledge(*scale);
      } else {
        FailPhase(scale.error());
      }
    });
  });
}

void ParameterService::ApplyAndAcknowledge(double scale) {
  if (updating_.empty()) return;  // refused meanwhile
  const PushRequest& request = workers_[updating_.front()].push->request;
  UpdateOptions update;
  update.step = gate_.together() ? request.step() : updates_;
  update.pass = request.step() / steps_per_pass_;
  update.scale = scale;
  update.active_tasks = request.active_tasks();
  update.freeze_shared = request.freeze_shared();
  const Status applied = store_->Apply(update);
  if (!applied.ok()) {
    return FailPhase(Error("step " + std::to_string(request.step()), applied.error()));
  }
  ++updates_;
  for (const int index : std::exchange(updating_, {})) {
    WorkerState& worker = workers_[index];
    Pushed push = *std::exchange(worker.push, std::nullopt);
    worker.applied_step = push.request.step();
    worker.pulls.erase(push.request.step());
    gate_.Applied(index);
    push.responder.Reply(Empty());
  }
  AnswerWaitingPulls();
}

void ParameterService::FailPhase(const Error& error) {
  failure_ = error;
  updating_.clear();
  for (WorkerState& worker : workers_) {
    if (worker.push.has_value()) {
      Pushed push = *std::exchange(worker.push, std::nullopt);
      push.responder.Fail(error);
    }
    for (auto& [step, pulled] : worker.pulls) {
      if (!pulled.waiting.has_value()) continue;
      pulled.waiting->Fail(error);
      pulled.waiting.reset();
    }
  }
}

}  // namespace primacy
