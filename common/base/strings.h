// The few string helpers that the standard library lacks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace primacy {

// The pieces of `text` between `separator`s; one piece for an empty text.
std::vector<std::string_view> Split(std::string_view text, char separator);
// `text` without spaces, tabs, carriage returns and newlines at both ends.
std::string_view Trim(std::string_view text);
// The whole of `text` as a number, or nothing.
std::optional<double> ParseDouble(std::string_view text);
std::optional<int64_t> ParseInt(std::string_view text);
// printf into a string.
std::string Format(const char* format, ...) __attribute__((format(printf, 1, 2)));
// 1234567 as "1,234,567".
std::string WithCommas(uint64_t value);

}  // namespace primacy
