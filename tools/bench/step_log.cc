#include "tools/bench/step_log.h"

#include <algorithm>

#include "common/base/atomic_file.h"
#include "common/clicklog/writer.h"
#include "tools/bench/step_work.h"

namespace primacy {
namespace {

// Rows of the hold-out and of the test slice: evaluated, but not in the rate.
constexpr uint64_t kEvaluationRows = 4096;
constexpr uint64_t kBlockRows = 4096;

Status WriteSlice(const std::string& folder, const LogSchema& schema, const bench::StepRows& source,
                  uint64_t first, uint64_t rows) {
  PRIMACY_TRY(MakeDirectories(folder));
  PRIMACY_ASSIGN(const std::unique_ptr<LogPartWriter> writer,
                 LogPartWriter::Create(folder + "/" + PartName(0), schema, {}));
  for (uint64_t done = 0; done < rows; done += kBlockRows) {
    const uint32_t count = static_cast<uint32_t>(std::min(kBlockRows, rows - done));
    PRIMACY_TRY(writer->AppendBlock(source.Block(first + done, count)));
  }
  return writer->Finish();
}

}  // namespace

Result<std::unique_ptr<StepLog>> StepLog::Write(const StepBenchOptions& options, uint64_t rows) {
  PRIMACY_TRY(CheckStepBenchOptions(options));
  if (rows < options.batch || rows > 1'000'000'000) {
    return UsageError("--log_rows must be at least a batch and at most 1000000000");
  }
  PRIMACY_ASSIGN(std::unique_ptr<ScratchDirectory> scratch, ScratchDirectory::Create());
  const std::string log = *scratch / "log";
  const LogSchema schema = bench::StepSchema(options);
  const bench::StepRows source(options);
  PRIMACY_TRY(WriteSlice(log + "/train", schema, source, 0, rows));
  PRIMACY_TRY(WriteSlice(log + "/holdout", schema, source, rows, kEvaluationRows));
  PRIMACY_TRY(WriteSlice(log + "/test", schema, source, rows + kEvaluationRows, kEvaluationRows));
  return std::unique_ptr<StepLog>(new StepLog(std::move(scratch), rows));
}

}  // namespace primacy
