#include "common/base/json_value.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/base/strings.h"
#include "common/base/utf8.h"

namespace primacy {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void AppendUtf8(uint32_t code, std::string& text) {
  const auto put = [&text](uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

template <typename T>
std::optional<T> ParseWhole(std::string_view text) {
  T value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Recursive descent; depth is bounded by the limits.
class Parser {
 public:
  Parser(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  Result<JsonValue> ParseDocument() {
    PRIMACY_ASSIGN(JsonValue value, ParseValue(0));
    SkipSpace();
    if (at_ != text_.size()) return Fail("text after the value");
    return value;
  }

 private:
  Error Fail(const std::string& what) const {
    const std::string_view before = text_.substr(0, at_);
    const size_t line = 1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
    const size_t line_begin =
        before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return Failure(
        Format("JSON line %zu column %zu: %s", line, at_ - line_begin + 1, what.c_str()));
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Accept(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void SkipSpace() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  Result<JsonValue> ParseValue(size_t depth) {
    SkipSpace();
    if (++values_ > limits_.values_max)
      return Fail(Format("more than %zu values", limits_.values_max));
    if (depth > limits_.depth_max) return Fail(Format("nested deeper than %zu", limits_.depth_max));
    switch (Peek()) {
      case '{':
        return ParseObject(depth);
      case '[':
        return ParseArray(depth);
      case '"': {
        PRIMACY_ASSIGN(std::string text, ParseText());
        return JsonValue(std::move(text));
      }
      case 't':
        return ParseWord("true", JsonValue(true));
      case 'f':
        return ParseWord("false", JsonValue(false));
      case 'n':
        return ParseWord("null", JsonValue());
      default:
        return ParseNumber();
    }
  }

  Result<JsonValue> ParseWord(std::string_view word, JsonValue value) {
    if (text_.substr(at_, word.size()) != word) return Fail("a value expected");
    at_ += word.size();
    return value;
  }

  Result<JsonValue> ParseObject(size_t depth) {
    JsonValue::Object members;
    ++at_;
    SkipSpace();
    if (Accept('}')) return JsonValue(std::move(members));
    do {
      SkipSpace();
      if (Peek() != '"') return Fail("a name in quotes expected");
      PRIMACY_ASSIGN(std::string name, ParseText());
      SkipSpace();
      if (!Accept(':')) return Fail("':' expected");
      PRIMACY_ASSIGN(JsonValue value, ParseValue(depth + 1));
      members.push_back({std::move(name), std::move(value)});
      SkipSpace();
    } while (Accept(','));
    if (!Accept('}')) return Fail("',' or '}' expected");
    return JsonValue(std::move(members));
  }

  Result<JsonValue> ParseArray(size_t depth) {
    JsonValue::Array values;
    ++at_;
    SkipSpace();
    if (Accept(']')) return JsonValue(std::move(values));
    do {
      PRIMACY_ASSIGN(JsonValue value, ParseValue(depth + 1));
      values.push_back(std::move(value));
      SkipSpace();
    } while (Accept(','));
    if (!Accept(']')) return Fail("',' or ']' expected");
    return JsonValue(std::move(values));
  }

  Result<JsonValue> ParseNumber() {
    const size_t begin = at_;
    Accept('-');
    if (!IsDigit(Peek())) return Fail("a value expected");
    if (!Accept('0')) SkipDigits();
    bool integral = true;
    if (Accept('.')) {
      integral = false;
      if (!IsDigit(Peek())) return Fail("a digit expected");
      SkipDigits();
    }
    if (Accept('e') || Accept('E')) {
      integral = false;
      if (!Accept('+')) Accept('-');
      if (!IsDigit(Peek())) return Fail("a digit expected");
      SkipDigits();
    }
    const std::string_view lexeme = text_.substr(begin, at_ - begin);
    const std::optional<double> value = ParseDouble(lexeme);
    if (!value) {
      at_ = begin;
      return Fail("a number out of range");
    }
    JsonValue::Number number{.value = *value};
    if (integral) {
      number.integer = ParseWhole<int64_t>(lexeme);
      number.natural = ParseWhole<uint64_t>(lexeme);
    }
    return JsonValue(number);
  }

  void SkipDigits() {
    while (IsDigit(Peek())) ++at_;
  }

  Result<std::string> ParseText() {
    std::string text;
    ++at_;
    while (!Accept('"')) {
      if (at_ == text_.size()) return Fail("a text without its closing quote");
      if (Accept('\\')) {
        PRIMACY_TRY(ParseEscape(text));
        continue;
      }
      const size_t bytes = Utf8SequenceBytes(text_.substr(at_));
      if (bytes == 0) return Fail("bytes that are no UTF-8");
      if (static_cast<uint8_t>(text_[at_]) < 0x20) return Fail("a control character in a text");
      text.append(text_, at_, bytes);
      at_ += bytes;
    }
    return text;
  }

  // After the backslash.
  Status ParseEscape(std::string& text) {
    static constexpr std::string_view kNames = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (Accept('u')) return ParseUnicodeEscape(text);
    const size_t which = at_ < text_.size() ? kNames.find(text_[at_]) : std::string_view::npos;
    if (which == std::string_view::npos) return Fail("an unknown escape");
    text += kMeanings[which];
    ++at_;
    return Ok();
  }

  // After \u; two of them are one character above U+FFFF.
  Status ParseUnicodeEscape(std::string& text) {
    PRIMACY_ASSIGN(uint32_t code, ParseHex());
    if (code >= 0xD800 && code < 0xDC00) {
      if (!Accept('\\') || !Accept('u')) return Fail("half of a surrogate pair");
      PRIMACY_ASSIGN(const uint32_t low, ParseHex());
      if (low < 0xDC00 || low > 0xDFFF) return Fail("half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
      return Fail("half of a surrogate pair");
    }
    AppendUtf8(code, text);
    return Ok();
  }

  Result<uint32_t> ParseHex() {
    const std::string_view digits = text_.substr(at_, 4);
    uint32_t code = 0;
    const auto [end, outcome] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() < 4 || outcome != std::errc() || end != digits.data() + 4) {
      return Fail("four hexadecimal digits expected");
    }
    at_ += 4;
    return code;
  }

  const std::string_view text_;
  const JsonLimits limits_;
  size_t at_ = 0;
  size_t values_ = 0;
};

}  // namespace

std::optional<bool> JsonValue::boolean() const {
  const bool* value = std::get_if<bool>(&value_);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<double> JsonValue::number() const {
  const Number* value = std::get_if<Number>(&value_);
  return value == nullptr ? std::nullopt : std::optional(value->value);
}

std::optional<int64_t> JsonValue::integer() const {
  const Number* value = std::get_if<Number>(&value_);
  return value == nullptr ? std::nullopt : value->integer;
}

std::optional<uint64_t> JsonValue::natural() const {
  const Number* value = std::get_if<Number>(&value_);
  return value == nullptr ? std::nullopt : value->natural;
}

const JsonValue* JsonValue::Find(std::string_view name) const {
  const Object* members = object();
  if (members == nullptr) return nullptr;
  for (const JsonMember& member : *members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

double JsonValue::NumberOr(std::string_view name, double otherwise) const {
  const JsonValue* member = Find(name);
  return member == nullptr ? otherwise : member->number().value_or(otherwise);
}

int64_t JsonValue::IntegerOr(std::string_view name, int64_t otherwise) const {
  const JsonValue* member = Find(name);
  return member == nullptr ? otherwise : member->integer().value_or(otherwise);
}

bool JsonValue::BooleanOr(std::string_view name, bool otherwise) const {
  const JsonValue* member = Find(name);
  return member == nullptr ? otherwise : member->boolean().value_or(otherwise);
}

std::string JsonValue::TextOr(std::string_view name, std::string_view otherwise) const {
  const JsonValue* member = Find(name);
  const std::string* found = member == nullptr ? nullptr : member->text();
  return found == nullptr ? std::string(otherwise) : *found;
}

Result<JsonValue> ParseJson(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes_max) {
    return Failure(Format("JSON of %zu bytes, more than %zu", text.size(), limits.bytes_max));
  }
  return Parser(text, limits).ParseDocument();
}

}  // namespace primacy
