#include "tools/convert/convert.h"

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "common/base/atomic_file.h"
#include "common/base/out_dir.h"
#include "common/clicklog/slices.h"
#include "tools/convert/record_stream.h"
#include "tools/convert/row_codec.h"
#include "tools/convert/row_mapper.h"
#include "tools/convert/row_store.h"
#include "tools/convert/slice_writer.h"
#include "tools/convert/spec.h"
#include "tools/convert/splitter.h"

namespace primacy {
namespace {

constexpr int kPartsMax = 99999;
constexpr uint32_t kRowsPerBlockMax = 1 << 20;
constexpr uint64_t kProgressRows = 1 << 17;
constexpr uint64_t kMemoryBytesMin = 1 << 16;

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
  return Ok();
}

// Reads all rows into a store, then writes them slice by slice. When the slice of a row does not
// depend on the other rows and the store is full, what is there is written and the rest goes
// straight to the writers.
class Conversion {
 public:
  Conversion(const ConvertOptions& options, const ConvertSpec& spec, RecordStream& stream,
             RowMapper& mapper, BadRows& bad_rows, const std::string& folder)
      : options_(options),
        spec_(spec),
        stream_(stream),
        mapper_(mapper),
        bad_rows_(bad_rows),
        folder_(folder),
        codec_(mapper.schema()),
        splitter_(spec.split()),
        store_(folder + "/rows.tmp", options.memory_bytes_max) {}

  Result<ConvertReport> Run() {
    report_.schema = mapper_.schema();
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
    LogRow row;
    std::vector<std::byte> bytes;
    while (true) {
      PRIMACY_ASSIGN(const std::optional<RowView> record, stream_.Next());
      if (!record) return Ok();
      if (const auto fault = mapper_.Map(*record, row)) {
        stream_.MarkBad(*fault);
      } else {
        CountLabels(row);
        codec_.Encode(row, bytes);
        PRIMACY_TRY(Take(*record, row, bytes));
      }
      if (stream_.rows_read() >= next_progress_) PRIMACY_TRY(ReportProgress());
    }
  }

  Status Take(const RowView& record, const LogRow& row, std::span<const std::byte> bytes) {
    SequencedRow stored{.number = record.number, .bytes = bytes};
    ++good_rows_;
    if (splitter_.by_place()) {
      if (splitter_.by_time()) stored.time = row.timestamp;
      return store_.Add(stored);
    }
    stored.slice = splitter_.OfRow(record, row);
    ++slice_rows_[stored.slice];
    if (dealing()) return writers_[stored.slice]->Add(stored);
    if (store_.full()) {
      OpenWriters(/*rows_known=*/false);
      PRIMACY_TRY(WriteStored());
      return writers_[stored.slice]->Add(stored);
    }
    return store_.Add(stored);
  }

  void CountLabels(const LogRow& row) {
    for (size_t i = 0; i < row.labels.size(); ++i) {
      if (row.masks[i] == 0) continue;
      ++report_.labels[i].present;
      report_.labels[i].positive += row.labels[i] > 0;
      report_.labels[i].sum += row.labels[i];
    }
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
      writers_[slice] = std::make_unique<SliceWriter>(mapper_.schema(), codec_, std::move(options));
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
    report_.joins = stream_.joins();
    report_.input_bytes = stream_.input_bytes();
    for (const auto& writer : writers_) report_.log_bytes += writer->file_bytes();
    report_.spilled_bytes = store_.spilled_bytes();
  }

  const ConvertOptions& options_;
  const ConvertSpec& spec_;
  RecordStream& stream_;
  RowMapper& mapper_;
  BadRows& bad_rows_;
  const std::string& folder_;
  const RowCodec codec_;
  const Splitter splitter_;
  RowStore store_;
  std::array<std::unique_ptr<SliceWriter>, 3> writers_;
  std::array<uint64_t, 3> slice_rows_ = {};
  uint64_t good_rows_ = 0;
  uint64_t next_progress_ = kProgressRows;
  ConvertReport report_;
};

}  // namespace

Result<ConvertReport> Convert(const ConvertOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  PRIMACY_TRY(CheckOptions(options));
  PRIMACY_ASSIGN(const SpecFile file, ReadSpec(options.schema_file));
  BadRows bad_rows(options.bad_rows_shown);
  PRIMACY_ASSIGN(const auto stream, RecordStream::Open(options, file.spec, bad_rows));
  auto mapper = RowMapper::Make(file.spec, stream->columns());
  if (!mapper.ok()) return Error("schema " + options.schema_file, mapper.error());
  PRIMACY_ASSIGN(const auto out, OutDir::Create(options.out_dir));
  ConvertReport report;
  {
    Conversion conversion(options, file.spec, *stream, *mapper, bad_rows, out->folder());
    PRIMACY_ASSIGN(report, conversion.Run());
  }
  PRIMACY_TRY(WriteFileAtomically(out->folder() + "/convert.txt", file.text));
  PRIMACY_TRY(out->Publish());
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace primacy
