#include "common/clicklog/schema.h"

#include <google/protobuf/util/message_differencer.h>

#include <string>
#include <string_view>
#include <unordered_set>

#include "common/base/strings.h"

namespace primacy {
namespace {

template <typename Columns>
Status CheckColumns(std::string_view kind, const Columns& columns) {
  const std::string what(kind);
  if (columns.size() > kLogColumnsMax) {
    return UsageError(Format("schema: %d columns of kind %s, the most is %d", columns.size(),
                             what.c_str(), kLogColumnsMax));
  }
  std::unordered_set<std::string_view> names;
  for (int c = 0; c < columns.size(); ++c) {
    const std::string& name = columns[c].name();
    if (name.empty()) return UsageError(Format("schema: %s %d has no name", what.c_str(), c));
    if (!names.insert(name).second) {
      return UsageError(Format("schema: %s '%s' is there twice", what.c_str(), name.c_str()));
    }
  }
  return Ok();
}

}  // namespace

Status CheckSchema(const LogSchema& schema) {
  PRIMACY_TRY(CheckColumns("slot", schema.slot()));
  PRIMACY_TRY(CheckColumns("dense", schema.dense()));
  return CheckColumns("label", schema.label());
}

std::string SchemaDifference(const LogSchema& a, const LogSchema& b) {
  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_message_field_comparison(google::protobuf::util::MessageDifferencer::EQUIVALENT);
  std::string report;
  differencer.ReportDifferencesToString(&report);
  if (differencer.Compare(a, b)) return "";
  return std::string(Trim(Split(report, '\n').front()));
}

}  // namespace primacy
