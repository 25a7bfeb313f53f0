#include "tools/convert/convert.h"

#include <array>
#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "common/base/atomic_file.h"
#include "common/base/out_dir.h"
#include "common/clicklog/slices.h"
#include "tools/convert/batch_mapper.h"
#include "tools/convert/record_stream.h"
#include "tools/convert/row_codec.h"
#include "tools/convert/row_joins.h"
#include "tools/convert/row_mapper.h"
#include "tools/convert/row_store.h"
#include "tools/convert/slice_writer.h"
#include "tools/convert/spec.h"
#include "tools/convert/splitter.h"
#include "tools/convert/worker_threads.h"

namespace primacy {
namespace {

constexpr int kPartsMax = 99999;
constexpr uint32_t kRowsPerBlockMax = 1 << 20;
constexpr uint64_t kProgressRows = 1 << 17;
constexpr uint64_t kMemoryBytesMin = 1 << 16;
constexpr int kThreadsMax = 1024;

Status CheckOptions(const ConvertOptions& options) {
  if (options.parts < 1 || options.parts > kPartsMax) {
    return UsageError("parts must lie between 1 and " + std::to_string(kPartsMax));
  }
  if (options.rows_per_block < 1 || options.rows_per_block > kRowsPerBlockMax) {
    return UsageError("rows_per_block must lie between 1 and " + std::to_string(kRowsPerBlockMax));
  }
  if (options.memory_bytes_max < kMemoryBytesMin) {
    return UsageError("memory_bytes_max must be at least " + std::to_string(kMemoryBytesMin));
  }
  if (options.threads < 1 || options.threads > kThreadsMax) {
    return UsageError("threads must lie between 1 and " + std::to_string(kThreadsMax));
  }
  return Ok();
}

// Reads all rows into a store, then writes them slice by slice. When the slice of a row does not
// depend on the other rows and the store is full, what is there is written and the rest goes
// straight to the writers. One thread, the caller's, reads and decides, in the order of the input;
// mapping batches and packing blocks, most of the work, may be spread over others.
class Conversion {
 public:
  Conversion(const ConvertOptions& options, const ConvertSpec& spec, RecordStream& stream,
             const RowMapper& mapper, const RowJoins& joins, const std::string& folder)
      : options_(options),
        spec_(spec),
        stream_(stream),
        joins_(joins),
        folder_(folder),
        schema_(mapper.schema()),
        codec_(schema_),
        splitter_(spec.split()),
        bad_rows_(options.bad_rows_shown),
        store_(folder + "/rows.tmp", options.memory_bytes_max),
        threads_(options.threads) {
    for (int thread = 0; thread < options.threads; ++thread) {
      mappers_.emplace_back(mapper, joins, splitter_, codec_);
      packers_.emplace_back(LogWriterOptions().zstd_level);
    }
  }

  Result<ConvertReport> Run() {
    report_.schema = schema_;
    for (const auto& label : report_.schema.label()) report_.labels.push_back({label.name()});
    PRIMACY_TRY(ReadAll());
    PRIMACY_TRY(bad_rows_.Check(stream_.rows_read(), spec_.bad_row_share_max()));
    if (good_rows_ == 0) return Failure("the inputs hold no usable row");
    PRIMACY_TRY(CheckSlices());
    if (!dealing()) {
      OpenWriters(/*rows_known=*/true);
      PRIMACY_TRY(WriteStored());
    }
    for (auto& writer : writers_) PRIMACY_TRY(writer->Finish());
    FillReport();
    return std::move(report_);
  }

 private:
  bool dealing() const { return writers_[kTrain] != nullptr; }

  Status ReadAll() {
    std::deque<std::future<MappedRows>> in_flight;
    while (true) {
      PRIMACY_ASSIGN(std::optional<RecordBatch> batch, stream_.Next());
      if (!batch) break;
      in_flight.push_back(threads_.Run([this, batch = *std::move(batch)](int thread) {
        return mappers_[static_cast<size_t>(thread)].Map(batch);
      }));
      if (in_flight.size() >= threads_.ahead()) {
        PRIMACY_TRY(Take(in_flight.front().get()));
        in_flight.pop_front();
      }
      if (stream_.rows_read() >= next_progress_) PRIMACY_TRY(ReportProgress());
    }
    for (std::future<MappedRows>& mapped : in_flight) PRIMACY_TRY(Take(mapped.get()));
    return Ok();
  }

  Status Take(const MappedRows& mapped) {
    for (const BadRow& bad : mapped.bad) bad_rows_.Add(mapped.input, bad.line, bad.fault);
    for (size_t i = 0; i < mapped.labels.size(); ++i) {
      report_.labels[i].present += mapped.labels[i].present;
      report_.labels[i].positive += mapped.labels[i].positive;
      report_.labels[i].sum += mapped.labels[i].sum;
    }
    join_misses_.resize(joins_.count());
    for (size_t j = 0; j < mapped.join_misses.size(); ++j) join_misses_[j] += mapped.join_misses[j];
    for (const SequencedRow& row : mapped.rows) PRIMACY_TRY(TakeRow(row));
    return Ok();
  }

