// The rows bench: how many rows one core of a server gives out and updates through the transport.
#pragma once

#include "common/base/result.h"
#include "tools/bench/record.h"
#include "tools/bench/step_options.h"

namespace primacy {

struct RowsBenchOptions {
  StepBenchOptions step;  // of which batch, slots, dim, table_rows, runs and seconds matter
  Precision wire = FP32;
};

// A server with the step bench's table, filled, and no dense tensors, and a worker's client. They
// are threads of this process, the server's two on one core and the client's two on another where
// there is one, and talk over a Unix socket. The client pulls the unique keys of 24 batches of the
// step bench, then pushes a gradient for each of their rows, again and again; up to four pulls, or
// pushes, are under way. Consistency is ASP: nothing waits but for the core. Of each of the two:
//   …_rows_per_s (_min, _max)    unique rows a second; a push's are applied, with Adagrad
//   …_server_busy                processor time of the server over time: 1 is a core
// Usage error: an option out of range. Failure: no Unix socket could be opened.
Result<BenchRecord> RowsBench(const RowsBenchOptions& options);

}  // namespace primacy
