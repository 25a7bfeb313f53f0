#include "tools/convert/record_stream.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "tools/convert/bad_rows.h"
#include "tools/convert/read_ahead.h"
#include "tools/convert/spec.h"

namespace primacy {
namespace {

// Of a batch: small enough for a cache, large enough that handing it over costs nothing.
constexpr size_t kBatchBytes = 128 * 1024;
constexpr size_t kBatchRecords = 4096;

Status CheckInputs(const std::vector<std::string>& inputs) {
  if (inputs.empty()) return UsageError("no input is given");
  if (std::count(inputs.begin(), inputs.end(), "-") > 1) {
    return UsageError("standard input (\"-\") can be given once");
  }
  for (const std::string& input : inputs) {
    std::error_code error;
    if (input != "-" && !std::filesystem::exists(input, error)) {
      return UsageError("input " + input + " is not there");
    }
  }
  return Ok();
}

}  // namespace

Result<std::unique_ptr<RecordStream>> RecordStream::Open(const ConvertOptions& options,
                                                         const ConvertSpec& spec) {
  PRIMACY_TRY(CheckInputs(options.inputs));
  std::unique_ptr<RecordStream> stream(new RecordStream(options, spec));
  PRIMACY_TRY(stream->OpenNextInput());
  if (!stream->columns_) return UsageError("input " + options.inputs.front() + " is empty");
  return stream;
}

Status RecordStream::OpenNextInput() {
  if (reader_) closed_bytes_ += reader_->bytes();
  reader_.reset();
  const std::string& input = options_.inputs[next_input_++];
  input_name_ = input == "-" ? "standard input" : input;
  PRIMACY_ASSIGN(auto bytes, input == "-" ? OpenDescriptorSource(options_.stdin_fd, input_name_)
                                          : OpenFileSource(input));
  if (options_.threads > 1) bytes = ReadAhead(std::move(bytes));
  reader_ = std::make_unique<RecordReader>(std::move(bytes), FormatOf(spec_.source()));
  if (!spec_.source().header() && columns_) return Ok();

  PRIMACY_ASSIGN(const RecordKind kind, reader_->Next());
  if (kind == RecordKind::kEnd) return Ok();
  if (kind != RecordKind::kRecord)
    return UsageError(input_name_ + ": the first row is not readable");
  auto names = ColumnNames(spec_.source(), reader_->fields());
  if (!names.ok()) return Error(input_name_, names.error());
  if (!columns_) {
    header_ = *names;
    columns_ = std::make_unique<Columns>(*std::move(names));
  } else if (*names != header_) {
    return UsageError(input_name_ + ": its columns differ from those of the first input");
  }
  if (!spec_.source().header()) pending_ = kind;
  return Ok();
}

std::optional<RowFault> RecordStream::Fault(RecordKind kind) const {
  switch (kind) {
    case RecordKind::kTooLong:
      return RowFault{kBadTooLong, Quoted(reader_->text())};
    case RecordKind::kUnterminated:
      return RowFault{kBadUnterminated, Quoted(reader_->text())};
    case RecordKind::kBadQuote:
      return RowFault{kBadQuote, Quoted(reader_->text())};
    default:
      break;
  }
  const size_t width = reader_->fields().size();
  const size_t expected = columns_->own_count();
  if (width == expected || (width > expected && spec_.source().extra_columns())) {
    return std::nullopt;
  }
  return RowFault{kBadColumns, std::to_string(width) + " instead of " + std::to_string(expected) +
                                   ": " + Quoted(reader_->text())};
}

Result<RecordKind> RecordStream::NextRecord() {
  if (pending_) {
    const RecordKind kind = *pending_;
    pending_.reset();
    return kind;
  }
  return reader_->Next();
}

Result<std::optional<RecordBatch>> RecordStream::Next() {
  PRIMACY_ASSIGN(RecordKind kind, NextRecord());
  while (kind == RecordKind::kEnd) {
    if (next_input_ == options_.inputs.size()) return std::optional<RecordBatch>();
    PRIMACY_TRY(OpenNextInput());
    PRIMACY_ASSIGN(kind, NextRecord());
  }
  RecordBatch batch(input_name_);
  while (kind != RecordKind::kEnd) {
    ++rows_read_;
    if (auto fault = Fault(kind)) {
      batch.AddBad(rows_read_, reader_->line(), *std::move(fault));
    } else {
      batch.Add(rows_read_, reader_->line(), reader_->text(), reader_->fields());
    }
    if (batch.bytes() >= kBatchBytes || batch.records().size() == kBatchRecords) break;
    PRIMACY_ASSIGN(kind, NextRecord());
  }
  return std::optional<RecordBatch>(std::move(batch));
}

}  // namespace primacy
