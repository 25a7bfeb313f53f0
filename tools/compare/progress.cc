#include "tools/compare/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "common/base/strings.h"
#include "tools/launch/progress_text.h"

namespace primacy {
namespace {

constexpr std::chrono::seconds kPlainEvery{5};
constexpr size_t kColumnsDefault = 100;

size_t Columns(std::FILE* out) {
  winsize size{};
  if (::ioctl(::fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kColumnsDefault;
  return size.ws_col - 1;
}

}  // namespace

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

CompareProgress::CompareProgress(std::FILE* out)
    : out_(out), terminal_(::isatty(::fileno(out)) != 0) {}

CompareProgress::~CompareProgress() {
  if (terminal_ && shown_at_.has_value()) std::fputs("\r\x1b[K", out_);
}

void CompareProgress::Show(const RunnerOptions::Progress& progress) {
  const std::string line = DescribeProgress(progress);
  if (terminal_) {
    std::fprintf(out_, "\r%s\x1b[K", line.substr(0, Columns(out_)).c_str());
  } else {
    const bool last = progress.done == progress.total;
    const bool due = !shown_at_.has_value() || Clock::now() - *shown_at_ >= kPlainEvery;
    if (progress.done == done_ || (!last && !due)) return;
    std::fprintf(out_, "%s\n", line.c_str());
  }
  std::fflush(out_);
  done_ = progress.done;
  shown_at_ = Clock::now();
}

}  // namespace primacy
