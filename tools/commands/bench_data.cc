#include "tools/bench/data_bench.h"

#include "tools/commands/bench_list.h"

DEFINE_uint64(text_rows, primacy::DataBenchOptions().rows, "rows of the text of the data bench");

namespace primacy {

Status BenchData() {
  DataBenchOptions options;
  options.rows = FLAGS_text_rows;
  options.runs = FLAGS_runs;
  PRIMACY_ASSIGN(const std::vector<BenchRecord> records, DataBench(options));
  for (const BenchRecord& record : records) ShowRecord(record);
  return Ok();
}

}  // namespace primacy
