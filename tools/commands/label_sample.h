// Whether the labels of a log suit the tasks' losses, by a look at its first rows.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/reader.h"
#include "common/config/job.pb.h"
#include "worker/data/input_spec.h"

namespace primacy {

// Reads the log's first block. A usage error that names the task's loss, the label and a row when
// more rows than runtime.bad_record_share_max allows have a label that the loss cannot take.
// Returns one line for each lesser oddity: fewer such rows, a label that no row has. `path` is the
// log's directory. REQUIRES: `input` is made of this log's schema and `job`, and the log has rows.
Result<std::vector<std::string>> CheckLabelSample(const LogDirectory& log, const std::string& path,
                                                  const InputSpec& input, const Job& job);

// CheckLog, and the labels of the first train rows: what a job that is about to start is refused
// for.
Status CheckLogAndLabels(const Job& job);

}  // namespace primacy
