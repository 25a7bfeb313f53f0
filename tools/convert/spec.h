// Reading a ConvertSpec and checking what can be known wrong before any data is seen.
#pragma once

#include <string>

#include "common/base/result.h"
#include "tools/convert/convert.pb.h"
#include "tools/convert/record_reader.h"

namespace primacy {

struct SpecFile {
  ConvertSpec spec;
  std::string text;  // as it stands in the file
};

// Usage errors name the file, the line of a syntax error or unknown field, and the field that is
// wrong.
Result<SpecFile> ReadSpec(const std::string& path);

// How records of `source` are cut. REQUIRES: the spec was checked.
RecordFormat FormatOf(const Source& source);

}  // namespace primacy
