// What the report says of constraints on the test slice (docs/report.md).
#pragma once

#include "common/base/json.h"
#include "common/config/job.pb.h"
#include "ps/checkpoint/manifest.pb.h"

namespace primacy {

// The array of a stage's constraints, with the verdict on each by the job's margin of today: it may
// change when a job is resumed.
void WriteConstraints(const Job& job, const JobState& state, const StageSummary& summary,
                      JsonWriter& json);

// Whether the final model kept its constraints as priority.fail_on asks. True until it is there.
bool RequirementMet(const Job& job, const JobState& state, size_t stages);

}  // namespace primacy
