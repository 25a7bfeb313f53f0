#include "worker/client/parameter_client.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/agent/agent.h"

namespace primacy {

Result<std::unique_ptr<ParameterClient>> ParameterClient::Connect(const ClientOptions& options,
                                                                  const ParameterSpec& parameters) {
  std::vector<std::unique_ptr<TransportClient>> clients;
  for (const Endpoint& endpoint : options.servers) {
    PRIMACY_ASSIGN(auto client,
                   TransportClient::Connect(endpoint, ProcessName(ROLE_WORKER, options.worker),
                                            options.transport));
    clients.push_back(std::move(client));
  }
  return std::unique_ptr<ParameterClient>(
      new ParameterClient(options, parameters, std::move(clients)));
}

ParameterClient::ParameterClient(const ClientOptions& options, const ParameterSpec& parameters,
                                 std::vector<std::unique_ptr<TransportClient>> clients)
    : worker_(options.worker),
      parameters_(parameters),
      layout_(parameters),
      clients_(std::move(clients)) {}

std::pair<size_t, size_t> ParameterClient::RangeOf(const BatchTable& table, int server) const {
  const auto before = [](Key key, uint32_t shard) { return ShardOf(key) < shard; };
  const auto& keys = table.keys;
  const ShardRange shards = ShardsOf(server, servers());
  const auto begin = std::lower_bound(keys.begin(), keys.end(), shards.begin, before);
  const auto end = std::lower_bound(begin, keys.end(), shards.end, before);
  return {static_cast<size_t>(begin - keys.begin()), static_cast<size_t>(end - keys.begin())};
}

PendingStep ParameterClient::BeginStep(std::shared_ptr<const Batch> batch, int64_t clock,
                                       std::span<const double> task_weight) {
  PendingStep step;
  step.batch = batch;
  step.clock = clock;
  step.word = std::make_shared<Replies>(1);
  step.pull = std::make_shared<PendingPull>(batch, servers());
  StepRequest request;
  request.set_incarnation(incarnation_);
  request.set_worker(worker_);
  request.set_step(batch->step);
  request.set_clock(clock);
  request.set_rows(static_cast<int64_t>(batch->rows));
  for (double weight : task_weight) request.add_task_weight(weight);
  PullRequest pull;
  pull.set_incarnation(incarnation_);
  pull.set_worker(worker_);
  pull.set_step(batch->step);
  pull.set_clock(clock);
  pull.set_want_dense(true);
  clients_[0]->CallNoTimeout(
      MessageType::kStep, incarnation_, request, {},
      [this, word = step.word, pending = step.pull, pull](Result<Message> message) {
        if (message.ok()) {
          const Result<StepReply> reply = ParseProto<StepReply>(*message);
          if (reply.ok() && !reply->phase_over()) SendPull(pending, pull);
        }
        word->Set(0, std::move(message));
      });
  return step;
}

Result<StepGrant> ParameterClient::AwaitGrant(PendingStep& step) {
  PRIMACY_ASSIGN(const std::vector<Message> messages, step.word->Wait());
  PRIMACY_ASSIGN(const StepReply reply, ParseProto<StepReply>(messages[0]));
  return StepGrant{reply.phase_over(), {reply.loss_factor().begin(), reply.loss_factor().end()}};
}

Result<PulledParameters> ParameterClient::AwaitRows(PendingStep& step, std::span<float> dense) {
  return Await(*step.pull, dense);
}

std::shared_ptr<PendingPull> ParameterClient::PullReadOnly(std::shared_ptr<const Batch> batch,
                                                           bool want_dense) {
  auto pull = std::make_shared<PendingPull>(std::move(batch), servers());
  PullRequest request;
  request.set_incarnation(incarnation_);
  request.set_worker(worker_);
  request.set_read_only(true);
  request.set_want_dense(want_dense);
  SendPull(pull, request);
  return pull;
}

void ParameterClient::SendPull(const std::shared_ptr<PendingPull>& pull, const PullRequest& base) {
  for (int server = 0; server < servers(); ++server) {
    PullRequest request = base;
    RawParts raw;
    raw.owner = pull->batch;
    for (const BatchTable& table : pull->batch->tables) {
      const auto [begin, end] = RangeOf(table, server);
      request.add_key_count(static_cast<int64_t>(end - begin));
      if (begin == end) continue;
      raw.pieces.push_back(std::as_bytes(std::span(table.keys).subspan(begin, end - begin)));
      bytes_sent_ += static_cast<int64_t>((end - begin) * sizeof(Key));
    }
    clients_[server]->CallNoTimeout(
        MessageType::kPull, request.incarnation(), request, std::move(raw),
        [pull, server](Result<Message> message) { pull->replies.Set(server, std::move(message)); });
  }
}

Result<PulledParameters> ParameterClient::Await(PendingPull& pull, std::span<float> dense) {
  PulledParameters pulled;
  PRIMACY_ASSIGN(pulled.messages, pull.replies.Wait());
  const std::vector<BatchTable>& tables = pull.batch->tables;
  pulled.tables.resize(tables.size());
  pulled.gathered.resize(tables.size());
  for (size_t t = 0; t < tables.size() && servers() > 1; ++t) {
    pulled.gathered[t].resize(tables[t].keys.size() * parameters_.table(static_cast<int>(t)).dim());
    pulled.tables[t] = pulled.gathered[t].data();
  }
  for (int server = 0; server < servers(); ++server) {
    const RawBuffer& raw = pulled.messages[server].raw;
    bytes_received_ += static_cast<int64_t>(raw.size());
    const ShardRange shards = ShardsOf(server, servers());
    size_t expected = dense.empty() ? 0 : layout_.FloatsOf(shards);
    for (size_t t = 0; t < tables.size(); ++t) {
      const auto [begin, end] = RangeOf(tables[t], server);
      expected += (end - begin) * parameters_.table(static_cast<int>(t)).dim();
    }
    if (raw.size() != expected * sizeof(float)) {
      return Failure("server " + std::to_string(server) + " answered a pull with " +
                     std::to_string(raw.size()) + " bytes instead of " +
                     std::to_string(expected * sizeof(float)));
    }
    const float* in = raw.As<float>(0, expected).data();
    for (size_t t = 0; t < tables.size(); ++t) {
      const size_t dim = static_cast<size_t>(parameters_.table(static_cast<int>(t)).dim());
      const auto [begin, end] = RangeOf(tables[t], server);
      if (servers() == 1) {
        pulled.tables[t] = in;
      } else if (begin != end) {
        std::memcpy(pulled.gathered[t].data() + begin * dim, in,
                    (end - begin) * dim * sizeof(float));
      }
      in += (end - begin) * dim;
    }
    if (dense.empty()) continue;
    for (const DenseBlock& block : layout_.BlocksOf(shards)) {
      std::memcpy(dense.data() + block.flat_begin, in, block.size * sizeof(float));
      in += block.size;
    }
  }
  if (servers() > 1) pulled.messages.clear();
  return pulled;
}

void ParameterClient::SendLosses(Step step, std::span<const double> loss_sum,
                                 std::span<const double> weight_sum) {
  StepLosses losses;
  losses.set_incarnation(incarnation_);
  losses.set_worker(worker_);
  losses.set_step(step);
  for (double loss : loss_sum) losses.add_loss_sum(loss);
  for (double weight : weight_sum) losses.add_weight_sum(weight);
  clients_[0]->CallNoTimeout(MessageType::kStepLosses, incarnation_, losses, {},
                             [](Result<Message>) {});
}

std::shared_ptr<Replies> ParameterClient::Push(const Batch& batch,
                                               std::shared_ptr<const GradientBuffer> gradients,
                                               uint64_t active_tasks, bool freeze_shared) {
  auto replies = std::make_shared<Replies>(servers());
  PushRequest request;
  request.set_incarnation(incarnation_);
  request.set_worker(worker_);
  request.set_step(batch.step);
  request.set_active_tasks(active_tasks);
  request.set_freeze_shared(freeze_shared);
  for (int server = 0; server < servers(); ++server) {
    RawParts raw;
    raw.owner = gradients;
    for (size_t t = 0; t < batch.tables.size() && !freeze_shared; ++t) {
      const size_t dim = static_cast<size_t>(parameters_.table(static_cast<int>(t)).dim());
      const auto [begin, end] = RangeOf(batch.tables[t], server);
      if (begin == end) continue;
      raw.pieces.push_back(
          std::as_bytes(std::span(gradients->tables[t]).subspan(begin * dim, (end - begin) * dim)));
    }
    for (const DenseBlock& block : layout_.BlocksOf(ShardsOf(server, servers()))) {
      raw.pieces.push_back(
          std::as_bytes(std::span(gradients->dense).subspan(block.flat_begin, block.size)));
    }
    for (const auto& piece : raw.pieces) bytes_sent_ += static_cast<int64_t>(piece.size());
    clients_[server]->CallNoTimeout(
        MessageType::kPush, request.incarnation(), request, std::move(raw),
        [replies, server](Result<Message> message) { replies->Set(server, std::move(message)); });
  }
  return replies;
}

Result<std::optional<Step>> ParameterClient::Lease() {
  LeaseRequest request;
  request.set_incarnation(incarnation_);
  request.set_worker(worker_);
  PRIMACY_ASSIGN(const Message message,
                 clients_[0]->CallAndWait(MessageType::kLease, incarnation_, request));
  PRIMACY_ASSIGN(const LeaseReply reply, ParseProto<LeaseReply>(message));
  if (reply.phase_over()) return std::optional<Step>();
  return std::optional<Step>(reply.step());
}

Status ParameterClient::ReportIdle() {
  WorkerIdle idle;
  idle.set_incarnation(incarnation_);
  idle.set_worker(worker_);
  for (const auto& client : clients_) {
    PRIMACY_TRY(client->CallAndWait(MessageType::kWorkerIdle, incarnation_, idle));
  }
  return Ok();
}

}  // namespace primacy
