#include "tools/bench/wire_bench.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "common/protocol/messages.pb.h"
#include "common/transport/transport.h"

namespace primacy {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr size_t kSmallBytes = 8;
constexpr size_t kMiB = size_t{1} << 20;
constexpr int kInFlight = 4;
constexpr int kFigures = 5;

RawParts Payload(size_t bytes) {
  auto buffer = std::make_shared<RawBuffer>(bytes);
  std::fill_n(buffer->data(), bytes, std::byte{0x5A});
  RawParts parts;
  parts.pieces.push_back(buffer->bytes());
  parts.owner = std::move(buffer);
  return parts;
}

// Answers a pull with as many bytes as its key_count says, a push with none.
TransportServer::Handlers Handlers() {
  TransportServer::Handlers handlers;
  handlers.request = [small = Payload(kSmallBytes), one = Payload(kMiB), four = Payload(4 * kMiB)](
                         const std::string&, Message request, Responder responder) {
    if (request.header.type != MessageType::kPull) return responder.Reply(Empty());
    const Result<PullRequest> pull = ParseProto<PullRequest>(request);
    if (!pull.ok()) return responder.Fail(pull.error());
    const auto bytes = static_cast<size_t>(pull->key_count(0));
    responder.Reply(PullReply(), bytes == kSmallBytes ? small : bytes == kMiB ? one : four);
  };
  return handlers;
}

struct Ends {
  std::unique_ptr<TransportServer> server;
  std::unique_ptr<TransportClient> client;
};

enum class Socket { kTcp, kUnix };

Result<Ends> Connect(Socket socket, std::chrono::microseconds spin) {
  TransportOptions transport;
  transport.secret = "bench wire";
  transport.spin = spin;
  transport.requests_in_flight_max = kInFlight;
  Ends ends;
  PRIMACY_ASSIGN(ends.server, TransportServer::Start("127.0.0.1", 0, transport, Handlers()));
  Endpoint endpoint = ends.server->endpoint();
  if (socket == Socket::kTcp) {
    endpoint.unix_path.clear();
  } else if (endpoint.unix_path.empty()) {
    return Failure("the server has no Unix socket");
  }
  PRIMACY_ASSIGN(ends.client, TransportClient::Connect(endpoint, "bench", transport));
  return ends;
}

PullRequest PullOf(size_t bytes) {
  PullRequest pull;
  pull.add_key_count(static_cast<int64_t>(bytes));
  return pull;
}

struct Latency {
  double median_us = 0;
  double p99_us = 0;
};

Result<Latency> RoundTrips(TransportClient& client, Seconds length) {
  const PullRequest pull = PullOf(kSmallBytes);
  const RawParts keys = Payload(kSmallBytes);
  std::vector<double> micros;
  const Clock::time_point begin = Clock::now();
  do {
    const Clock::time_point sent = Clock::now();
    PRIMACY_TRY(client.CallAndWait(MessageType::kPull, 0, pull, keys));
    micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - sent).count());
  } while (Clock::now() - begin < length);
  std::sort(micros.begin(), micros.end());
  return Latency{micros[micros.size() / 2], micros[micros.size() * 99 / 100]};
}

struct Rate {
  double gb_per_s = 0;
  double cpu_s_per_gb = 0;  // of both sides together
};

Seconds CpuTime() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// GB (10^9 bytes) of messages whose raw part, or whose reply's, has `bytes`. Call waits while
// kInFlight requests are pending.
Result<Rate> Stream(TransportClient& client, MessageType type, size_t bytes, Seconds length) {
  const PullRequest pull = PullOf(bytes);
  const RawParts raw = type == MessageType::kPush ? Payload(bytes) : RawParts();
  struct Tally {
    std::atomic<int64_t> ended = 0;
    std::atomic<bool> failed = false;
  };
  auto tally = std::make_shared<Tally>();
  int64_t sent = 0;
  const Seconds cpu_before = CpuTime();
  const Clock::time_point begin = Clock::now();
  do {
    ++sent;
    client.Call(type, 0, pull, raw, [tally](Result<Message> reply) {
      if (!reply.ok()) tally->failed = true;
      tally->ended += 1;
      tally->ended.notify_one();
    });
  } while (Clock::now() - begin < length && !tally->failed);
  for (int64_t ended = tally->ended; ended < sent; ended = tally->ended) {
    tally->ended.wait(ended);
  }
  const Seconds taken = Clock::now() - begin;
  const Seconds cpu = CpuTime() - cpu_before;
  if (tally->failed) return Failure("a request of the wire bench failed");
  const double gb = static_cast<double>(sent) * static_cast<double>(bytes) / 1e9;
  return Rate{gb / taken.count(), cpu.count() / gb};
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Result<BenchRecord> Measure(Socket socket, std::chrono::microseconds spin,
                            const WireBenchOptions& options) {
  PRIMACY_ASSIGN(const Ends ends, Connect(socket, spin));
  TransportClient& client = *ends.client;
  const Seconds length(options.seconds / kFigures);

  std::vector<double> median_us, p99_us;
  for (int run = 0; run < options.runs; ++run) {
    PRIMACY_ASSIGN(const Latency latency, RoundTrips(client, length));
    median_us.push_back(latency.median_us);
    p99_us.push_back(latency.p99_us);
  }
  BenchRecord record;
  record.name = "wire";
  record.labels = {{"socket", socket == Socket::kUnix ? "unix" : "tcp"},
                   {"spin_us", std::to_string(spin.count())},
                   {"work", "moves bytes, updates nothing"}};
  record.numbers = {{"round_trip_us", Median(median_us)}, {"round_trip_us_p99", Median(p99_us)}};

  struct Figure {
    std::string name;
    MessageType type;
    size_t bytes;
  };
  for (const Figure& figure : {Figure{"reply_1mib", MessageType::kPull, kMiB},
                               Figure{"reply_4mib", MessageType::kPull, 4 * kMiB},
                               Figure{"request_1mib", MessageType::kPush, kMiB},
                               Figure{"request_4mib", MessageType::kPush, 4 * kMiB}}) {
    std::vector<double> gb_per_s, cpu_s_per_gb;
    for (int run = 0; run < options.runs; ++run) {
      PRIMACY_ASSIGN(const Rate rate, Stream(client, figure.type, figure.bytes, length));
      gb_per_s.push_back(rate.gb_per_s);
      cpu_s_per_gb.push_back(rate.cpu_s_per_gb);
    }
    record.numbers.emplace_back(figure.name + "_gb_per_s", Median(gb_per_s));
    record.numbers.emplace_back(figure.name + "_cpu_s_per_gb", Median(cpu_s_per_gb));
  }
  return record;
}

}  // namespace

Status WireBench(const WireBenchOptions& options,
                 const std::function<void(const BenchRecord&)>& report) {
  if (options.runs < 1) return UsageError("--runs must be at least 1");
  if (!(options.seconds > 0)) return UsageError("--seconds must be more than 0");
  for (const Socket socket : {Socket::kTcp, Socket::kUnix}) {
    for (const int spin_us : {0, 50}) {
      PRIMACY_ASSIGN(const BenchRecord record,
                     Measure(socket, std::chrono::microseconds(spin_us), options));
      report(record);
    }
  }
  return Ok();
}

}  // namespace primacy
