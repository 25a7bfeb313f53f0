#include "tests/common/transport/raw_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <utility>

#include "common/base/crc32c.h"
#include "common/transport/handshake.h"
#include "common/transport/host_id.h"

namespace primacy::testing_support {
namespace {

sockaddr_in Address(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

sockaddr_un Address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CHECK_LT(path.size(), sizeof(address.sun_path));
  path.copy(address.sun_path, path.size());
  return address;
}

}  // namespace

std::string FrameBytes(FrameHeader header, const std::string& proto, const std::string& raw) {
  header.proto_bytes = proto.size();
  header.raw_bytes = raw.size();
  header.payload_crc32c =
      Crc32c(Crc32c(0, std::as_bytes(std::span(proto))), std::as_bytes(std::span(raw)));
  const auto bytes = EncodeFrameHeader(header);
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()) + proto + raw;
}

RawPeer::RawPeer(int socket) : socket_(socket) {
  const timeval timeout{5, 0};
  CHECK_EQ(::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)), 0);
}

RawPeer RawPeer::ConnectTo(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = Address(endpoint.unix_path);
    CHECK_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    return RawPeer(socket);
  }
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Address(endpoint.port);
  CHECK_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  return RawPeer(socket);
}

RawPeer::RawPeer(RawPeer&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

RawPeer::~RawPeer() { Close(); }

void RawPeer::Close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void RawPeer::Send(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // dropped by the other side, which tests look at elsewhere
    bytes = bytes.subspan(sent);
  }
}

void RawPeer::SendFrame(FrameHeader header, const std::string& proto, const std::string& raw) {
  Send(FrameBytes(header, proto, raw));
}

bool RawPeer::Read(std::span<std::byte> target) {
  while (!target.empty()) {
    const ssize_t received = ::recv(socket_, target.data(), target.size(), 0);
    if (received <= 0) return false;
    target = target.subspan(received);
  }
  return true;
}

std::optional<Message> RawPeer::ReadFrame() {
  std::array<std::byte, kFrameHeaderBytes> bytes;
  if (!Read(bytes)) return std::nullopt;
  const Result<FrameHeader> header = DecodeFrameHeader(bytes, 1 << 30);
  CHECK(header.ok()) << header.error().trace();
  Message message;
  message.header = *header;
  message.proto.resize(header->proto_bytes);
  message.raw = RawBuffer(header->raw_bytes);
  if (!Read(std::as_writable_bytes(std::span(message.proto)))) return std::nullopt;
  if (!Read({message.raw.data(), message.raw.size()})) return std::nullopt;
  return message;
}

void RawPeer::IntroduceAs(const std::string& name, const std::string& secret) {
  const transport::Hello hello{transport::RandomNonce(), name};
  SendFrame({.type = MessageType::kHandshake}, "", transport::EncodeHello(hello));
  const std::optional<Message> answer = ReadFrame();
  CHECK(answer.has_value());
  const auto challenge = transport::DecodeChallenge(answer->raw.bytes());
  CHECK(challenge.ok());
  const auto proof = transport::Prove(transport::Prover::kClient, secret, hello, challenge->nonce);
  SendFrame({.type = MessageType::kHandshake}, "", transport::EncodeProof(proof));
}

void RawPeer::Admit(const std::string& secret) {
  const std::optional<Message> first = ReadFrame();
  CHECK(first.has_value());
  const auto hello = transport::DecodeHello(first->raw.bytes());
  CHECK(hello.ok());
  transport::Challenge challenge{transport::RandomNonce(), {}};
  challenge.proof = transport::Prove(transport::Prover::kServer, secret, *hello, challenge.nonce);
  SendFrame({.type = MessageType::kHandshake}, "", transport::EncodeChallenge(challenge));
  CHECK(ReadFrame().has_value());
}

bool RawPeer::WaitForEnd() {
  std::byte scratch[4096];
  ssize_t received = 0;
  while ((received = ::recv(socket_, scratch, sizeof(scratch), 0)) > 0) {
  }
  return received == 0 || errno == ECONNRESET;
}

RawListener::RawListener(SocketKind kind)
    : tcp_socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = Address(uint16_t{0});
  socklen_t size = sizeof(address);
  CHECK_EQ(::bind(tcp_socket_, reinterpret_cast<const sockaddr*>(&address), size), 0);
  CHECK_EQ(::getsockname(tcp_socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
  endpoint_ = {"127.0.0.1", ntohs(address.sin_port), "", ""};
  if (kind == SocketKind::kTcp) {
    CHECK_EQ(::listen(tcp_socket_, 16), 0);
    return;
  }
  auto file = transport::SocketFile::Create();
  CHECK(file.ok()) << file.error().trace();
  file_ = *std::move(file);
  endpoint_.unix_path = file_->path();
  endpoint_.host_id = transport::HostId();
  unix_socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un local = Address(file_->path());
  CHECK_EQ(::bind(unix_socket_, reinterpret_cast<const sockaddr*>(&local), sizeof(local)), 0);
  CHECK_EQ(::listen(unix_socket_, 16), 0);
}

RawListener::~RawListener() { Close(); }

void RawListener::Close() {
  if (tcp_socket_ >= 0) ::close(std::exchange(tcp_socket_, -1));
  if (unix_socket_ >= 0) ::close(std::exchange(unix_socket_, -1));
}

RawPeer RawListener::Accept() {
  const int socket =
      ::accept4(unix_socket_ >= 0 ? unix_socket_ : tcp_socket_, nullptr, nullptr, SOCK_CLOEXEC);
  CHECK_GE(socket, 0);
  return RawPeer(socket);
}

}  // namespace primacy::testing_support
