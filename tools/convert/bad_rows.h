// Rows that could not be used: counted by reason, the first few kept to be shown.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace primacy {

// What is wrong with a row. `reason` is one of a few fixed texts, `detail` says what was found
// where.
struct RowFault {
  const char* reason;
  std::string detail;
};

inline constexpr char kBadColumns[] = "wrong number of columns";
inline constexpr char kBadNumberText[] = "not a number";
inline constexpr char kBadValues[] = "several values in a single-valued slot";
inline constexpr char kBadMissing[] = "missing value where one is needed";
inline constexpr char kBadUnterminated[] = "unterminated quote";
inline constexpr char kBadQuote[] = "text behind a closing quote";
inline constexpr char kBadTooLong[] = "record too long";

class BadRows {
 public:
  explicit BadRows(int shown) : shown_(shown) {}

  void Add(const std::string& file, uint64_t line, const RowFault& fault);
  uint64_t count() const { return count_; }
  const std::map<std::string, uint64_t>& by_reason() const { return by_reason_; }
  const std::vector<std::string>& examples() const { return examples_; }

  // Failure when more than `share_max` of `rows` are bad: counts by reason and the first example.
  Status Check(uint64_t rows, double share_max) const;

 private:
  const int shown_;
  uint64_t count_ = 0;
  std::map<std::string, uint64_t> by_reason_;
  std::vector<std::string> examples_;
};

// `text` for a message: in quotes, cut to a few dozen bytes, with control bytes and the like as
// \x1f.
std::string Quoted(std::string_view text);

}  // namespace primacy
