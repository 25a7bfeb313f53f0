#include "tools/compare/runner.h"

#include <chrono>
#include <csignal>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "common/base/atomic_file.h"
#include "common/base/exit_code.h"
#include "common/base/strings.h"
#include "tools/compare/run_directory.h"
#include "tools/compare/time_left.h"
#include "tools/launch/child_process.h"
#include "tools/launch/interrupt.h"
#include "tools/launch/resume_hint.h"

namespace primacy {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPollEvery{5};
constexpr uint64_t kLogBytesMax = 1 << 20;

std::string LogPath(const PlannedTraining& training) { return training.run_dir + "/train.log"; }
// What the child reads; its own job.txt comes of it.
std::string JobPath(const PlannedTraining& training) { return training.run_dir + "/training.txt"; }

// Without the hint that ends it: the comparison says itself how it goes on.
std::string_view WithoutResumeHint(std::string_view reason) {
  const std::string hint = std::string("; ") + kResumeHint;
  if (reason.ends_with(hint)) reason.remove_suffix(hint.size());
  return reason;
}

// What `primacy train` said of its end, or how it was ended.
std::string ReasonOf(const PlannedTraining& training, int exit_code) {
  if (exit_code > 128) return Format("killed by signal %d", exit_code - 128);
  const auto log = ReadFile(LogPath(training), kLogBytesMax);
  constexpr std::string_view kPrefix = "primacy train: ";
  std::string last;
  if (log.ok()) {
    for (const std::string_view line : Split(*log, '\n')) {
      if (line.starts_with(kPrefix)) last = WithoutResumeHint(line.substr(kPrefix.size()));
    }
  }
  return last.empty() ? Format("ended with exit code %d: see ", exit_code) + LogPath(training)
                      : last;
}

class Runner {
 public:
  Runner(const ComparisonPlan& plan, const RunnerOptions& options)
      : plan_(plan), options_(options), trainings_(PlanTrainings(plan)) {}

  Result<RunnerOutcome> Run() {
    for (const PlannedTraining& training : trainings_) {
      PRIMACY_ASSIGN(const TrainingState state, StateOf(training, plan_));
      if (state == TrainingState::kFinished) {
        ++done_;
      } else {
        waiting_.push_back({&training, state == TrainingState::kInterrupted});
      }
    }
    while (!waiting_.empty() || !running_.empty()) {
      PRIMACY_TRY(StartSome());
      PassInterruptsOn();
      PRIMACY_TRY(CollectEnded());
      if (!running_.empty()) std::this_thread::sleep_for(kPollEvery);
    }
    return std::move(outcome_);
  }

 private:
  struct Waiting {
    const PlannedTraining* training;
    bool resume;
  };
  struct Running {
    const PlannedTraining* training;
    std::unique_ptr<ChildProcess> child;
    Clock::time_point began = Clock::now();
  };

  Status StartSome() {
    while (!waiting_.empty() && static_cast<int>(running_.size()) < options_.jobs) {
      const Waiting next = waiting_.front();
      waiting_.pop_front();
      PRIMACY_TRY(Start(*next.training, next.resume));
      Show();
    }
    return Ok();
  }

  Status Start(const PlannedTraining& training, bool resume) {
    std::error_code ignored;
    if (!resume) fs::remove_all(training.run_dir, ignored);
    PRIMACY_TRY(MakeDirectories(training.run_dir));
    PRIMACY_TRY(WriteFileAtomically(JobPath(training), training.job.DebugString()));
    ChildCommand command;
    command.arguments = {options_.program,
                         "train",
                         "--job=" + JobPath(training),
                         "--run_dir=" + training.run_dir,
                         "--launcher=local",
                         "--servers=" + std::to_string(plan_.servers),
                         "--workers=" + std::to_string(plan_.workers)};
    if (resume) command.arguments.emplace_back("--resume");
    command.output_file = LogPath(training);
    PRIMACY_ASSIGN(auto child, ChildProcess::Start(command));
    running_.push_back({&training, std::move(child)});
    return Ok();
  }

  void PassInterruptsOn() {
    const int interrupts = Interrupts();
    if (interrupts == interrupts_) return;
    interrupts_ = interrupts;
    outcome_.stopped = true;
    waiting_.clear();
    for (const Running& running : running_) {
      running.child->Signal(interrupts == 1 ? SIGINT : SIGKILL);
    }
  }

  Status CollectEnded() {
    for (size_t i = 0; i < running_.size();) {
      const std::optional<int> exit_code = running_[i].child->Poll();
      if (!exit_code.has_value()) {
        ++i;
        continue;
      }
      const Running ended = std::move(running_[i]);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      PRIMACY_TRY(Take(ended, *exit_code));
    }
    return Ok();
  }

  // A job that asks for another exit code when its constraints are not kept has finished all the
  // same: its report says so.
  Status Take(const Running& ended, int exit_code) {
    const PlannedTraining& training = *ended.training;
    PRIMACY_ASSIGN(const TrainingState state, StateOf(training, plan_));
    if (state == TrainingState::kFinished) {
      std::error_code ignored;  // only the figures are compared
      fs::remove_all(training.run_dir + "/checkpoints", ignored);
      fs::remove(JobPath(training), ignored);
      ++done_;
      time_left_.Add(training.group,
                     std::chrono::duration<double>(Clock::now() - ended.began).count());
    } else if (!outcome_.stopped) {
      const std::string message = training.name + ": " + ReasonOf(training, exit_code);
      const bool usage = exit_code == kUsageExitCode;
      outcome_.failures.push_back(usage ? UsageError(message) : Failure(message));
      if (usage) waiting_.clear();
    }
    Show();
    return Ok();
  }

  void Show() const {
    if (!options_.show) return;
    RunnerOptions::Progress progress{done_, static_cast<int>(trainings_.size())};
    std::vector<std::string> left;
    for (const Running& running : running_) {
      progress.running.push_back(running.training->name);
      left.push_back(running.training->group);
    }
    for (const Waiting& waiting : waiting_) left.push_back(waiting.training->group);
    progress.seconds_left = time_left_.Seconds(left, options_.jobs);
    options_.show(progress);
  }

  const ComparisonPlan& plan_;
  const RunnerOptions& options_;
  const std::vector<PlannedTraining> trainings_;
  std::deque<Waiting> waiting_;
  std::vector<Running> running_;
  TimeLeft time_left_;
  int done_ = 0;
  int interrupts_ = 0;
  RunnerOutcome outcome_;
};

}  // namespace

Result<RunnerOutcome> RunTrainings(const ComparisonPlan& plan, const RunnerOptions& options) {
  return Runner(plan, options).Run();
}

}  // namespace primacy
