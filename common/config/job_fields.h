// Names of fields and enum values of the job, by reflection; for messages to the person who wrote
// the job.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <vector>

namespace primacy {

// The name that `wrong` begins or is closest to by edit distance (Levenshtein 1966), or "" when
// none is close.
std::string NearestName(std::string_view wrong, const std::vector<std::string>& known);

std::vector<std::string> FieldNames(const google::protobuf::Descriptor& message);
std::vector<std::string> ValueNames(const google::protobuf::EnumDescriptor& values);

// "path.name" or just "name" at the top.
std::string JoinPath(const std::string& path, std::string_view name);

// 'unknown field training.bach_rows (did you mean "batch_rows"?)'
std::string UnknownField(const std::string& path, std::string_view name,
                         const google::protobuf::Descriptor& message);
// 'task.loss has no value LOGISTC (did you mean "LOGISTIC"?)', or with all values when none is
// near.
std::string UnknownValue(const std::string& field_path, std::string_view value,
                         const google::protobuf::EnumDescriptor& values);

}  // namespace primacy
