#include "tools/bench/wire_bench.h"

#include "tools/bench/rows_bench.h"
#include "tools/commands/bench_list.h"
#include "tools/commands/step_flags.h"

namespace primacy {

Status BenchWire() { return WireBench({FLAGS_runs, FLAGS_seconds}, ShowRecord); }

Status BenchRows() {
  RowsBenchOptions options;
  PRIMACY_ASSIGN(options.step, StepOptions());
  PRIMACY_ASSIGN(options.wire, WireOption());
  PRIMACY_ASSIGN(const BenchRecord record, RowsBench(options));
  ShowRecord(record);
  return Ok();
}

}  // namespace primacy
