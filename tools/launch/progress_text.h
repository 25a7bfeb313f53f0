// The progress of a job as text.
#pragma once

#include <string>

#include "common/protocol/messages.pb.h"

namespace primacy {

// For a terminal, each at most `columns` wide; three tasks go into 80.
struct ProgressLines {
  std::string
      job;  // "stage 2/3 click  [#####-------]  pass 1.4  12,300 rows/s  at most 2 min left"
  std::string tasks;  // "like .3912 auc .7421 λ 0.85 | click .5512 auc .6931"; empty: none yet
};
ProgressLines DrawProgress(const JobStatus& status, int columns);

// All in one line without a bar, for logs.
std::string PlainProgressLine(const JobStatus& status);

// The first `columns` characters of UTF-8 text.
std::string CutToColumns(const std::string& text, int columns);

// "45 s", "12 min", "3.5 h".
std::string DescribeSeconds(double seconds);

}  // namespace primacy
