// All inputs as one sequence of batches of records.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tools/convert/columns.h"
#include "tools/convert/convert.h"
#include "tools/convert/convert.pb.h"
#include "tools/convert/record_batch.h"
#include "tools/convert/record_reader.h"

namespace primacy {

// Not thread safe. With several threads allowed, the inputs are read and inflated on one of their
// own.
class RecordStream {
 public:
  // Checks that every input is there and reads the column names from the first.
  static Result<std::unique_ptr<RecordStream>> Open(const ConvertOptions& options,
                                                    const ConvertSpec& spec);

  // Columns of the inputs.
  Columns& columns() { return *columns_; }
  // The next records, all of one input; nothing at the end. The cuts between batches depend on the
  // inputs alone. Usage error: a later input has other columns than the first.
  Result<std::optional<RecordBatch>> Next();

  uint64_t rows_read() const { return rows_read_; }
  uint64_t input_bytes() const { return closed_bytes_ + (reader_ ? reader_->bytes() : 0); }

 private:
  RecordStream(const ConvertOptions& options, const ConvertSpec& spec)
      : options_(options), spec_(spec) {}
  // Opens inputs_[next_input_] and reads its header.
  Status OpenNextInput();
  // The kind of the next record of the open input.
  Result<RecordKind> NextRecord();
  // Nothing when the record is fine.
  std::optional<RowFault> Fault(RecordKind kind) const;

  const ConvertOptions& options_;
  const ConvertSpec& spec_;
  size_t next_input_ = 0;
  std::string input_name_;
  std::unique_ptr<RecordReader> reader_;
  std::optional<RecordKind> pending_;  // the first record of a file without header, read already
  std::vector<std::string> header_;    // of the first input
  std::unique_ptr<Columns> columns_;
  uint64_t rows_read_ = 0;
  uint64_t closed_bytes_ = 0;
};

}  // namespace primacy
