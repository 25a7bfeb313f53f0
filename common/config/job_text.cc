// ParseJob: protobuf's text format, with errors that name the field by its path.
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "common/config/job_config.h"
#include "common/config/job_fields.h"

namespace primacy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// The first error the parser reports, by line and column from 0. It stops there.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (found_) return;
    found_ = true;
    line_ = line;
    column_ = column;
    message_ = message;
  }
  int line() const { return line_; }
  int column() const { return column_; }
  const std::string& message() const { return message_; }

 private:
  bool found_ = false;
  int line_ = 0;
  int column_ = 0;
  std::string message_;
};

// Offset in `text` of the tokenizer's (line, column): it counts a tab up to the next multiple of
// eight.
size_t OffsetOf(const std::string& text, int line, int column) {
  size_t offset = 0;
  for (int i = 0; i < line && offset < text.size(); ++i) {
    const size_t end = text.find('\n', offset);
    offset = end == std::string::npos ? text.size() : end + 1;
  }
  for (int at = 0; at < column && offset < text.size() && text[offset] != '\n'; ++offset) {
    at = text[offset] == '\t' ? (at / 8 + 1) * 8 : at + 1;
  }
  return offset;
}

// "SOURCE:line:column" of an offset, from 1, a tab being one column.
std::string Place(const std::string& source, const std::string& text, size_t offset) {
  const auto begin = text.begin();
  const auto here = begin + static_cast<std::ptrdiff_t>(offset);
  const auto line = std::count(begin, here, '\n') + 1;
  const size_t line_end = offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
  const size_t line_begin = line_end == std::string::npos ? 0 : line_end + 1;
  return source + ":" + std::to_string(line) + ":" + std::to_string(offset - line_begin + 1);
}

bool IsNameLetter(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

// Names of the messages that are open at `offset`: {"table_optimizer", "schedule"}.
std::vector<std::string> OpenMessages(const std::string& text, size_t offset) {
  std::vector<std::string> open;
  std::string name;
  for (size_t at = 0; at < offset; ++at) {
    const char letter = text[at];
    if (letter == '#') {
      at = std::min(text.find('\n', at), offset);
    } else if (letter == '"' || letter == '\'') {
      for (++at; at < offset && text[at] != letter; ++at) at += text[at] == '\\' ? 1 : 0;
    } else if (letter == '{' || letter == '<') {
      open.push_back(name);
    } else if (letter == '}' || letter == '>') {
      if (!open.empty()) open.pop_back();
    } else if (IsNameLetter(letter)) {
      const size_t begin = at;
      while (at + 1 < offset && IsNameLetter(text[at + 1])) ++at;
      name = text.substr(begin, at + 1 - begin);
    }
  }
  return open;
}

// Where a wrong name stands: the message type it was looked for in, and the path to that message.
struct Scope {
  const Descriptor* message = nullptr;  // null: not found
  std::string path;
};

Scope ScopeAt(const std::string& text, size_t offset) {
  Scope scope{Job::descriptor(), ""};
  for (const std::string& name : OpenMessages(text, offset)) {
    const FieldDescriptor* field = scope.message->FindFieldByName(name);
    if (field == nullptr || field->message_type() == nullptr) return {};
    scope = {field->message_type(), JoinPath(scope.path, name)};
  }
  return scope;
}

// What stands between the `index`-th pair of double quotes of the parser's message.
std::string Quoted(const std::string& message, int index) {
  size_t begin = message.find('"');
  for (int i = 0; i < 2 * index && begin != std::string::npos; ++i) {
    begin = message.find('"', begin + 1);
  }
  if (begin == std::string::npos) return "";
  return message.substr(begin + 1, message.find('"', begin + 1) - begin - 1);
}

// The parser has read one token past the wrong name: back to the name itself.
size_t StartOfName(const std::string& text, size_t offset, const std::string& name) {
  const size_t found = text.rfind(name, offset);
  return found == std::string::npos ? offset : found;
}

std::string Explain(const std::string& source, const std::string& text, const FirstError& error) {
  const size_t offset = OffsetOf(text, error.line(), error.column());
  const std::string& message = error.message();
  if (message.find("has no field named") != std::string::npos) {
    const std::string name = Quoted(message, 1);
    const size_t start = StartOfName(text, offset, name);
    const Scope scope = ScopeAt(text, start);
    if (scope.message != nullptr && !name.empty()) {
      return Place(source, text, start) + ": " + UnknownField(scope.path, name, *scope.message);
    }
  }
  if (message.find("Unknown enumeration value") != std::string::npos) {
    const std::string value = Quoted(message, 0);
    const std::string name = Quoted(message, 1);
    const size_t start = StartOfName(text, offset, value);
    const Scope scope = ScopeAt(text, start);
    const FieldDescriptor* field =
        scope.message == nullptr ? nullptr : scope.message->FindFieldByName(name);
    if (field != nullptr && field->enum_type() != nullptr) {
      return Place(source, text, start) + ": " +
             UnknownValue(JoinPath(scope.path, name), value, *field->enum_type());
    }
  }
  const Scope scope = ScopeAt(text, offset);
  std::string line = Place(source, text, offset) + ": " +
                     (scope.path.empty() ? "" : "in " + scope.path + ": ") + message;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

}  // namespace

Result<Job> ParseJob(const std::string& text, const std::string& source) {
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  Job job;
  if (!parser.ParseFromString(text, &job)) return UsageError(Explain(source, text, error));
  return job;
}

}  // namespace primacy
