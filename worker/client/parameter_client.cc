#include "worker/client/parameter_client.h"

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
      wire_(options.wire),
      parameters_(parameters),
      layout_(parameters),
      clients_(std::move(clients)) {}

std::pair<size_t, size_t> ParameterClient::RangeOf(const BatchTable& table, int server) const {
  CHECK_EQ(table.server_begin.size(), clients_.size() + 1);
  return {table.server_begin[server], table.server_begin[server + 1]};
}

PendingStep ParameterClient::BeginStep(std::shared_ptr<const Batch> batch, int64_t clock,
                                       std::span<const double> task_weight, bool keys_ahead) {
  PendingStep step;
  step.batch = batch;
  step.word = std::make_shared<Replies>(1);
  step.pull = std::make_shared<PendingPull>(batch, servers());
  if (keys_ahead) {
    step.keys = std::make_shared<PendingPull>(batch, servers());
    KeysRequest keys;
    keys.set_incarnation(incarnation_);
    keys.set_worker(worker_);
    keys.set_step(batch->step);
    keys.set_clock(clock);
    SendKeys(step.keys, keys);
  }
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
  pull.set_keys_sent(keys_ahead);
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

Status ParameterClient::Abandon(PendingStep& step) {
  if (step.keys == nullptr) return Ok();
  PRIMACY_TRY(step.keys->replies.Wait());
  return Ok();
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

RawParts ParameterClient::KeysOf(const std::shared_ptr<const Batch>& batch, int server,
                                 google::protobuf::RepeatedField<int64_t>& counts) {
  RawParts raw;
  raw.owner = batch;
  for (const BatchTable& table : batch->tables) {
    const auto [begin, end] = RangeOf(table, server);
    counts.Add(static_cast<int64_t>(end - begin));
    if (begin == end) continue;
    raw.pieces.push_back(std::as_bytes(std::span(table.keys).subspan(begin, end - begin)));
    bytes_sent_ += static_cast<int64_t>((end - begin) * sizeof(Key));
  }
  return raw;
}

void ParameterClient::SendKeys(const std::shared_ptr<PendingPull>& keys, const KeysRequest& base) {
  for (int server = 0; server < servers(); ++server) {
    KeysRequest request = base;
    RawParts raw = KeysOf(keys->batch, server, *request.mutable_key_count());
    clients_[server]->CallNoTimeout(
        MessageType::kKeys, request.incarnation(), request, std::move(raw),
        [keys, server](Result<Message> message) { keys->replies.Set(server, std::move(message)); });
  }
}

void ParameterClient::SendPull(const std::shared_ptr<PendingPull>& pull, const PullRequest& base) {
  for (int server = 0; server < servers(); ++server) {
    PullRequest request = base;
    RawParts raw;
    if (!base.keys_sent()) raw = KeysOf(pull->batch, server, *request.mutable_key_count());
    clients_[server]->CallNoTimeout(
        MessageType::kPull, request.incarnation(), request, std::move(raw),
        [pull, server](Result<Message> message) { pull->replies.Set(server, std::move(message)); });
  }
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
