#include "tools/commands/step_flags.h"

#include <cstdint>

#include "tools/commands/bench_list.h"

DEFINE_int32(batch, static_cast<int>(primacy::StepBenchOptions().batch), "rows of a step");
DEFINE_uint64(table_rows, primacy::StepBenchOptions().table_rows, "rows of the embedding table");
DEFINE_int32(single_slots, primacy::StepBenchOptions().slots,
             "single-valued slots, beside the one of 10 values");
DEFINE_string(compute, "fp32", "fp32 or bf16");
DEFINE_bool(roofline, true, "in process: the share of the roofline too");
DEFINE_string(wire, "fp32", "how rows travel between servers and workers: fp32, fp16 or bf16");

namespace primacy {

Result<StepBenchOptions> StepOptions() {
  StepBenchOptions options;
  if (FLAGS_batch < 1) return UsageError("--batch must be at least 1");
  PRIMACY_TRY(CheckChoice("--compute", FLAGS_compute, {"fp32", "bf16"}));
  options.batch = static_cast<size_t>(FLAGS_batch);
  options.slots = FLAGS_single_slots;
  options.dim = FLAGS_dim;
  options.table_rows = FLAGS_table_rows;
  options.compute = FLAGS_compute == "bf16" ? BF16 : FP32;
  options.runs = FLAGS_runs;
  options.seconds = FLAGS_seconds;
  options.roofline = FLAGS_roofline;
  PRIMACY_TRY(CheckStepBenchOptions(options));
  return options;
}

Result<Precision> WireOption() {
  PRIMACY_TRY(CheckChoice("--wire", FLAGS_wire, {"fp32", "fp16", "bf16"}));
  return FLAGS_wire == "fp32" ? FP32 : FLAGS_wire == "fp16" ? FP16 : BF16;
}

}  // namespace primacy
