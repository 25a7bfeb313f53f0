#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/json_value.h"
#include "common/clicklog/writer.h"
#include "tools/bench/step_bench.h"
#include "tools/bench/step_work.h"
#include "tools/launch/local_job.h"

namespace primacy {
namespace {

// Rows of the hold-out and of the test slice: evaluated, but not in the rate.
constexpr uint64_t kEvaluationRows = 4096;
constexpr uint64_t kBlockRows = 4096;

// A directory that is gone at the end of its scope.
class ScratchDirectory {
 public:
  static Result<std::unique_ptr<ScratchDirectory>> Create() {
    std::error_code code;
    const std::filesystem::path root = std::filesystem::temp_directory_path(code);
    std::string pattern = (code ? "/tmp" : root.string()) + "/primacy-bench-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr)
      return Failure("cannot create a directory " + pattern);
    return std::unique_ptr<ScratchDirectory>(new ScratchDirectory(pattern));
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

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

Status WriteStepLog(const std::string& log, const StepBenchOptions& options) {
  const LogSchema schema = bench::StepSchema(options);
  const bench::StepRows source(options);
  const uint64_t end = options.log_rows;
  PRIMACY_TRY(WriteSlice(log + "/train", schema, source, 0, end));
  PRIMACY_TRY(WriteSlice(log + "/holdout", schema, source, end, kEvaluationRows));
  return WriteSlice(log + "/test", schema, source, end + kEvaluationRows, kEvaluationRows);
}

Result<JsonValue> ReadReport(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Failure("cannot read " + path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return ParseJson(text);
}

}  // namespace

Result<BenchRecord> StepBenchAsJob(const StepBenchOptions& options) {
  PRIMACY_TRY(CheckStepBenchOptions(options));
  PRIMACY_ASSIGN(const std::unique_ptr<ScratchDirectory> scratch, ScratchDirectory::Create());
  PRIMACY_TRY(WriteStepLog(*scratch / "log", options));
  std::vector<double> rates;
  JsonValue report;
  for (int run = 0; run < options.runs; ++run) {
    LocalJobOptions local;
    local.job.job = bench::StepJob(options);
    local.job.job.mutable_data()->set_log(*scratch / "log");
    local.job.run_dir = *scratch / ("run" + std::to_string(run));
    PRIMACY_TRY(MakeDirectories(local.job.run_dir));
    PRIMACY_ASSIGN(const LocalJobResult ended, RunLocalJob(local));
    if (ended.outcome != JobOutcome::kFinished) return Failure("the job was stopped");
    PRIMACY_ASSIGN(report, ReadReport(local.job.run_dir + "/report.json"));
    rates.push_back(report.NumberOr("rows_per_s", 0));
  }
  std::sort(rates.begin(), rates.end());
  BenchRecord record = bench::StepRecord("job", options);
  bench::AddRates(rates[rates.size() / 2], rates.front(), rates.back(), record);
  const double keys = static_cast<double>(options.batch) * (options.slots + bench::kListValues);
  record.numbers.emplace_back("bytes_per_row", report.NumberOr("bytes_per_row", 0));
  record.numbers.emplace_back("worker_wait_share", report.NumberOr("worker_wait_share", 0));
  record.numbers.emplace_back("unique_keys", keys * report.NumberOr("unique_key_ratio", 0));
  record.numbers.emplace_back("keys", keys);
  return record;
}

}  // namespace primacy
