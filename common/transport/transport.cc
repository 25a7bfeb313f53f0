#include "common/transport/transport.h"

#include <future>

#include "common/base/strings.h"

namespace primacy {

Result<Endpoint> ParseEndpoint(const std::string& text) {
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

Result<Message> TransportClient::CallAndWait(MessageType type, uint32_t incarnation,
                                             const google::protobuf::MessageLite& proto,
                                             RawParts raw) {
  // Shared: the transport's thread is still inside set_value when this one wakes up.
  auto reply = std::make_shared<std::promise<Result<Message>>>();
  std::future<Result<Message>> future = reply->get_future();
  Call(type, incarnation, proto, std::move(raw),
       [reply](Result<Message> result) { reply->set_value(std::move(result)); });
  return future.get();
}

}  // namespace primacy
