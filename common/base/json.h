// Writes JSON (RFC 8259) into a string, value by value.
//
//   JsonWriter json;
//   json.BeginObject().Field("step",
//   12).Key("loss").BeginArray().Value(0.25).Value(0.5).EndArray().EndObject(); json.Take();  //
//   {"step":12,"loss":[0.25,0.5]}
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace primacy {

enum class JsonStyle {
  kCompact,   // one line, no spaces: a line of a .jsonl file
  kIndented,  // two spaces a level, for people
};

// Not thread safe. A misuse (a value in an object without a key, an end that matches no begin) is a
// bug and dies.
class JsonWriter {
 public:
  explicit JsonWriter(JsonStyle style = JsonStyle::kCompact) : style_(style) {}

  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  // The name of the next value of the open object.
  JsonWriter& Key(std::string_view name);

  // Bytes that are no UTF-8 become U+FFFD, so that the document stays valid.
  JsonWriter& Value(std::string_view text);
  JsonWriter& Value(const char* text) { return Value(std::string_view(text)); }
  JsonWriter& Value(const std::string& text) { return Value(std::string_view(text)); }
  // The shortest decimal that reads back as the same bits; null for NaN and infinities, which JSON
  // lacks.
  JsonWriter& Value(double number);
  JsonWriter& Value(float number);
  // Many readers keep numbers as doubles: write identifiers above 2^53 as text.
  template <typename T>
  requires std::integral<T> JsonWriter& Value(T number) {
    if constexpr (std::same_as<T, bool>) {
      return Literal(number ? "true" : "false");
    } else {
      return Literal(std::to_string(number));
    }
  }
  JsonWriter& Null() { return Literal("null"); }

  template <typename T>
  JsonWriter& Field(std::string_view name, const T& value) {
    return Key(name).Value(value);
  }

  // The finished document; the writer is empty again.
  std::string Take();

 private:
  enum class Scope : char { kObject, kArray };
  struct Level {
    Scope scope;
    bool empty = true;
  };

  JsonWriter& Literal(std::string_view text);
  JsonWriter& Begin(Scope scope, char bracket);
  JsonWriter& End(Scope scope, char bracket);
  void BeforeValue();
  void Separate();
  void NewLine();
  void Quote(std::string_view text);

  const JsonStyle style_;
  std::string text_;
  std::vector<Level> levels_;
  bool key_open_ = false;
};

}  // namespace primacy
