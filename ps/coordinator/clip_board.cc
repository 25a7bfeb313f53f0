#include "ps/coordinator/clip_board.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace primacy {

double ClipScale(const std::vector<double>& squares, double clip_norm) {
  double sum = 0;
  for (double square : squares) sum += square;
  const double norm = std::sqrt(sum);
  return clip_norm > 0 && norm > clip_norm ? clip_norm / norm : 1.0;
}

void ClipBoard::OnNorm(const NormRequest& request, const RawBuffer& squares, Responder responder) {
  MutexLock lock(mutex_);
  if (failure_.has_value()) return responder.Fail(*failure_);
  const size_t count = squares.size() / sizeof(double);
  if (request.server() < 0 || request.server() >= servers_ ||
      squares.size() % sizeof(double) != 0 || request.first_shard() > kVirtualShards ||
      count > kVirtualShards - request.first_shard()) {
    return responder.Fail(Failure("a server sent gradient norms of shards that do not exist"));
  }
  Gathering& gathering = steps_[request.step()];
  gathering.squares.resize(kVirtualShards);
  gathering.responders.resize(servers_);
  const auto values = squares.As<double>(0, count);
  std::copy(values.begin(), values.end(), gathering.squares.begin() + request.first_shard());
  std::optional<Responder>& place = gathering.responders[request.server()];
  if (!place.has_value()) ++gathering.arrived;
  place = std::move(responder);
  if (gathering.arrived < servers_) return;
  NormReply reply;
  reply.set_scale(ClipScale(gathering.squares, clip_norm_));
  for (std::optional<Responder>& waiting : gathering.responders) waiting->Reply(reply);
  steps_.erase(request.step());
}

void ClipBoard::Fail(const Error& error) {
  MutexLock lock(mutex_);
  failure_ = error;
  for (auto& [step, gathering] : steps_) {
    for (std::optional<Responder>& waiting : gathering.responders) {
      if (waiting.has_value()) waiting->Fail(error);
    }
  }
  steps_.clear();
}

}  // namespace primacy
