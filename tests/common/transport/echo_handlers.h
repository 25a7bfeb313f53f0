// Servers and clients for the tests of the transport.
#pragma once

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "common/protocol/messages.pb.h"
#include "common/transport/transport.h"

namespace primacy::testing_support {

inline TransportOptions TestOptions() {
  TransportOptions options;
  options.secret = "the secret of the test";
  return options;
}

// Which of a server's two sockets a test is about.
enum class SocketKind { kTcp, kUnix };

inline std::string NameOf(const testing::TestParamInfo<SocketKind>& kind) {
  return kind.param == SocketKind::kTcp ? "Tcp" : "Unix";
}

// The server as clients see it that can reach this one socket only, or would rather.
inline Endpoint EndpointOf(const TransportServer& server, SocketKind kind) {
  Endpoint endpoint = server.endpoint();
  CHECK(!endpoint.unix_path.empty());
  if (kind == SocketKind::kTcp) endpoint.unix_path.clear();
  return endpoint;
}

// A raw part that keeps `raw` alive.
inline RawParts Own(RawBuffer raw) {
  auto owner = std::make_shared<RawBuffer>(std::move(raw));
  RawParts parts;
  parts.pieces.push_back(owner->bytes());
  parts.owner = std::move(owner);
  return parts;
}

// Replies with the request's own raw part, and with the peer's name and the request's message as an
// ErrorReply (the message with a string at hand).
inline TransportServer::Handlers EchoHandlers() {
  TransportServer::Handlers handlers;
  handlers.request = [](const std::string& peer, Message request, Responder responder) {
    const Result<ErrorReply> said = ParseProto<ErrorReply>(request);
    ErrorReply reply;
    reply.set_message(peer + " said " + (said.ok() ? said->message() : "nothing sensible"));
    responder.Reply(reply, Own(std::move(request.raw)));
  };
  return handlers;
}

// At a free port of this host.
inline std::unique_ptr<TransportServer> StartServer(
    TransportServer::Handlers handlers = EchoHandlers(),
    const TransportOptions& options = TestOptions()) {
  auto server = TransportServer::Start("127.0.0.1", 0, options, std::move(handlers));
  CHECK(server.ok()) << server.error().trace();
  return *std::move(server);
}

inline std::unique_ptr<TransportClient> ConnectTo(const Endpoint& endpoint,
                                                  const TransportOptions& options = TestOptions(),
                                                  const std::string& name = "worker 1") {
  auto client = TransportClient::Connect(endpoint, name, options);
  CHECK(client.ok()) << client.error().trace();
  return *std::move(client);
}

// What holds over each of a server's two sockets.
class EitherSocket : public testing::TestWithParam<SocketKind> {
 protected:
  std::unique_ptr<TransportClient> Connect(const TransportServer& server,
                                           const TransportOptions& options = TestOptions(),
                                           const std::string& name = "worker 1") {
    return ConnectTo(EndpointOf(server, GetParam()), options, name);
  }
};

inline ErrorReply Text(const std::string& text) {
  ErrorReply message;
  message.set_message(text);
  return message;
}

// The text of a reply, or the error's message.
inline std::string TextOf(const Result<Message>& reply) {
  if (!reply.ok()) return "error: " + reply.error().message();
  const Result<ErrorReply> parsed = ParseProto<ErrorReply>(*reply);
  return parsed.ok() ? parsed->message() : "error: " + parsed.error().message();
}

}  // namespace primacy::testing_support
