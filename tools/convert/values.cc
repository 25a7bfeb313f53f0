#include "tools/convert/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "common/base/hash.h"

namespace primacy {

std::optional<double> ParseNumber(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

double SignedLog1p(double x) { return std::copysign(std::log1p(std::abs(x)), x); }

uint64_t KeyOfText(std::string_view trimmed) { return HashBytes(trimmed); }

uint64_t KeyOfBucket(int64_t bucket) {
  char text[24];
  const auto [end, code] = std::to_chars(text, text + sizeof(text), bucket);
  return HashBytes(std::string_view(text, static_cast<size_t>(end - text)));
}

uint64_t KeyOfMissing() {
  static const uint64_t key = HashBytes("");
  return key;
}

int64_t BucketOf(const Bucket& bucket, double x) {
  constexpr double kLimit = 0x1.0p62;
  if (bucket.boundary_size() > 0) {
    return std::upper_bound(bucket.boundary().begin(), bucket.boundary().end(), x) -
           bucket.boundary().begin();
  }
  const double number = bucket.has_width() ? std::floor(x / bucket.width())
                                           : std::trunc(SignedLog1p(x) * bucket.log_factor());
  return static_cast<int64_t>(std::clamp(number, -kLimit, kLimit));
}

}  // namespace primacy
