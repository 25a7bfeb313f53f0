#include "tools/launch/control_client.h"

#include <chrono>
#include <utility>

#include "common/cluster/control_file.h"

namespace primacy {
namespace {

constexpr std::chrono::milliseconds kPatience{1000};
constexpr char kName[] = "control";

}  // namespace

std::optional<Message> ControlClient::Call(MessageType type,
                                           const google::protobuf::MessageLite& request) {
  if (client_ == nullptr) {
    const Result<ControlInfo> info = ReadControlFile(run_dir_);
    if (!info.ok()) return std::nullopt;
    const Result<Endpoint> endpoint = ParseEndpoint(info->endpoint);
    if (!endpoint.ok()) return std::nullopt;
    TransportOptions options;
    options.secret = info->secret;
    options.connect_timeout = options.request_timeout = kPatience;
    Result<std::unique_ptr<TransportClient>> client =
        TransportClient::Connect(*endpoint, kName, options);
    if (!client.ok()) return std::nullopt;
    client_ = *std::move(client);
  }
  Result<Message> reply = client_->CallAndWait(type, 0, request);
  if (reply.ok()) return *std::move(reply);
  client_.reset();
  return std::nullopt;
}

std::optional<JobStatus> ControlClient::Status() {
  const std::optional<Message> reply = Call(MessageType::kStatus, Empty());
  if (!reply.has_value()) return std::nullopt;
  const Result<JobStatus> status = ParseProto<JobStatus>(*reply);
  if (!status.ok()) return std::nullopt;
  return *status;
}

bool ControlClient::Stop() { return Call(MessageType::kStop, StopRequest()).has_value(); }

}  // namespace primacy
