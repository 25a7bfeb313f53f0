// Cuts delimited text into records and fields, in large steps and with bounded memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "tools/convert/byte_source.h"

namespace primacy {

struct RecordFormat {
  char separator = ',';
  bool quotes = true;  // RFC 4180
  size_t record_bytes_max = 1 << 20;
};

enum class RecordKind {
  kRecord,
  kEnd,
  kTooLong,       // skipped up to its line end
  kUnterminated,  // a quoted field that does not end; reading goes on at the next line
  kBadQuote,      // something stands behind the closing quote; reading goes on at the next line
};

// Reads one file. Empty lines are skipped, a byte order mark too. Not thread safe.
class RecordReader {
 public:
  RecordReader(std::unique_ptr<ByteSource> source, const RecordFormat& format);

  // The next record. Failures are those of the source; they end the reading.
  Result<RecordKind> Next();

  // Of the latest record, until the next call: its fields, unquoted but not trimmed; its bytes
  // without the line end (or what is known of a bad one); its first line, from 1.
  std::span<const std::string_view> fields() const { return fields_; }
  std::string_view text() const { return text_; }
  uint64_t line() const { return record_line_; }
  // Bytes read from the source.
  uint64_t bytes() const { return bytes_; }

 private:
  // Where a field of a quoted record is while the buffer may still move.
  struct Cut {
    size_t begin;  // behind begin_, or in unquoted_
    size_t size;
    bool unquoted;
  };

  // Finds the end of the line at begin_. False: the line is longer than allowed.
  Result<bool> FindLineEnd();
  // Reads more behind end_; false at the end of the file.
  Result<bool> Refill();
  // Whether there is a byte `at` behind begin_, reading more if need be.
  Result<bool> Has(size_t at);
  // Leaves the line at begin_ behind and remembers the beginning of it.
  Result<RecordKind> SkipLine(RecordKind kind);
  void Consume(size_t end, size_t text_size);
  void SplitPlain(const char* begin, const char* end);
  Result<RecordKind> SplitQuoted();
  // Reads the quoted field whose first quote is `at` behind begin_; moves `at` behind the closing
  // one.
  Result<RecordKind> ReadQuotedField(size_t& at);

  std::unique_ptr<ByteSource> source_;
  const RecordFormat format_;
  std::vector<char> buffer_;  // [begin_, end_) is unread
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t line_end_ = 0;  // of the line at begin_: its '\n' or end_
  bool source_ended_ = false;
  bool started_ = false;  // a byte order mark can no longer come
  uint64_t bytes_ = 0;
  uint64_t next_line_ = 1;
  uint64_t record_line_ = 0;
  std::string_view text_;
  std::string bad_text_;
  std::vector<std::string_view> fields_;
  std::vector<Cut> cuts_;
  std::string unquoted_;
};

}  // namespace primacy
