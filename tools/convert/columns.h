// The columns a row has, those of its own line and those that joins add, and how a spec names them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "tools/convert/convert.pb.h"

namespace primacy {

// Where the text of a column is found in a Row.
struct ColumnRef {
  uint32_t index = 0;
  bool joined = false;

  bool operator==(const ColumnRef&) const = default;
};

// Columns [begin, end) of a line, whatever its length: "#3..".
struct OpenRange {
  uint32_t begin = 0;
};

// The texts of one record. Views live as long as the record.
struct RowView {
  std::span<const std::string_view> own;
  std::span<const std::string_view> joined;
  std::string_view line;  // the bytes of the record
  uint64_t number = 0;    // of the record, from 1 over all inputs

  std::string_view operator[](ColumnRef ref) const {
    return ref.joined ? joined[ref.index] : own[ref.index];
  }
};

// Not thread safe. Resolving a column marks it as mentioned.
class Columns {
 public:
  // REQUIRES: names are those of the columns of the line, in order; empty ones get the name "c" and
  // their place.
  explicit Columns(std::vector<std::string> names);
  // Usage error: a column of that name is there already.
  Status AddJoined(const std::string& name);

  size_t own_count() const { return own_count_; }
  const std::string& name(ColumnRef ref) const {
    return names_[ref.joined ? own_count_ + ref.index : ref.index];
  }

  // One column. Usage errors name the column, and similar ones that exist.
  Result<ColumnRef> Resolve(std::string_view text);
  // One column or a range "A..B".
  Result<std::vector<ColumnRef>> ResolveSome(std::string_view text);
  // Whether `text` is "#3..".
  static bool IsOpenRange(std::string_view text);
  // Marks the columns of the line that the range covers.
  Result<OpenRange> ResolveOpenRange(std::string_view text);

  // Columns that were never resolved, in order.
  std::vector<ColumnRef> Unmentioned() const;

 private:
  Result<uint32_t> Place(std::string_view text) const;

  std::vector<std::string> names_;  // own ones first
  size_t own_count_;
  std::unordered_map<std::string, int64_t> places_;  // -1: several columns of that name
  std::vector<char> mentioned_;
};

// The column names of a file from its header record, or from `source` and the length of the first
// record. Usage error: the first row is shorter than `source` says.
Result<std::vector<std::string>> ColumnNames(const Source& source,
                                             std::span<const std::string_view> first);

}  // namespace primacy
