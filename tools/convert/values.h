// From the text of a column to keys and numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/strings.h"
#include "tools/convert/convert.pb.h"

namespace primacy {

// Without blanks at both ends. As Trim of common/base/strings.h, short cut for the common case of
// nothing to trim.
inline std::string_view TrimField(std::string_view text) {
  if (text.empty() || (text.front() > ' ' && text.back() > ' ')) return text;
  return Trim(text);
}

// A finite decimal number, also "1e3" and "+1"; nothing for any other text.
std::optional<double> ParseNumber(std::string_view text);

// sign(x) · ln(1 + |x|).
double SignedLog1p(double x);

// The texts that stand for a value that is not there. The empty text always does.
class MissingTexts {
 public:
  template <typename... Lists>
  explicit MissingTexts(const Lists&... lists) {
    (texts_.insert(texts_.end(), lists.begin(), lists.end()), ...);
  }
  bool Contains(std::string_view trimmed) const {
    if (trimmed.empty()) return true;
    for (const std::string& text : texts_) {
      if (text == trimmed) return true;
    }
    return false;
  }

 private:
  std::vector<std::string> texts_;
};

// Key of a value: the hash of its trimmed text.
uint64_t KeyOfText(std::string_view trimmed);
// Key of a bucket: the hash of its number as decimal text.
uint64_t KeyOfBucket(int64_t bucket);
// Key of a missing value in a single-valued slot: that of the empty text.
uint64_t KeyOfMissing();

// The number of x's bucket. Numbers beyond 2^62 are cut off there.
int64_t BucketOf(const Bucket& bucket, double x);

}  // namespace primacy
