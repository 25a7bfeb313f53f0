// The gradients that a worker sends.
#include <algorithm>
#include <utility>

#include "common/base/narrow_floats.h"
#include "common/protocol/row_wire.h"
#include "worker/client/parameter_client.h"

namespace primacy {

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

}  // namespace primacy
