// The progress of a job as one line of text.
#pragma once

#include <string>

#include "common/protocol/messages.pb.h"

namespace primacy {

// "stage 2/3 click  [#####-----]  pass 1.4  12,300 rows/s  like loss 0.3912 auc 0.7421 λ 0.85 | …
// about 2 min left". At most `columns` wide.
std::string ProgressLine(const JobStatus& status, int columns);

// The same without a bar, for logs.
std::string PlainProgressLine(const JobStatus& status);

// "45 s", "12 min", "3.5 h".
std::string DescribeSeconds(double seconds);

}  // namespace primacy
