// One describer per kind of thing; each fills an open JSON object.
#pragma once

#include <string>

#include "common/base/json.h"
#include "common/base/result.h"

namespace primacy {

Status DescribeLogPart(const std::string& path, bool verify, JsonWriter& json);
// A directory of parts.
Status DescribeLogDirectory(const std::string& path, bool verify, JsonWriter& json);
// A directory with at least one of train/, holdout/ and test/.
Status DescribeLog(const std::string& path, bool verify, JsonWriter& json);

Status DescribeShardFile(const std::string& path, bool verify, JsonWriter& json);
// A generation, always with the digest of its parameters.
Status DescribeGeneration(const std::string& directory, bool verify, JsonWriter& json);
// The generations below `root`, one row each, the names of damaged ones that were set aside, and
// the newest one in full.
Status DescribeGenerations(const std::string& root, bool verify, JsonWriter& json);

Status DescribeRun(const std::string& directory, bool verify, JsonWriter& json);

// The slices of a log that are there.
bool HasLogSlices(const std::string& path);
bool HasLogParts(const std::string& path);

}  // namespace primacy
