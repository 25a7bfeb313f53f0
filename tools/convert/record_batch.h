// Some records of one input, copied out of the reader's buffer so that another thread can map them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/convert/bad_rows.h"

namespace primacy {

// Offsets instead of views, because the text moves while it grows.
class RecordBatch {
 public:
  struct Record {
    uint64_t number = 0;  // from 1 over all inputs
    uint64_t line = 0;    // in its file
    size_t text_begin = 0;
    size_t text_size = 0;
    size_t pieces_begin = 0;  // of its fields
    size_t pieces_end = 0;
    std::optional<RowFault> fault;  // no row: it cannot be cut into the right columns
  };

  explicit RecordBatch(std::string input) : input_(std::move(input)) {}

  // `fields` may point into `text` or elsewhere (unquoted ones).
  void Add(uint64_t number, uint64_t line, std::string_view text,
           std::span<const std::string_view> fields);
  void AddBad(uint64_t number, uint64_t line, RowFault fault);

  const std::string& input() const { return input_; }  // name of the file
  const std::vector<Record>& records() const { return records_; }
  size_t bytes() const { return text_.size(); }
  std::string_view TextOf(const Record& record) const {
    return std::string_view(text_).substr(record.text_begin, record.text_size);
  }
  // Replaces `fields`.
  void FieldsOf(const Record& record, std::vector<std::string_view>& fields) const;

 private:
  struct Piece {
    size_t begin;
    size_t size;
  };

  std::string input_;
  std::string text_;
  std::vector<Piece> pieces_;
  std::vector<Record> records_;
};

}  // namespace primacy
