#include "ps/service/parameter_service.h"

#include <algorithm>
#include <utility>

#include "common/base/stopwatch.h"
#include "common/protocol/row_wire.h"

namespace primacy {
namespace {

// Requests in flight are bounded per connection; this only keeps a flood from being unbounded.
constexpr size_t kWorkQueueCapacity = 1 << 16;

RawParts WholeBuffer(std::shared_ptr<const RawBuffer> buffer) {
  RawParts raw;
  raw.pieces.push_back(buffer->bytes());
  raw.owner = std::move(buffer);
  return raw;
}

// REQUIRES: the bits are 0.
void SetBits(std::span<const uint32_t> positions, std::byte* bits) {
  for (const uint32_t at : positions) bits[at / 8] |= std::byte{1} << (at % 8);
}

}  // namespace

ParameterService::ParameterService(const ServiceOptions& options, Exchanges exchanges)
    : options_(options),
      wire_(options.job.runtime().wire()),
      clips_(options.job.training().clip_norm() > 0),
      exchanges_(std::move(exchanges)),
      shards_(ShardsOf(options.server, options.servers)),
      gate_(options.job.runtime().consistency(), options.job.runtime().staleness(),
            options.workers),
      workers_(options.workers),
      saves_(options.available_memory,
             [this](uint64_t generation, Result<CheckpointFile> file) {
               ReportSaved(generation, std::move(file));
             }),
      work_(kWorkQueueCapacity),
      owner_([this] { OwnerLoop(); }) {}

ParameterService::~ParameterService() {
  GiveUpSave();
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
      case MessageType::kKeys:
        return OnKeys(std::move(*message), std::move(*answer));
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

Result<ParameterService::TableKeys> ParameterService::SplitKeys(
    const google::protobuf::RepeatedField<int64_t>& counts, RawBuffer raw) const {
  if (counts.size() != static_cast<int>(dims_.size())) {
    return Failure("a request names " + std::to_string(counts.size()) + " tables instead of " +
                   std::to_string(dims_.size()));
  }
  TableKeys keys{std::move(raw), {}, {}};
  size_t offset = 0;
  for (const int64_t count : counts) {
    if (count < 0 || static_cast<uint64_t>(count) > (keys.raw.size() - offset) / sizeof(Key)) {
      return Failure("a request announces more keys than it carries");
    }
    keys.tables.push_back(std::as_const(keys.raw).As<Key>(offset, static_cast<size_t>(count)));
    offset += static_cast<size_t>(count) * sizeof(Key);
  }
  if (offset != keys.raw.size()) return Failure("a request carries more keys than it announces");
  for (const std::span<const Key>& table : keys.tables) {
    for (const Key key : table) {
      if (!shards_.Contains(ShardOf(key)))
        return Failure("a request names a key of another server");
    }
  }
  return keys;
}

ParameterService::WorkerStep* ParameterService::KeepStep(int worker, Step step, int64_t clock,
                                                         TableKeys keys) {
  WorkerState& state = workers_[worker];
  const auto pushed = [&](const std::optional<Pushed>& part) {
    return part.has_value() && part->request.step() == step;
  };
  if (step <= state.applied_step || pushed(state.tables) || pushed(state.dense)) return nullptr;
  keys.places.resize(keys.tables.size());
  for (size_t t = 0; t < keys.tables.size(); ++t) {
    store_->Locate(static_cast<int>(t), keys.tables[t], keys.places[t]);
    if (gate_.together()) touched_.Add(clock, t, keys.tables[t]);
  }
  WorkerStep& kept = state.steps[step];
  kept = WorkerStep{clock, std::move(keys), {}, std::nullopt, {}, std::nullopt};
  return &kept;
}

bool ParameterService::KnowsKeysBefore(int64_t clock) const {
  for (int64_t pending = gate_.applied(); pending < clock; ++pending) {
    for (const WorkerState& worker : workers_) {
      const auto is_it = [&](const auto& step) { return step.second.clock == pending; };
      if (std::none_of(worker.steps.begin(), worker.steps.end(), is_it)) return false;
    }
  }
  return true;
}

void ParameterService::OnKeys(Message message, Responder responder) {
  Result<KeysRequest> request = ParseProto<KeysRequest>(message);
  if (!request.ok()) return responder.Fail(request.error());
  const Status current = CheckCurrent(request->incarnation(), request->worker());
  if (!current.ok()) return responder.Fail(current.error());
  if (!gate_.together())
    return responder.Fail(Failure("keys are sent ahead where workers step together only"));
  Result<TableKeys> keys = SplitKeys(request->key_count(), std::move(message.raw));
  if (!keys.ok()) return responder.Fail(keys.error());
  if (failure_.has_value()) return responder.Fail(*failure_);
  WorkerStep* const step =
      KeepStep(request->worker(), request->step(), request->clock(), *std::move(keys));
  if (step == nullptr) return responder.Fail(Failure("keys come after their step's gradients"));
  step->waiting_keys = std::move(responder);
  AnswerWaiting();
}

void ParameterService::OnPull(Message message, Responder responder) {
  Result<PullRequest> request = ParseProto<PullRequest>(message);
  if (!request.ok()) return responder.Fail(request.error());
  const Status current = CheckCurrent(request->incarnation(), request->worker());
  if (!current.ok()) return responder.Fail(current.error());
  if (request->keys_sent()) {
    const auto found = workers_[request->worker()].steps.find(request->step());
    if (failure_.has_value()) return responder.Fail(*failure_);
    if (found == workers_[request->worker()].steps.end()) {
      return responder.Fail(Failure("worker " + std::to_string(request->worker()) + " pulls step " +
                                    std::to_string(request->step()) +
                                    " without having sent its keys"));
    }
    found->second.pull = *request;
    found->second.waiting_pull = std::move(responder);
    return AnswerWaiting();
  }
  Result<TableKeys> keys = SplitKeys(request->key_count(), std::move(message.raw));
  if (!keys.ok()) return responder.Fail(keys.error());
  if (request->read_only()) return AnswerPull(*request, *keys, nullptr, std::move(responder));
  if (failure_.has_value()) return responder.Fail(*failure_);
  WorkerStep* const step =
      KeepStep(request->worker(), request->step(), request->clock(), *std::move(keys));
  if (step == nullptr) return responder.Fail(Failure("a pull comes after its step's gradients"));
  step->pull = *request;
  step->waiting_pull = std::move(responder);
  AnswerWaiting();
}

void ParameterService::AnswerKeys(WorkerStep& step) {
  const Stopwatch watch(gather_seconds_);
  const std::vector<std::span<const Key>>& tables = step.keys.tables;
  std::vector<std::vector<uint32_t>> early(tables.size());
  step.late.assign(tables.size(), {});
  std::vector<size_t> key_counts;
  size_t row_bytes = 0;
  for (size_t t = 0; t < tables.size(); ++t) {
    touched_.Split(gate_.applied(), step.clock, t, tables[t], early[t], step.late[t]);
    key_counts.push_back(tables[t].size());
    row_bytes += RowWireBytes(wire_, early[t].size() * Dim(t));
  }
  auto buffer = std::make_shared<RawBuffer>(KeyBitsBytes(key_counts) + row_bytes);
  std::byte* bits = buffer->data();
  std::byte* rows = buffer->data() + KeyBitsBytes(key_counts);
  std::fill_n(bits, KeyBitsBytes(key_counts), std::byte{0});
  for (size_t t = 0; t < tables.size(); ++t) {
    SetBits(early[t], bits);
    bits += KeyBitsOfTable(tables[t].size());
    rows = GatherRows(step.keys, t, &early[t], wire_, rows);
  }
  std::exchange(step.waiting_keys, std::nullopt)->Reply(KeysReply(), WholeBuffer(buffer));
}

void ParameterService::AnswerPull(const PullRequest& request, const TableKeys& keys,
                                  const std::vector<std::vector<uint32_t>>* late,
                                  Responder responder) {
  const Stopwatch watch(gather_seconds_);
  const Precision wire = request.read_only() ? FP32 : wire_;
  size_t bytes = request.want_dense() ? store_->layout().FloatsOf(shards_) * sizeof(float) : 0;
  for (size_t t = 0; t < keys.tables.size(); ++t) {
    const size_t rows = late == nullptr ? keys.tables[t].size() : (*late)[t].size();
    bytes += RowWireBytes(wire, rows * Dim(t));
  }
  auto buffer = std::make_shared<RawBuffer>(bytes);
  std::byte* out = buffer->data();
  for (size_t t = 0; t < keys.tables.size(); ++t) {
    out = GatherRows(keys, t, late == nullptr ? nullptr : &(*late)[t], wire, out);
  }
  if (request.want_dense()) store_->GatherDense(reinterpret_cast<float*>(out));
  PullReply reply;
  reply.set_version(updates_);
  responder.Reply(reply, WholeBuffer(buffer));
}

std::byte* ParameterService::GatherRows(const TableKeys& keys, size_t table,
                                        const std::vector<uint32_t>* which, Precision wire,
                                        std::byte* out) {
  const std::span<const Key> all = keys.tables[table];
  const size_t floats = (which == nullptr ? all.size() : which->size()) * Dim(table);
  if (wire != FP32 && rows_.size() < floats) rows_.resize(floats);
  float* const rows = wire == FP32 ? reinterpret_cast<float*>(out) : rows_.data();
  const int number = static_cast<int>(table);
  if (keys.places.empty()) {
    store_->Gather(number, all, rows);
  } else if (which == nullptr) {
    store_->Gather(number, all, keys.places[table], rows);
  } else {
    store_->GatherSome(number, all, keys.places[table], *which, rows);
  }
  if (wire != FP32) NarrowRows(wire, {rows, floats}, out);
  return out + RowWireBytes(wire, floats);
}

void ParameterService::AnswerWaiting() {
  for (WorkerState& worker : workers_) {
    for (auto& [number, step] : worker.steps) {
      if (step.waiting_keys.has_value() && KnowsKeysBefore(step.clock)) AnswerKeys(step);
      if (!step.waiting_pull.has_value() || !gate_.MayRead(step.clock)) continue;
      AnswerPull(step.pull, step.keys, step.pull.keys_sent() ? &step.late : nullptr,
                 *std::exchange(step.waiting_pull, std::nullopt));
    }
  }
}

void ParameterService::OnIdle(const Message& message, Responder responder) {
  Result<WorkerIdle> idle = ParseProto<WorkerIdle>(message);
  if (!idle.ok()) return responder.Fail(idle.error());
  const Status current = CheckCurrent(idle->incarnation(), idle->worker());
  if (!current.ok()) return responder.Fail(current.error());
  gate_.Idle(idle->worker());
  responder.Reply(Empty());
  AnswerWaiting();
}

}  // namespace primacy
