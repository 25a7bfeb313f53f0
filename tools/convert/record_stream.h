// All inputs as one sequence of records with their joined columns; what cannot be cut into columns
// is counted and left out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tools/convert/bad_rows.h"
#include "tools/convert/columns.h"
#include "tools/convert/convert.h"
#include "tools/convert/convert.pb.h"
#include "tools/convert/record_reader.h"
#include "tools/convert/side_table.h"

namespace primacy {

class RecordStream {
 public:
  // Checks that every input is there, reads the column names from the first and loads the side
  // files of joins. `bad_rows` must outlive the stream.
  static Result<std::unique_ptr<RecordStream>> Open(const ConvertOptions& options,
                                                    const ConvertSpec& spec, BadRows& bad_rows);

  // Columns of the inputs and of the joins.
  Columns& columns() { return *columns_; }
  // The next record that has the right columns, valid until the next call; nothing at the end.
  // Usage error: a later input has other columns than the first.
  Result<std::optional<RowView>> Next();
  // Counts the latest record as a bad one.
  void MarkBad(const RowFault& fault);

  uint64_t rows_read() const { return rows_read_; }
  uint64_t input_bytes() const { return closed_bytes_ + (reader_ ? reader_->bytes() : 0); }
  std::vector<ConvertJoinReport> joins() const;

 private:
  struct LoadedJoin {
    std::string file;
    std::unique_ptr<SideTable> table;
    ColumnRef on;
    size_t begin = 0;  // of its columns among the joined ones
    uint64_t misses = 0;
  };

  RecordStream(const ConvertOptions& options, const ConvertSpec& spec, BadRows& bad_rows)
      : options_(options), spec_(spec), bad_rows_(bad_rows) {}
  // Opens inputs_[next_input_] and reads its header.
  Status OpenNextInput();
  Status LoadJoins();
  std::string SideFilePath(const std::string& file) const;
  // Nothing when the record is fine.
  std::optional<RowFault> Fault(RecordKind kind) const;

  const ConvertOptions& options_;
  const ConvertSpec& spec_;
  BadRows& bad_rows_;
  size_t next_input_ = 0;
  std::string input_name_;
  std::unique_ptr<RecordReader> reader_;
  std::optional<RecordKind> pending_;  // the first record of a file without header, read already
  std::vector<std::string> header_;    // of the first input
  std::unique_ptr<Columns> columns_;
  std::vector<LoadedJoin> joins_;
  std::vector<std::string_view> joined_;
  uint64_t rows_read_ = 0;
  uint64_t closed_bytes_ = 0;
};

}  // namespace primacy
