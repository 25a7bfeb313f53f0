#include <algorithm>
#include <utility>

#include "common/protocol/plane_products.h"
#include "worker/client/parameter_client.h"

namespace primacy {

std::shared_ptr<Replies> ParameterClient::PushPlanes(
    const Batch& batch, std::vector<std::shared_ptr<GradientBuffer>> planes, uint64_t plane_tasks,
    uint64_t active_tasks) {
  const std::vector<int> tasks = TasksOf(plane_tasks);
  CHECK_EQ(tasks.size(), planes.size());
  auto replies = std::make_shared<Replies>(servers());
  PushRequest request;
  request.set_incarnation(incarnation_);
  request.set_worker(worker_);
  request.set_step(batch.step);
  request.set_active_tasks(active_tasks);
  request.set_plane_tasks(plane_tasks);
  const auto owner =
      std::make_shared<const std::vector<std::shared_ptr<GradientBuffer>>>(std::move(planes));
  for (int server = 0; server < servers(); ++server) {
    const std::span<const DenseBlock> blocks = layout_.BlocksOf(ShardsOf(server, servers()));
    RawParts raw;
    raw.owner = owner;
    const auto add_block = [&](const GradientBuffer& plane, const DenseBlock& block) {
      raw.pieces.push_back(
          std::as_bytes(std::span(plane.dense).subspan(block.flat_begin, block.size)));
    };
    const auto owner_of = [&](const DenseBlock& block) {
      return parameters_.tensor(block.tensor).owner_task();
    };
    for (const std::shared_ptr<GradientBuffer>& plane : *owner) {
      for (size_t t = 0; t < batch.tables.size(); ++t) {
        const auto [begin, end] = RangeOf(batch.tables[t], server);
        if (begin == end) continue;
        raw.pieces.push_back(std::as_bytes(
            std::span(plane->tables[t]).subspan(begin * Dim(t), (end - begin) * Dim(t))));
      }
      for (const DenseBlock& block : blocks) {
        if (owner_of(block) < 0) add_block(*plane, block);
      }
    }
    for (const DenseBlock& block : blocks) {
      if (owner_of(block) < 0) continue;
      // Without a plane of the owner the gradient is 0, as in every other plane.
      const auto found = std::find(tasks.begin(), tasks.end(), owner_of(block));
      const size_t plane = found == tasks.end() ? 0 : static_cast<size_t>(found - tasks.begin());
      add_block(*(*owner)[plane], block);
    }
    for (const auto& piece : raw.pieces) bytes_sent_ += static_cast<int64_t>(piece.size());
    clients_[server]->CallNoTimeout(
        MessageType::kPush, request.incarnation(), request, std::move(raw),
        [replies, server](Result<Message> message) { replies->Set(server, std::move(message)); });
  }
  return replies;
}

}  // namespace primacy
