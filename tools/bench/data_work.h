// The work of the data bench: the rows of the step bench's log as text, and how the converter is to
// read them. A pure function of the options.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "tools/bench/step_options.h"

namespace primacy::bench {

// Writes rows [0, rows) as CSV with a header: one column a single-valued slot, one column of values
// with '|' between them, three labels of 0 or 1.
Status WriteStepCsv(const std::string& path, const StepBenchOptions& options, uint64_t rows);

// What those columns mean, as protobuf text of a ConvertSpec: all slots in one embedding group, the
// converter's default split.
std::string StepConvertSpec(const StepBenchOptions& options);

}  // namespace primacy::bench
