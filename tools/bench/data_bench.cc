#include "tools/bench/data_bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "common/base/atomic_file.h"
#include "common/clicklog/reader.h"
#include "common/clicklog/writer.h"
#include "tools/bench/data_work.h"
#include "tools/bench/scratch_directory.h"
#include "tools/bench/step_work.h"
#include "tools/convert/convert.h"
#include "worker/data/batch_reader.h"

namespace primacy {
namespace {

// Rows per second of `runs` calls of `work`, which says how many rows it did.
Result<std::vector<double>> Rates(int runs, const std::function<Result<uint64_t>()>& work) {
  std::vector<double> rates;
  for (int run = 0; run < runs; ++run) {
    const auto began = std::chrono::steady_clock::now();
    PRIMACY_ASSIGN(const uint64_t rows, work());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    rates.push_back(static_cast<double>(rows) / took.count());
  }
  std::sort(rates.begin(), rates.end());
  return rates;
}

BenchRecord Record(const char* part, const std::vector<double>& rates) {
  BenchRecord record{"data", {{"part", part}}, {}};
  bench::AddRates(rates[rates.size() / 2], rates.front(), rates.back(), record);
  return record;
}

// The log of one conversion, and what the parts of the bench need of it.
class DataBenchRun {
 public:
  DataBenchRun(const DataBenchOptions& options, const ScratchDirectory& scratch)
      : options_(options), scratch_(scratch) {}

  Status Prepare() {
    PRIMACY_TRY(bench::WriteStepCsv(scratch_ / "rows.csv", step_, options_.rows));
    return WriteFileAtomically(scratch_ / "convert.txt", bench::StepConvertSpec(step_));
  }

  // Leaves its log for the other parts.
  Result<BenchRecord> ConvertText(int threads) {
    ConvertOptions convert;
    convert.schema_file = scratch_ / "convert.txt";
    convert.inputs = {scratch_ / "rows.csv"};
    convert.out_dir = scratch_ / "log";
    convert.threads = threads;
    ConvertReport report;
    PRIMACY_ASSIGN(const std::vector<double> rates, Rates(options_.runs, [&]() -> Result<uint64_t> {
                     std::error_code ignored;
                     std::filesystem::remove_all(convert.out_dir, ignored);
                     PRIMACY_ASSIGN(report, Convert(convert));
                     return report.rows_read;
                   }));
    BenchRecord record = Record("convert", rates);
    const double rows = static_cast<double>(report.rows_read);
    record.numbers.emplace_back("threads", threads);
    record.numbers.emplace_back("text_bytes_per_row",
                                static_cast<double>(report.input_bytes) / rows);
    record.numbers.emplace_back("log_bytes_per_row", static_cast<double>(report.log_bytes) / rows);
    PRIMACY_ASSIGN(log_, LogDirectory::Open(convert.out_dir + "/train"));
    return record;
  }

  Result<BenchRecord> ReadBlocks() const {
    uint64_t memory = 0;
    PRIMACY_ASSIGN(const std::vector<double> rates, Rates(options_.runs, [&]() -> Result<uint64_t> {
                     memory = 0;
                     for (uint32_t b = 0; b < log_->block_count(); ++b) {
                       PRIMACY_ASSIGN(const LogBlock block, log_->ReadBlock(b));
                       memory += block.bytes();
                     }
                     return log_->rows();
                   }));
    BenchRecord record = Record("read", rates);
    const double rows = static_cast<double>(log_->rows());
    record.numbers.emplace_back("bytes_per_row", static_cast<double>(log_->file_bytes()) / rows);
    record.numbers.emplace_back("memory_bytes_per_row", static_cast<double>(memory) / rows);
    return record;
  }

  Result<BenchRecord> WriteBlocks() const {
    std::vector<LogBlock> blocks;
    for (uint32_t b = 0; b < log_->block_count(); ++b) {
      PRIMACY_ASSIGN(LogBlock block, log_->ReadBlock(b));
      blocks.push_back(std::move(block));
    }
    PRIMACY_ASSIGN(const std::vector<double> rates, Rates(options_.runs, [&]() -> Result<uint64_t> {
                     PRIMACY_ASSIGN(
                         const auto writer,
                         LogPartWriter::Create(scratch_ / "again.clog", log_->schema(), {}));
                     for (const LogBlock& block : blocks) PRIMACY_TRY(writer->AppendBlock(block));
                     PRIMACY_TRY(writer->Finish());
                     return writer->rows();
                   }));
    return Record("write", rates);
  }

  Result<BenchRecord> BuildBatches() const {
    Job job = bench::StepJob(step_);
    PRIMACY_ASSIGN(const InputSpec input, MakeInputSpec(log_->schema(), job));
    const PlanOptions plan{.batch_rows = static_cast<uint32_t>(step_.batch)};
    uint64_t keys = 0, unique = 0;
    PRIMACY_ASSIGN(const std::vector<double> rates, Rates(options_.runs, [&]() -> Result<uint64_t> {
                     const CachedLog log{MakeLogSource(log_), std::make_shared<BlockCache>(0)};
                     Step next = 0;
                     const Step end = BatchPlan(BlockRows(*log.source), plan).steps_per_pass();
                     BatchReader reader(log, input, plan,
                                        [&]() -> Result<std::optional<Step>> {
                                          return next < end ? std::optional<Step>(next++)
                                                            : std::nullopt;
                                        },
                                        {});
                     uint64_t rows = 0;
                     while (true) {
                       PRIMACY_ASSIGN(std::optional<Batch> batch, reader.Next());
                       if (!batch) return rows;
                       rows += batch->rows;
                       keys += batch->values;
                       unique += batch->tables[0].keys.size();
                       reader.spare()->Give(*std::move(batch));
                     }
                   }));
    BenchRecord record = Record("batches", rates);
    record.numbers.emplace_back("batch", static_cast<double>(step_.batch));
    record.numbers.emplace_back("unique_key_ratio",
                                static_cast<double>(unique) / static_cast<double>(keys));
    return record;
  }

 private:
  const DataBenchOptions options_;
  const ScratchDirectory& scratch_;
  const StepBenchOptions step_;
  std::shared_ptr<const LogDirectory> log_;
};

Status CheckDataBenchOptions(const DataBenchOptions& options) {
  if (options.rows < 1000 || options.rows > 1'000'000'000) {
    return UsageError("rows must be 1000 to 1000000000");
  }
  if (options.runs < 1 || options.runs > 1000) return UsageError("runs must be 1 to 1000");
  return Ok();
}

}  // namespace

Result<std::vector<BenchRecord>> DataBench(const DataBenchOptions& options) {
  PRIMACY_TRY(CheckDataBenchOptions(options));
  PRIMACY_ASSIGN(const std::unique_ptr<ScratchDirectory> scratch, ScratchDirectory::Create());
  DataBenchRun run(options, *scratch);
  PRIMACY_TRY(run.Prepare());
  std::vector<BenchRecord> records;
  std::vector<int> threads = {1};
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (cores > 1) threads.push_back(cores);
  for (const int count : threads) {
    PRIMACY_ASSIGN(BenchRecord record, run.ConvertText(count));
    records.push_back(std::move(record));
  }
  for (const auto part :
       {&DataBenchRun::WriteBlocks, &DataBenchRun::ReadBlocks, &DataBenchRun::BuildBatches}) {
    PRIMACY_ASSIGN(BenchRecord record, (run.*part)());
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace primacy
