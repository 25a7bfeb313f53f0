#include "common/transport/transport.h"

#include <chrono>
#include <future>
#include <optional>
#include <string_view>

#include "common/base/strings.h"
#include "common/transport/spin.h"

namespace primacy {

namespace {

constexpr std::string_view kUnixPrefix = " unix=";

Result<Endpoint> ParseHostAndPort(const std::string& text) {
  const size_t colon = text.rfind(':');
  Endpoint endpoint;
  if (colon != std::string::npos) endpoint.host = text.substr(0, colon);
  // [::1]:8470, as addresses with colons are written elsewhere.
  if (endpoint.host.size() > 2 && endpoint.host.front() == '[' && endpoint.host.back() == ']') {
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  }
  if (endpoint.host.empty())
    return UsageError("'" + text + "' is not an endpoint: write host:port");
  const std::optional<int64_t> port = ParseInt(std::string_view(text).substr(colon + 1));
  if (!port.has_value() || *port < 1 || *port > 65535) {
    return UsageError("'" + text +
                      "' is not an endpoint: the port must be a number from 1 to 65535");
  }
  endpoint.port = static_cast<uint16_t>(*port);
  return endpoint;
}

}  // namespace

std::string Endpoint::Encode() const {
  if (unix_path.empty()) return ToString();
  return ToString() + std::string(kUnixPrefix) + host_id + ":" + unix_path;
}

Result<Endpoint> ParseEndpoint(const std::string& text) {
  const size_t unix_at = text.find(kUnixPrefix);
  PRIMACY_ASSIGN(Endpoint endpoint, ParseHostAndPort(text.substr(0, unix_at)));
  if (unix_at == std::string::npos) return endpoint;
  const std::string local = text.substr(unix_at + kUnixPrefix.size());
  const size_t colon = local.find(':');
  if (colon != std::string::npos) {
    endpoint.host_id = local.substr(0, colon);
    endpoint.unix_path = local.substr(colon + 1);
  }
  if (endpoint.host_id.empty() || !endpoint.unix_path.starts_with('/') ||
      endpoint.unix_path.size() > kUnixPathBytesMax) {
    return UsageError("'" + text + "' is not an endpoint: its Unix socket must be HOST_ID:/PATH");
  }
  return endpoint;
}

Result<Message> TransportClient::CallAndWait(MessageType type, uint32_t incarnation,
                                             const google::protobuf::MessageLite& proto,
                                             RawParts raw) {
  // Shared: the transport's thread is still inside set_value when this one wakes up.
  auto reply = std::make_shared<std::promise<Result<Message>>>();
  std::future<Result<Message>> future = reply->get_future();
  Call(type, incarnation, proto, std::move(raw),
       [reply](Result<Message> result) { reply->set_value(std::move(result)); });
  if (spin_.count() > 0) {
    transport::SpinUntil(spin_, [&] {
      return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
  }
  return future.get();
}

}  // namespace primacy
