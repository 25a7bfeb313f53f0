// The wire bench: what the transport alone carries between one server and one client.
#pragma once

#include <functional>

#include "common/base/result.h"
#include "tools/bench/record.h"

namespace primacy {

struct WireBenchOptions {
  int runs = 5;
  double seconds = 4;  // length of a run: a fifth for each of its five figures
};

// One record for each of TCP and a Unix socket, without and with 50 µs of spinning on both sides.
// Server and client are threads of this process. The bench moves bytes and updates nothing, so its
// figures are upper bounds of what pulls and pushes can reach. Medians over the runs of
//   round_trip_us    of a request with 8 bytes that is answered with 8, one at a time; also its
//                    99th percentile
//   reply_…_gb_per_s    small requests, replies of 1 or 4 MiB, four in flight; 10^9 bytes
//   request_…_gb_per_s  requests of 1 or 4 MiB, empty replies, four in flight
//   …_cpu_s_per_gb      processor time of both sides, which other work on the machine disturbs less
// Usage error: an option that is out of range. Failure: no Unix socket could be opened.
Status WireBench(const WireBenchOptions& options,
                 const std::function<void(const BenchRecord&)>& report);

}  // namespace primacy
