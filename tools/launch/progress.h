// Shows a running job on the error output: on a terminal one line per stage, redrawn; elsewhere a
// line every few seconds and at each evaluation.
#pragma once

#include <cstdio>
#include <string>

#include "common/protocol/messages.pb.h"
#include "tools/launch/progress_output.h"
#include "tools/launch/progress_text.h"

namespace primacy {

// Not thread safe.
class Progress {
 public:
  explicit Progress(std::FILE* out);
  // Leaves the line that was drawn last.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(const JobStatus& status);
  // A line of its own, between those of the progress.
  void Say(const std::string& line);

 private:
  void Draw(const ProgressLines& lines);
  void EndLine();

  ProgressOutput out_;
  bool drawn_ = false;  // two lines, the cursor on the first one
  int stage_ = -1;
  std::string evaluation_;  // what the last one said, to notice a new one
};

}  // namespace primacy
