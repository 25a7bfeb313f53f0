#include "tools/launch/progress.h"

#include "common/base/strings.h"

namespace primacy {
namespace {

std::string EvaluationOf(const JobStatus& status) {
  std::string text = Format("%d %d", status.stage(), status.patience_left());
  for (double auc : status.holdout_auc()) text += Format(" %.9g", auc);
  return text;
}

}  // namespace

Progress::Progress(std::FILE* out) : out_(out) {}

Progress::~Progress() { EndLine(); }

void Progress::Show(const JobStatus& status) {
  if (out_.is_terminal()) {
    if (status.stage() != stage_) EndLine();
    stage_ = status.stage();
    return Draw(DrawProgress(status, out_.columns()));
  }
  // The first stage is worth a line at once; what comes before it, only when it takes long.
  const std::string evaluation = status.stage_name().empty() ? evaluation_ : EvaluationOf(status);
  if (evaluation == evaluation_ && !out_.LineIsDue()) return;
  evaluation_ = evaluation;
  out_.WriteLine(PlainProgressLine(status));
}

void Progress::Say(const std::string& line) {
  EndLine();
  out_.Draw(line + "\n");
}

void Progress::Draw(const ProgressLines& lines) {
  // To the first line's begin; clear what is behind each; back up to the first line.
  out_.Draw(Format("\r%s\033[K\n%s\033[K\033[A\r", lines.job.c_str(), lines.tasks.c_str()));
  drawn_ = true;
}

void Progress::EndLine() {
  if (drawn_) out_.Draw("\n\n");
  drawn_ = false;
}

}  // namespace primacy
