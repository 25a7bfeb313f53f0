// Requests and replies between processes, over TCP, or over a Unix socket where both are on one
// host. The only place of the project that knows Asio is
// behind this header.
//
// Every connection begins with a mutual proof that both sides know the job's secret (HMAC-SHA256
// over nonces); a peer that fails it or sends a frame that does not decode is dropped and counted.
// Nothing is unbounded: frames, requests in flight, time to connect and to answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/transport/message.h"

namespace primacy {

struct TransportOptions {
  std::string secret;  // shared by all processes of the job
  uint64_t frame_bytes_max = 256ull << 20;
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds request_timeout{60000};  // client: from sending to the reply; 0: none
  int requests_in_flight_max = 64;                   // client: Call waits beyond this
  int connections_max = 4096;                        // server
  // How long the transport's thread, and a thread in CallAndWait, polls before it sleeps. Wake-ups
  // get shorter, and a core is kept busy: for machines with cores to spare. Where it is in vain
  // time after time it becomes rare, and a process that is bound to one core does not do it at all.
  std::chrono::microseconds spin{0};
};

// What the address of a Unix socket holds.
inline constexpr size_t kUnixPathBytesMax = 107;

// Where a server listens.
struct Endpoint {
  std::string host;  // address or name
  uint16_t port = 0;
  // The same server's Unix socket, and the host on which that is (see transport/host_id.h). Clients
  // of that host try it first and take TCP when it cannot be reached. Empty: there is none.
  std::string unix_path;
  std::string host_id;

  // "host:port", for people.
  std::string ToString() const { return host + ":" + std::to_string(port); }
  // All of it, for other processes: "host:port", or "host:port unix=HOST_ID:PATH".
  std::string Encode() const;
};
// Reads both forms.
Result<Endpoint> ParseEndpoint(const std::string& text);

// Answers one request, once, from any thread. Destroyed unanswered, it sends an error reply.
// Movable.
class Responder {
 public:
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void Reply(const google::protobuf::MessageLite& proto, RawParts raw) = 0;
    virtual void Fail(const Error& error) = 0;
  };
  Responder() = default;
  explicit Responder(std::unique_ptr<Sink> sink) : sink_(std::move(sink)) {}
  Responder(Responder&&) = default;
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();

  void Reply(const google::protobuf::MessageLite& proto, RawParts raw = {});
  void Fail(const Error& error);
  bool pending() const { return sink_ != nullptr; }

 private:
  std::unique_ptr<Sink> sink_;
};

// Accepts connections and hands requests to a handler.
class TransportServer {
 public:
  struct Handlers {
    // Called on the transport's thread: must not block. `peer` is the name the client gave ("worker
    // 1").
    std::function<void(const std::string& peer, Message request, Responder responder)> request;
    // A connection that had passed the handshake ended. Called on the transport's thread. May be
    // empty.
    std::function<void(const std::string& peer)> disconnected;
  };
  // Binds bind_address:port (port 0: a free one), and a Unix socket beside it where one can be had.
  // A port in use is a usage error that names it.
  static Result<std::unique_ptr<TransportServer>> Start(const std::string& bind_address,
                                                        uint16_t port,
                                                        const TransportOptions& options,
                                                        Handlers handlers);
  // Closes all connections and joins the thread; handlers are not called after it returns.
  virtual ~TransportServer() = default;
  virtual Endpoint endpoint() const = 0;
  virtual uint64_t rejected_peers() const = 0;  // failed handshakes and undecodable frames
};

// One connection to a server, with any number of threads calling. A connection that breaks is made
// again once per request, and the request is sent again (servers recognise repeats); after that the
// request fails.
class TransportClient {
 public:
  using Callback = std::function<void(Result<Message>)>;
  // Connects and proves the secret. `name` is what the server's handlers see as `peer`.
  static Result<std::unique_ptr<TransportClient>> Connect(const Endpoint& endpoint,
                                                          const std::string& name,
                                                          const TransportOptions& options);
  // Fails all pending requests and joins the thread.
  virtual ~TransportClient() = default;

  // Sends a request; `callback` is called once, on the transport's thread, with the reply or an
  // error. An error reply of the server arrives as an Error of its kind. Waits while
  // requests_in_flight_max requests are pending (never on the transport's thread).
  virtual void Call(MessageType type, uint32_t incarnation,
                    const google::protobuf::MessageLite& proto, RawParts raw,
                    Callback callback) = 0;
  // Sends and waits. A request that may take any time (the server answers when something happens)
  // has no_timeout.
  Result<Message> CallAndWait(MessageType type, uint32_t incarnation,
                              const google::protobuf::MessageLite& proto, RawParts raw = {});
  // As Call, without the request time-out.
  virtual void CallNoTimeout(MessageType type, uint32_t incarnation,
                             const google::protobuf::MessageLite& proto, RawParts raw,
                             Callback callback) = 0;

 protected:
  explicit TransportClient(std::chrono::microseconds spin) : spin_(spin) {}

 private:
  const std::chrono::microseconds spin_;
};

}  // namespace primacy
