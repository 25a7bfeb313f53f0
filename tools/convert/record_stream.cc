#include "tools/convert/record_stream.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "tools/convert/spec.h"
#include "tools/convert/values.h"

namespace primacy {
namespace {

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
                                                         const ConvertSpec& spec,
                                                         BadRows& bad_rows) {
  PRIMACY_TRY(CheckInputs(options.inputs));
  std::unique_ptr<RecordStream> stream(new RecordStream(options, spec, bad_rows));
  PRIMACY_TRY(stream->OpenNextInput());
  if (!stream->columns_) return UsageError("input " + options.inputs.front() + " is empty");
  PRIMACY_TRY(stream->LoadJoins());
  return stream;
}

Status RecordStream::OpenNextInput() {
  if (reader_) closed_bytes_ += reader_->bytes();
  reader_.reset();
  const std::string& input = options_.inputs[next_input_++];
  input_name_ = input == "-" ? "standard input" : input;
  PRIMACY_ASSIGN(auto bytes, input == "-" ? OpenDescriptorSource(options_.stdin_fd, input_name_)
                                          : OpenFileSource(input));
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

std::string RecordStream::SideFilePath(const std::string& file) const {
  namespace fs = std::filesystem;
  if (fs::path(file).is_absolute()) return file;
  const std::string& input = options_.inputs.front();
  if (input != "-") {
    const fs::path beside = fs::path(input).parent_path() / file;
    std::error_code error;
    if (fs::exists(beside, error)) return beside.string();
  }
  return (fs::path(options_.schema_file).parent_path() / file).string();
}

Status RecordStream::LoadJoins() {
  for (const Join& join : spec_.join()) {
    LoadedJoin loaded{.file = SideFilePath(join.file()), .begin = joined_.size()};
    auto on = columns_->Resolve(join.on().empty() ? join.key() : join.on());
    if (!on.ok()) return Error("join " + join.file() + ": on", on.error());
    loaded.on = *on;
    auto table = SideTable::Load(loaded.file, join.has_source() ? join.source() : spec_.source(),
                                 join, options_.memory_bytes_max);
    if (!table.ok()) return Error("join", table.error());
    loaded.table = *std::move(table);
    for (const std::string& name : loaded.table->names()) {
      const Status added = columns_->AddJoined(join.prefix() + name);
      if (!added.ok()) return Error("join " + join.file(), added.error());
    }
    joined_.resize(joined_.size() + loaded.table->names().size());
    joins_.push_back(std::move(loaded));
  }
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

Result<std::optional<RowView>> RecordStream::Next() {
  while (true) {
    RecordKind kind = RecordKind::kRecord;
    if (pending_) {
      pending_.reset();
    } else {
      PRIMACY_ASSIGN(kind, reader_->Next());
    }
    if (kind == RecordKind::kEnd) {
      if (next_input_ == options_.inputs.size()) return std::optional<RowView>();
      PRIMACY_TRY(OpenNextInput());
      continue;
    }
    ++rows_read_;
    if (const auto fault = Fault(kind)) {
      MarkBad(*fault);
      continue;
    }
    const RowView row{
        .own = reader_->fields(), .joined = joined_, .line = reader_->text(), .number = rows_read_};
    for (LoadedJoin& join : joins_) {
      const auto texts = std::span(joined_).subspan(join.begin, join.table->names().size());
      if (!join.table->Find(TrimField(row[join.on]), texts)) ++join.misses;
    }
    return std::optional<RowView>(row);
  }
}

void RecordStream::MarkBad(const RowFault& fault) {
  bad_rows_.Add(input_name_, reader_->line(), fault);
}

std::vector<ConvertJoinReport> RecordStream::joins() const {
  std::vector<ConvertJoinReport> reports;
  for (const LoadedJoin& join : joins_) {
    reports.push_back({join.file, join.table->keys(), join.misses});
  }
  return reports;
}

}  // namespace primacy
