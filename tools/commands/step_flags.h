// The flags of the step bench that other benches read too.
#pragma once

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "tools/bench/step_options.h"

namespace primacy {

// --batch, --single_slots, --dim, --table_rows, --compute, --runs, --seconds and --roofline.
Result<StepBenchOptions> StepOptions();
// --wire.
Result<Precision> WireOption();

}  // namespace primacy
