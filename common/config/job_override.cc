// OverrideJob: sets one field of a job by its path, through reflection.
#include <charconv>
#include <limits>
#include <optional>

#include "common/base/strings.h"
#include "common/config/job_config.h"
#include "common/config/job_fields.h"

namespace primacy {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

template <typename T>
std::optional<T> ParseInteger(std::string_view text) {
  T value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> ParseBool(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return std::nullopt;
}

// Sets a singular field, or appends to a repeated one.
Status SetValue(Message& message, const FieldDescriptor& field, const std::string& path,
                std::string_view text) {
  const Reflection& reflection = *message.GetReflection();
  const auto put = [&](auto value, auto set, auto add, const char* expected) -> Status {
    if (!value.has_value()) {
      return UsageError(path + " must be " + expected + ", is \"" + std::string(text) + "\"");
    }
    if (field.is_repeated()) {
      (reflection.*add)(&message, &field, *value);
    } else {
      (reflection.*set)(&message, &field, *value);
    }
    return Ok();
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put(ParseInteger<int32_t>(text), &Reflection::SetInt32, &Reflection::AddInt32,
                 "a whole number of 32 bits");
    case FieldDescriptor::CPPTYPE_INT64:
      return put(ParseInteger<int64_t>(text), &Reflection::SetInt64, &Reflection::AddInt64,
                 "a whole number of 64 bits");
    case FieldDescriptor::CPPTYPE_UINT32:
      return put(ParseInteger<uint32_t>(text), &Reflection::SetUInt32, &Reflection::AddUInt32,
                 "a whole number of 32 bits, 0 or above");
    case FieldDescriptor::CPPTYPE_UINT64:
      return put(ParseInteger<uint64_t>(text), &Reflection::SetUInt64, &Reflection::AddUInt64,
                 "a whole number of 64 bits, 0 or above");
    case FieldDescriptor::CPPTYPE_FLOAT:
      return put(ParseDouble(text), &Reflection::SetFloat, &Reflection::AddFloat, "a number");
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return put(ParseDouble(text), &Reflection::SetDouble, &Reflection::AddDouble, "a number");
    case FieldDescriptor::CPPTYPE_BOOL:
      return put(ParseBool(text), &Reflection::SetBool, &Reflection::AddBool, "true or false");
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumValueDescriptor* value = field.enum_type()->FindValueByName(std::string(text));
      if (value == nullptr) return UsageError(UnknownValue(path, text, *field.enum_type()));
      return put(std::optional(value), &Reflection::SetEnum, &Reflection::AddEnum, "");
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return put(std::optional(std::string(text)), &Reflection::SetString, &Reflection::AddString,
                 "");
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  std::string inside;
  for (const std::string& name : FieldNames(*field.message_type())) {
    inside += (inside.empty() ? "" : ", ") + name;
  }
  return UsageError(path + " is a group of fields, set one of them: " + inside);
}

// One piece of a path: "task[1]" is the name task and the index 1.
struct PathPiece {
  std::string name;
  std::optional<int> index;
};

Result<PathPiece> ParsePiece(std::string_view text) {
  const size_t bracket = text.find('[');
  if (bracket == std::string_view::npos) return PathPiece{std::string(text), std::nullopt};
  std::optional<int> index;
  if (text.back() == ']') {
    index = ParseInteger<int>(text.substr(bracket + 1, text.size() - bracket - 2));
  }
  if (!index.has_value() || *index < 0) {
    return UsageError(std::string(text) + " is not NAME[INDEX]");
  }
  return PathPiece{std::string(text.substr(0, bracket)), index};
}

// The message that `piece` names inside `message`.
Result<Message*> Descend(Message& message, const FieldDescriptor& field, const PathPiece& piece,
                         const std::string& path) {
  const Reflection& reflection = *message.GetReflection();
  if (field.message_type() == nullptr) return UsageError(path + " is a value, it has no fields");
  if (!field.is_repeated()) {
    if (piece.index.has_value()) return UsageError(path + " is not a list, it takes no index");
    return reflection.MutableMessage(&message, &field);
  }
  const int size = reflection.FieldSize(message, &field);
  if (!piece.index.has_value()) {
    return UsageError(path + " is a list, name an entry: " + path + "[0]");
  }
  if (*piece.index >= size) {
    return UsageError(path + "[" + std::to_string(*piece.index) + "] is not there, " + path +
                      " has " + std::to_string(size) + (size == 1 ? " entry" : " entries"));
  }
  return reflection.MutableRepeatedMessage(&message, &field, *piece.index);
}

Status Assign(Message& message, const FieldDescriptor& field, const PathPiece& piece,
              const std::string& path, std::string_view value) {
  if (piece.index.has_value() && field.message_type() == nullptr) {
    return UsageError(path + (field.is_repeated() ? " is set as a whole list: " + path + "=A,B"
                                                  : " is not a list, it takes no index"));
  }
  if (!field.is_repeated() || field.message_type() != nullptr) {
    return SetValue(message, field, path, Trim(value));
  }
  message.GetReflection()->ClearField(&message, &field);
  if (Trim(value).empty()) return Ok();
  for (std::string_view entry : Split(value, ',')) {
    PRIMACY_TRY(SetValue(message, field, path, Trim(entry)));
  }
  return Ok();
}

Status Apply(Job& job, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos) return UsageError("it must be FIELD=VALUE");
  const std::vector<std::string_view> pieces =
      Split(Trim(std::string_view(assignment).substr(0, equals)), '.');
  Message* message = &job;
  std::string path;
  for (size_t i = 0; i < pieces.size(); ++i) {
    PRIMACY_ASSIGN(const PathPiece piece, ParsePiece(pieces[i]));
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(piece.name);
    if (field == nullptr) {
      return UsageError(UnknownField(path, piece.name, *message->GetDescriptor()));
    }
    path = JoinPath(path, piece.name);
    if (i + 1 == pieces.size()) {
      return Assign(*message, *field, piece, path, std::string_view(assignment).substr(equals + 1));
    }
    PRIMACY_ASSIGN(message, Descend(*message, *field, piece, path));
    if (piece.index.has_value()) path.append("[").append(std::to_string(*piece.index)).append("]");
  }
  return Ok();
}

}  // namespace

Result<Job> OverrideJob(Job job, const std::string& assignment) {
  const Status applied = Apply(job, assignment);
  if (!applied.ok()) return Error("override \"" + assignment + "\"", applied.error());
  return job;
}

}  // namespace primacy
