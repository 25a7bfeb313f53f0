#include "tools/launch/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "common/base/strings.h"

namespace primacy {
namespace {

constexpr std::chrono::seconds kPlainEvery{5};
constexpr int kColumnsDefault = 100;

int Columns(std::FILE* out) {
  winsize size{};
  if (::ioctl(::fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kColumnsDefault;
  return size.ws_col - 1;
}

std::string EvaluationOf(const JobStatus& status) {
  std::string text = Format("%d %d", status.stage(), status.patience_left());
  for (double auc : status.holdout_auc()) text += Format(" %.9g", auc);
  return text;
}

}  // namespace

Progress::Progress(std::FILE* out) : out_(out), terminal_(::isatty(::fileno(out)) != 0) {}

Progress::~Progress() { EndLine(); }

void Progress::Show(const JobStatus& status) {
  if (terminal_) {
    if (status.stage() != stage_) EndLine();
    stage_ = status.stage();
    return Draw(DrawProgress(status, Columns(out_)));
  }
  // The first stage is worth a line at once; what comes before it, only when it takes long.
  const std::string evaluation = status.stage_name().empty() ? evaluation_ : EvaluationOf(status);
  if (evaluation == evaluation_ && Clock::now() - shown_at_ < kPlainEvery) return;
  evaluation_ = evaluation;
  shown_at_ = Clock::now();
  std::fprintf(out_, "%s\n", PlainProgressLine(status).c_str());
  std::fflush(out_);
}

void Progress::Say(const std::string& line) {
  EndLine();
  std::fprintf(out_, "%s\n", line.c_str());
  std::fflush(out_);
}

void Progress::Draw(const ProgressLines& lines) {
  // To the first line's begin; clear what is behind each; back up to the first line.
  std::fprintf(out_, "\r%s\033[K\n%s\033[K\033[A\r", lines.job.c_str(), lines.tasks.c_str());
  std::fflush(out_);
  drawn_ = true;
}

void Progress::EndLine() {
  if (drawn_) std::fputs("\n\n", out_);
  drawn_ = false;
}

}  // namespace primacy
