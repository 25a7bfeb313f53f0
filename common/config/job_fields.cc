#include "common/config/job_fields.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace primacy {
namespace {

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() +
                          1);  // row[j]: distance of the first i letters of a to the first j of b
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = std::tolower(static_cast<unsigned char>(a[i - 1])) ==
                        std::tolower(static_cast<unsigned char>(b[j - 1]));
      const size_t replaced = diagonal + (same ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string Suggestion(const std::string& nearest) {
  return nearest.empty() ? "" : " (did you mean \"" + nearest + "\"?)";
}

}  // namespace

std::string NearestName(std::string_view wrong, const std::vector<std::string>& known) {
  std::string nearest;
  size_t least = std::max<size_t>(2, wrong.size() / 3) + 1;
  for (const std::string& name : known) {
    // A name begun and not finished is as near as one wrong letter.
    const bool begun = wrong.size() >= 3 && name.starts_with(wrong);
    // A distance of a whole name would match any other name of that length.
    const size_t distance = begun ? 1 : EditDistance(wrong, name);
    if (distance < least && distance < name.size()) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

std::vector<std::string> FieldNames(const google::protobuf::Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) names.push_back(message.field(i)->name());
  return names;
}

std::vector<std::string> ValueNames(const google::protobuf::EnumDescriptor& values) {
  std::vector<std::string> names;
  for (int i = 0; i < values.value_count(); ++i) names.push_back(values.value(i)->name());
  return names;
}

std::string JoinPath(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

std::string UnknownField(const std::string& path, std::string_view name,
                         const google::protobuf::Descriptor& message) {
  return "unknown field " + JoinPath(path, name) +
         Suggestion(NearestName(name, FieldNames(message)));
}

std::string UnknownValue(const std::string& field_path, std::string_view value,
                         const google::protobuf::EnumDescriptor& values) {
  const std::vector<std::string> names = ValueNames(values);
  const std::string nearest = NearestName(value, names);
  std::string text = field_path + " has no value " + std::string(value);
  if (!nearest.empty()) return text + Suggestion(nearest);
  text += "; it is one of ";
  for (const std::string& name : names) text += (name == names.front() ? "" : ", ") + name;
  return text;
}

}  // namespace primacy
