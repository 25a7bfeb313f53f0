// A socket in the hands of a test: blocking, byte by byte, as well or as badly behaved as the test
// wants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/protocol/frame.h"
#include "common/transport/message.h"
#include "common/transport/socket_file.h"
#include "common/transport/transport.h"
#include "tests/common/transport/echo_handlers.h"

namespace primacy::testing_support {

class RawPeer {
 public:
  explicit RawPeer(int socket);
  // By the endpoint's Unix socket where it has one.
  static RawPeer ConnectTo(const Endpoint& endpoint);
  RawPeer(RawPeer&& other) noexcept;
  ~RawPeer();

  void Send(std::span<const std::byte> bytes);
  void Send(const std::string& text) { Send(std::as_bytes(std::span(text))); }
  void SendFrame(FrameHeader header, const std::string& proto, const std::string& raw);
  // Nothing: the connection ended.
  std::optional<Message> ReadFrame();
  // Both sides of the handshake, with a secret.
  void IntroduceAs(const std::string& name, const std::string& secret);
  void Admit(const std::string& secret);
  // Waits until the other side closes; false when it did not within five seconds.
  bool WaitForEnd();
  void Close();

 private:
  bool Read(std::span<std::byte> target);
  int socket_;
};

// A listening socket: on a free port of 127.0.0.1, or a Unix socket with a port beside it that
// refuses connections.
class RawListener {
 public:
  explicit RawListener(SocketKind kind = SocketKind::kTcp);
  ~RawListener();
  Endpoint endpoint() const { return endpoint_; }
  RawPeer Accept();
  // Leaves the Unix socket's file where it is, as a killed process would.
  void Close();

 private:
  int tcp_socket_ = -1;
  int unix_socket_ = -1;
  std::unique_ptr<transport::SocketFile> file_;
  Endpoint endpoint_;
};

// The bytes of a frame, checksums and all.
std::string FrameBytes(FrameHeader header, const std::string& proto, const std::string& raw);

}  // namespace primacy::testing_support
