#include "tools/compare/progress.h"

#include "common/base/strings.h"
#include "tools/launch/progress_text.h"

namespace primacy {
std::string DescribeProgress(const RunnerOptions::Progress& progress) {
  std::string text = Format("%d of %d trainings done", progress.done, progress.total);
  if (progress.done < progress.total && progress.seconds_left >= 0) {
    text += ", about " + DescribeSeconds(progress.seconds_left) + " left";
  }
  for (size_t i = 0; i < progress.running.size(); ++i) {
    text += (i == 0 ? ": " : "; ") + progress.running[i];
  }
  return text;
}

CompareProgress::CompareProgress(std::FILE* out) : out_(out) {}

CompareProgress::~CompareProgress() {
  if (out_.is_terminal() && done_.has_value()) out_.Draw("\r\x1b[K");
}

void CompareProgress::Show(const RunnerOptions::Progress& progress) {
  const std::string line = DescribeProgress(progress);
  if (out_.is_terminal()) {
    out_.Draw(Format("\r%s\x1b[K", CutToColumns(line, out_.columns()).c_str()));
  } else {
    const bool is_due = !done_.has_value() || progress.done == progress.total || out_.LineIsDue();
    if (progress.done == done_ || !is_due) return;
    out_.WriteLine(line);
  }
  done_ = progress.done;
}

}  // namespace primacy
