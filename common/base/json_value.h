// Reads JSON (RFC 8259) into a tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"

namespace primacy {

struct JsonMember;

// null, a truth value, a number, a text, an array, or an object with its members in the order of
// the text.
class JsonValue {
 public:
  struct Number {
    double value = 0;
    // Where the text has no fraction and no exponent, and fits.
    std::optional<int64_t> integer;
    std::optional<uint64_t> natural;
  };
  using Array = std::vector<JsonValue>;
  using Object = std::vector<JsonMember>;

  JsonValue() = default;
  template <typename T>
  explicit JsonValue(T value) : value_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_scalar() const { return array() == nullptr && object() == nullptr; }
  // The value if it is of that kind, else nothing.
  std::optional<bool> boolean() const;
  std::optional<double> number() const;
  std::optional<int64_t> integer() const;
  std::optional<uint64_t> natural() const;
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }

  // The member of that name (the first one), or null when this is no object or has none.
  const JsonValue* Find(std::string_view name) const;
  // The member of that name if it is there and of that kind, else `otherwise`.
  double NumberOr(std::string_view name, double otherwise) const;
  int64_t IntegerOr(std::string_view name, int64_t otherwise) const;
  bool BooleanOr(std::string_view name, bool otherwise) const;
  std::string TextOr(std::string_view name, std::string_view otherwise) const;

 private:
  std::variant<std::monostate, bool, Number, std::string, Array, Object> value_;
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

struct JsonLimits {
  size_t bytes_max = 256u << 20;
  size_t depth_max = 64;         // arrays and objects within each other
  size_t values_max = 8u << 20;  // memory is a few dozen bytes a value
};

// The one value that `text` is. Errors name line and column. Refuses what exceeds `limits`.
Result<JsonValue> ParseJson(std::string_view text, const JsonLimits& limits = {});

}  // namespace primacy
