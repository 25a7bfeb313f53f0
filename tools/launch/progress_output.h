// Where progress is shown: a terminal, on which it is redrawn, or a log, to which a line goes now
// and then.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

namespace primacy {

// Not thread safe.
class ProgressOutput {
 public:
  // `out` outlives this.
  explicit ProgressOutput(std::FILE* out);

  bool is_terminal() const { return is_terminal_; }
  // That a line may have now: the window may be made another size at any time.
  int columns() const;

  // Whether it is time for another line of a log: some seconds after the last one, or after the
  // beginning.
  bool LineIsDue() const;
  // A whole line.
  void WriteLine(const std::string& line);
  // Text with its control sequences, as it is.
  void Draw(const std::string& text);

 private:
  using Clock = std::chrono::steady_clock;

  std::FILE* const out_;
  const bool is_terminal_;
  Clock::time_point written_at_ = Clock::now();
};

}  // namespace primacy
