#include "tools/bench/table_bench.h"

#include "tools/bench/checkpoint_bench.h"
#include "tools/commands/bench_list.h"

DEFINE_uint64(keys, primacy::TableBenchOptions().keys, "rows of the table");
DEFINE_uint64(batch_keys, primacy::TableBenchOptions().batch_keys,
              "uniformly drawn keys of a batch");

namespace primacy {

Status BenchTable() {
  TableBenchOptions options;
  options.keys = FLAGS_keys;
  options.dim = FLAGS_dim;
  options.batch_keys = FLAGS_batch_keys;
  options.runs = FLAGS_runs;
  options.seconds = FLAGS_seconds;
  PRIMACY_ASSIGN(const BenchRecord record, TableBench(options));
  ShowRecord(record);
  return Ok();
}

Status BenchCheckpoint() {
  CheckpointBenchOptions options;
  options.keys = FLAGS_keys;
  options.dim = FLAGS_dim;
  options.runs = FLAGS_runs;
  PRIMACY_ASSIGN(const BenchRecord record, CheckpointBench(options));
  ShowRecord(record);
  return Ok();
}

}  // namespace primacy
