// Checks of a click log's schema, made once when a part is created or opened.
#pragma once

#include <cstddef>

#include "common/base/result.h"
#include "common/clicklog/schema.pb.h"

namespace primacy {

// A log has at most this many slots, this many dense features and this many labels.
constexpr int kLogColumnsMax = 4096;

// A usage error that names the column: one without a name, a name used twice among slots, among
// dense features or among labels, too many columns of a kind.
Status CheckSchema(const LogSchema& schema);

// "" when the two describe the same columns (a field that is absent equals its default), else the
// first difference.
std::string SchemaDifference(const LogSchema& a, const LogSchema& b);

}  // namespace primacy