  Status TakeRow(const SequencedRow& row) {
    ++good_rows_;
    if (splitter_.by_place()) return store_.Add(row);
    ++slice_rows_[row.slice];
    if (!dealing()) {
      if (!store_.full()) return store_.Add(row);
      OpenWriters(/*rows_known=*/false);
      PRIMACY_TRY(WriteStored());
    }
    return writers_[row.slice]->Add(row);
  }

  Status ReportProgress() {
    next_progress_ = stream_.rows_read() + kProgressRows;
    if (!options_.progress) return Ok();
    if (options_.progress({stream_.rows_read(), stream_.input_bytes()})) return Ok();
    return Failure("the conversion was stopped");
  }

  Status CheckSlices() {
    if (splitter_.by_place()) slice_rows_ = splitter_.Cut(good_rows_);
    for (const Slice slice : {kTrain, kHoldout, kTest}) {
      if (slice_rows_[slice] > 0 || !splitter_.Wanted(slice)) continue;
      return UsageError(std::string("split: no row falls into the ") + kSliceNames[slice] +
                        " slice; there are " + std::to_string(good_rows_) + " in all");
    }
    return Ok();
  }

  void OpenWriters(bool rows_known) {
    for (const Slice slice : {kTrain, kHoldout, kTest}) {
      SliceOptions options{.folder = folder_ + "/" + kSliceNames[slice],
                           .parts = slice == kTrain ? options_.parts : 1,
                           .rows_per_block = options_.rows_per_block};
      if (rows_known) options.rows = slice_rows_[slice];
      writers_[slice] = std::make_unique<SliceWriter>(
          schema_, codec_, PackingThreads{threads_, packers_}, std::move(options));
    }
  }

  Status WriteStored() {
    const std::array<uint64_t, 3>& counts = slice_rows_;
    uint64_t place = 0;
    return store_.Drain([&](const SequencedRow& row) -> Status {
      uint32_t slice = row.slice;
      if (splitter_.by_place()) {
        slice = place < counts[kTrain]                      ? kTrain
                : place < counts[kTrain] + counts[kHoldout] ? kHoldout
                                                            : kTest;
      }
      ++place;
      CHECK_LT(slice, writers_.size());
      return writers_[slice]->Add(row);
    });
  }

  void FillReport() {
    report_.rows_read = stream_.rows_read();
    report_.train_rows = writers_[kTrain]->rows();
    report_.holdout_rows = writers_[kHoldout]->rows();
    report_.test_rows = writers_[kTest]->rows();
    report_.bad_rows = bad_rows_.count();
    report_.bad_by_reason = bad_rows_.by_reason();
    report_.bad_examples = bad_rows_.examples();
    report_.joins = joins_.Report(join_misses_);
    report_.input_bytes = stream_.input_bytes();
    for (const auto& writer : writers_) report_.log_bytes += writer->file_bytes();
    report_.spilled_bytes = store_.spilled_bytes();
  }

  const ConvertOptions& options_;
  const ConvertSpec& spec_;
  RecordStream& stream_;
  const RowJoins& joins_;
  const std::string& folder_;
  const LogSchema& schema_;
  const RowCodec codec_;
  const Splitter splitter_;
  BadRows bad_rows_;
  RowStore store_;
  std::vector<BatchMapper> mappers_;  // [thread]
  std::vector<BlockPacker> packers_;  // [thread]
  std::array<std::unique_ptr<SliceWriter>, 3> writers_;
  std::array<uint64_t, 3> slice_rows_ = {};
  std::vector<uint64_t> join_misses_;  // [join]
  uint64_t good_rows_ = 0;
  uint64_t next_progress_ = kProgressRows;
  ConvertReport report_;
  WorkerThreads threads_;  // last: its jobs use all of the above
};

}  // namespace

Result<ConvertReport> Convert(const ConvertOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  PRIMACY_TRY(CheckOptions(options));
  PRIMACY_ASSIGN(const SpecFile file, ReadSpec(options.schema_file));
  PRIMACY_ASSIGN(const auto stream, RecordStream::Open(options, file.spec));
  PRIMACY_ASSIGN(const RowJoins joins, RowJoins::Load(options, file.spec, stream->columns()));
  auto mapper = RowMapper::Make(file.spec, stream->columns());
  if (!mapper.ok()) return Error("schema " + options.schema_file, mapper.error());
  PRIMACY_ASSIGN(const auto out, OutDir::Create(options.out_dir));
  ConvertReport report;
  {
    Conversion conversion(options, file.spec, *stream, *mapper, joins, out->folder());
    PRIMACY_ASSIGN(report, conversion.Run());
  }
  PRIMACY_TRY(WriteFileAtomically(out->folder() + "/convert.txt", file.text));
  PRIMACY_TRY(out->Publish());
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace primacy
