#include "common/base/json.h"

#include <glog/logging.h>

#include <charconv>
#include <cmath>

#include "common/base/utf8.h"

namespace primacy {
namespace {

// to_chars without a precision gives the shortest text that reads back as the same bits, and its
// notation is JSON's.
template <typename T>
std::string Shortest(T number) {
  if (!std::isfinite(number)) return "null";
  char buffer[32];
  const auto [end, code] = std::to_chars(buffer, buffer + sizeof(buffer), number);
  CHECK(code == std::errc());
  return std::string(buffer, end);
}

}  // namespace

JsonWriter& JsonWriter::BeginObject() { return Begin(Scope::kObject, '{'); }
JsonWriter& JsonWriter::EndObject() { return End(Scope::kObject, '}'); }
JsonWriter& JsonWriter::BeginArray() { return Begin(Scope::kArray, '['); }
JsonWriter& JsonWriter::EndArray() { return End(Scope::kArray, ']'); }

JsonWriter& JsonWriter::Key(std::string_view name) {
  CHECK(!levels_.empty() && levels_.back().scope == Scope::kObject)
      << "key outside an object: " << name;
  CHECK(!key_open_) << "two keys in a row: " << name;
  Separate();
  Quote(name);
  text_ += style_ == JsonStyle::kIndented ? ": " : ":";
  key_open_ = true;
  return *this;
}

JsonWriter& JsonWriter::Value(std::string_view text) {
  BeforeValue();
  Quote(text);
  return *this;
}

JsonWriter& JsonWriter::Value(double number) { return Literal(Shortest(number)); }
JsonWriter& JsonWriter::Value(float number) { return Literal(Shortest(number)); }

std::string JsonWriter::Take() {
  CHECK(levels_.empty() && !text_.empty()) << "unfinished JSON: " << text_;
  std::string text;
  text.swap(text_);
  return text;
}

JsonWriter& JsonWriter::Literal(std::string_view text) {
  BeforeValue();
  text_ += text;
  return *this;
}

JsonWriter& JsonWriter::Begin(Scope scope, char bracket) {
  BeforeValue();
  text_ += bracket;
  levels_.push_back({scope});
  return *this;
}

JsonWriter& JsonWriter::End(Scope scope, char bracket) {
  CHECK(!levels_.empty() && levels_.back().scope == scope && !key_open_)
      << "unbalanced JSON: " << text_;
  const bool empty = levels_.back().empty;
  levels_.pop_back();
  if (!empty) NewLine();
  text_ += bracket;
  return *this;
}

void JsonWriter::BeforeValue() {
  if (levels_.empty()) {
    CHECK(text_.empty()) << "a second value after " << text_;
  } else if (levels_.back().scope == Scope::kArray) {
    Separate();
  } else {
    CHECK(key_open_) << "a value without a key in " << text_;
    key_open_ = false;
  }
}

void JsonWriter::Separate() {
  if (!levels_.back().empty) text_ += ',';
  levels_.back().empty = false;
  NewLine();
}

void JsonWriter::NewLine() {
  if (style_ == JsonStyle::kCompact) return;
  text_ += '\n';
  text_.append(2 * levels_.size(), ' ');
}

void JsonWriter::Quote(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  text_ += '"';
  while (!text.empty()) {
    const size_t bytes = Utf8SequenceBytes(text);
    const char front = text.front();
    if (bytes == 0) {
      text_ += "\xEF\xBF\xBD";
    } else if (front == '"' || front == '\\') {
      text_ += {'\\', front};
    } else if (front == '\n') {
      text_ += "\\n";
    } else if (front == '\r') {
      text_ += "\\r";
    } else if (front == '\t') {
      text_ += "\\t";
    } else if (static_cast<uint8_t>(front) < 0x20) {
      text_ += "\\u00";
      text_ += {kHex[front >> 4], kHex[front & 15]};
    } else {
      text_ += text.substr(0, bytes);
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  text_ += '"';
}

}  // namespace primacy
