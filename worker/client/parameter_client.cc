#include "worker/client/parameter_client.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "common/agent/agent.h"
#include "common/base/narrow_floats.h"
#include "common/protocol/row_wire.h"

namespace primacy {
namespace {

// A step being computed and one being put together.
constexpr size_t kSpareRowsMax = 2;

size_t CountBits(std::span<const std::byte> bits) {
  size_t ones = 0;
  for (const std::byte byte : bits) {
    ones += static_cast<size_t>(std::popcount(std::to_integer<uint8_t>(byte)));
  }
  return ones;
}

}  // namespace

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
  const auto before = [](Key key, uint32_t shard) { return ShardOf(key) < shard; };
  const auto& keys = table.keys;
  const ShardRange shards = ShardsOf(server, servers());
  const auto begin = std::lower_bound(keys.begin(), keys.end(), shards.begin, before);
  const auto end = std::lower_bound(begin, keys.end(), shards.end, before);
  return {static_cast<size_t>(begin - keys.begin()), static_cast<size_t>(end - keys.begin())};
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

Result<PulledRows> ParameterClient::AwaitRows(PendingStep& step, std::span<float> dense) {
  return step.keys != nullptr ? Join(step, dense) : Collect(*step.pull, wire_, dense);
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

Result<PulledRows> ParameterClient::Await(PendingPull& pull, std::span<float> dense) {
  return Collect(pull, FP32, dense);
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

PulledRows ParameterClient::MakeRoom(const Batch& batch) {
  PulledRows rows;
  if (!spare_.empty()) {
    rows.gathered = std::move(spare_.back());
    spare_.pop_back();
  }
  rows.gathered.resize(batch.tables.size());
  for (size_t t = 0; t < batch.tables.size(); ++t) {
    const size_t floats = batch.tables[t].keys.size() * Dim(t);
    if (rows.gathered[t].size() < floats) rows.gathered[t].resize(floats);
    rows.tables.push_back(rows.gathered[t].data());
  }
  return rows;
}

void ParameterClient::Recycle(PulledRows rows) {
  if (!rows.gathered.empty() && spare_.size() < kSpareRowsMax)
    spare_.push_back(std::move(rows.gathered));
}

Error ParameterClient::WrongSize(int server, size_t bytes, size_t expected) const {
  return Failure("server " + std::to_string(server) + " answered with " + std::to_string(bytes) +
                 " bytes of rows instead of " + std::to_string(expected));
}

const std::byte* ParameterClient::ReadDense(const std::byte* in, int server,
                                            std::span<float> dense) const {
  for (const DenseBlock& block : layout_.BlocksOf(ShardsOf(server, servers()))) {
    std::memcpy(dense.data() + block.flat_begin, in, block.size * sizeof(float));
    in += block.size * sizeof(float);
  }
  return in;
}

Result<PulledRows> ParameterClient::Collect(PendingPull& pull, Precision wire,
                                            std::span<float> dense) {
  PRIMACY_ASSIGN(std::vector<Message> messages, pull.replies.Wait());
  const std::vector<BatchTable>& tables = pull.batch->tables;
  // From one server and as floats, rows are used where they were received.
  const bool in_place = servers() == 1 && wire == FP32;
  PulledRows rows;
  if (!in_place) rows = MakeRoom(*pull.batch);
  for (int server = 0; server < servers(); ++server) {
    const RawBuffer& raw = messages[server].raw;
    bytes_received_ += static_cast<int64_t>(raw.size());
    size_t expected =
        dense.empty() ? 0 : layout_.FloatsOf(ShardsOf(server, servers())) * sizeof(float);
    for (size_t t = 0; t < tables.size(); ++t) {
      const auto [begin, end] = RangeOf(tables[t], server);
      expected += RowWireBytes(wire, (end - begin) * Dim(t));
    }
    if (raw.size() != expected) return WrongSize(server, raw.size(), expected);
    const std::byte* in = raw.data();
    for (size_t t = 0; t < tables.size(); ++t) {
      const auto [begin, end] = RangeOf(tables[t], server);
      const size_t floats = (end - begin) * Dim(t);
      if (in_place) {
        rows.tables.push_back(reinterpret_cast<const float*>(in));
      } else {
        WidenRows(wire, in, {rows.gathered[t].data() + begin * Dim(t), floats});
      }
      in += RowWireBytes(wire, floats);
    }
    if (!dense.empty()) ReadDense(in, server, dense);
  }
  if (in_place) rows.messages = std::move(messages);
  return rows;
}

Result<PulledRows> ParameterClient::Join(PendingStep& step, std::span<float> dense) {
  const Batch& batch = *step.batch;
  // Those that came ahead first: the others may still be on their way.
  PRIMACY_ASSIGN(const std::vector<Message> early, step.keys->replies.Wait());
  PulledRows rows = MakeRoom(batch);
  std::vector<size_t> late_bytes(static_cast<size_t>(servers()), 0);
  for (int server = 0; server < servers(); ++server) {
    PRIMACY_ASSIGN(late_bytes[static_cast<size_t>(server)],
                   ScatterEarly(batch, server, early[server].raw, rows));
  }
  PRIMACY_ASSIGN(const std::vector<Message> late, step.pull->replies.Wait());
  for (int server = 0; server < servers(); ++server) {
    const RawBuffer& raw = late[server].raw;
    bytes_received_ += static_cast<int64_t>(raw.size());
    const size_t expected = late_bytes[static_cast<size_t>(server)] +
                            layout_.FloatsOf(ShardsOf(server, servers())) * sizeof(float);
    if (raw.size() != expected) return WrongSize(server, raw.size(), expected);
    const std::byte* in = raw.data();
    const std::byte* bits = early[server].raw.data();
    for (size_t t = 0; t < batch.tables.size(); ++t) {
      const auto [begin, end] = RangeOf(batch.tables[t], server);
      in = Scatter(bits, /*wanted=*/false, end - begin, Dim(t), in,
                   rows.gathered[t].data() + begin * Dim(t));
      bits += KeyBitsOfTable(end - begin);
    }
    ReadDense(in, server, dense);
  }
  return rows;
}

Result<size_t> ParameterClient::ScatterEarly(const Batch& batch, int server, const RawBuffer& raw,
                                             PulledRows& rows) {
  bytes_received_ += static_cast<int64_t>(raw.size());
  std::vector<size_t> counts;
  for (const BatchTable& table : batch.tables) {
    const auto [begin, end] = RangeOf(table, server);
    counts.push_back(end - begin);
  }
  size_t expected = KeyBitsBytes(counts);
  if (raw.size() < expected) return WrongSize(server, raw.size(), expected);
  size_t late_bytes = 0;
  const std::byte* bits = raw.data();
  for (size_t t = 0; t < counts.size(); ++t) {
    const size_t ones = CountBits({bits, KeyBitsOfTable(counts[t])});
    if (ones > counts[t]) return Failure("an answer to keys marks more rows than keys");
    expected += RowWireBytes(wire_, ones * Dim(t));
    late_bytes += RowWireBytes(wire_, (counts[t] - ones) * Dim(t));
    bits += KeyBitsOfTable(counts[t]);
  }
  if (raw.size() != expected) return WrongSize(server, raw.size(), expected);
  bits = raw.data();
  const std::byte* in = raw.data() + KeyBitsBytes(counts);
  for (size_t t = 0; t < counts.size(); ++t) {
    const auto [begin, end] = RangeOf(batch.tables[t], server);
    in = Scatter(bits, /*wanted=*/true, counts[t], Dim(t), in,
                 rows.gathered[t].data() + begin * Dim(t));
    bits += KeyBitsOfTable(counts[t]);
  }
  return late_bytes;
}

const std::byte* ParameterClient::Scatter(const std::byte* bits, bool wanted, size_t keys,
                                          size_t dim, const std::byte* in, float* out) {
  size_t count = CountBits({bits, KeyBitsOfTable(keys)});
  if (!wanted) count = keys - count;
  const float* from = reinterpret_cast<const float*>(in);
  if (wire_ != FP32) {
    if (widened_.size() < count * dim) widened_.resize(count * dim);
    WidenRows(wire_, in, {widened_.data(), count * dim});
    from = widened_.data();
  }
  for (size_t i = 0; i < keys; ++i) {
    const bool is_one = (bits[i / 8] >> (i % 8) & std::byte{1}) != std::byte{0};
    if (is_one != wanted) continue;
    std::copy_n(from, dim, out + i * dim);
    from += dim;
  }
  return in + RowWireBytes(wire_, count * dim);
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
                                               std::shared_ptr<GradientBuffer> gradients,
                                               const PushTerms& terms, PushRequest::Part part) {
  auto replies = std::make_shared<Replies>(servers());
  PushRequest request;
  request.set_incarnation(incarnation_);
  request.set_worker(worker_);
  request.set_step(batch.step);
  request.set_active_tasks(terms.active_tasks);
  request.set_freeze_shared(terms.freeze_shared);
  request.set_part(part);
  const bool with_tables = part != PushRequest::DENSE && !terms.freeze_shared;
  if (with_tables && wire_ != FP32) request.set_gradient_scale(Narrow(batch, *gradients));
  const std::byte* narrow = reinterpret_cast<const std::byte*>(gradients->narrow.data());
  for (int server = 0; server < servers(); ++server) {
    RawParts raw;
    raw.owner = gradients;
    for (size_t t = 0; t < batch.tables.size() && with_tables; ++t) {
      const auto [begin, end] = RangeOf(batch.tables[t], server);
      const size_t floats = (end - begin) * Dim(t);
      const size_t bytes = RowWireBytes(wire_, floats);
      if (bytes == 0) continue;
      raw.pieces.push_back(
          wire_ != FP32
              ? std::span(std::exchange(narrow, narrow + bytes), bytes)
              : std::as_bytes(std::span(gradients->tables[t]).subspan(begin * Dim(t), floats)));
    }
    if (part != PushRequest::TABLES) {
      for (const DenseBlock& block : layout_.BlocksOf(ShardsOf(server, servers()))) {
        raw.pieces.push_back(
            std::as_bytes(std::span(gradients->dense).subspan(block.flat_begin, block.size)));
      }
    }
    for (const auto& piece : raw.pieces) bytes_sent_ += static_cast<int64_t>(piece.size());
    clients_[server]->CallNoTimeout(
        MessageType::kPush, request.incarnation(), request, std::move(raw),
        [replies, server](Result<Message> message) { replies->Set(server, std::move(message)); });
  }
  return replies;
}

float ParameterClient::Narrow(const Batch& batch, GradientBuffer& gradients) {
  float largest = 0;
  size_t bytes = 0;
  for (size_t t = 0; t < batch.tables.size(); ++t) {
    const size_t floats = batch.tables[t].keys.size() * Dim(t);
    if (wire_ == FP16) {
      largest = std::max(largest, LargestMagnitude(std::span(gradients.tables[t]).first(floats)));
    }
    // Each server's part may end with a padding.
    bytes += RowWireBytes(wire_, floats) + 4 * static_cast<size_t>(servers());
  }
  const float scale = wire_ == FP16 ? Fp16Scale(largest) : 1;
  if (gradients.narrow.size() < bytes / 4 + 1) gradients.narrow.resize(bytes / 4 + 1);
  std::byte* out = reinterpret_cast<std::byte*>(gradients.narrow.data());
  for (int server = 0; server < servers(); ++server) {
    for (size_t t = 0; t < batch.tables.size(); ++t) {
      const auto [begin, end] = RangeOf(batch.tables[t], server);
      const std::span values =
          std::span(gradients.tables[t]).subspan(begin * Dim(t), (end - begin) * Dim(t));
      if (scale != 1) {
        for (float& value : values) value *= scale;
      }
      NarrowRows(wire_, values, out);
      out += RowWireBytes(wire_, values.size());
    }
  }
  return scale;
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
