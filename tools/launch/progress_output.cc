#include "tools/launch/progress_output.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace primacy {
namespace {

constexpr std::chrono::seconds kLineEvery{5};
constexpr int kColumnsDefault = 100;

}  // namespace

ProgressOutput::ProgressOutput(std::FILE* out)
    : out_(out), is_terminal_(::isatty(::fileno(out)) != 0) {}

int ProgressOutput::columns() const {
  winsize size{};
  if (::ioctl(::fileno(out_), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kColumnsDefault;
  return size.ws_col - 1;
}

bool ProgressOutput::LineIsDue() const { return Clock::now() - written_at_ >= kLineEvery; }

void ProgressOutput::WriteLine(const std::string& line) {
  written_at_ = Clock::now();
  Draw(line + "\n");
}

void ProgressOutput::Draw(const std::string& text) {
  std::fputs(text.c_str(), out_);
  std::fflush(out_);
}

}  // namespace primacy
