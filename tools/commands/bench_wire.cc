#include "tools/bench/wire_bench.h"

#include "tools/commands/bench_list.h"

namespace primacy {

Status BenchWire() { return WireBench({FLAGS_runs, FLAGS_seconds}, ShowRecord); }

}  // namespace primacy
