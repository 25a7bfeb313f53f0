// The rows that servers answer, put together for the model.
#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "common/protocol/row_wire.h"
#include "worker/client/parameter_client.h"

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

Result<PulledRows> ParameterClient::AwaitRows(PendingStep& step, std::span<float> dense) {
  return step.keys != nullptr ? Join(step, dense) : Collect(*step.pull, wire_, dense);
}

Result<PulledRows> ParameterClient::Await(PendingPull& pull, std::span<float> dense) {
  return Collect(pull, FP32, dense);
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

}  // namespace primacy
