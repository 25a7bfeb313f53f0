#include "tools/launch/mpi_job.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <thread>

#include "common/base/atomic_file.h"
#include "common/base/exit_code.h"
#include "common/cluster/control_file.h"
#include "common/cluster/rank_file.h"
#include "ps/coordinator/event_log.h"
#include "tools/launch/control_client.h"
#include "tools/launch/death.h"
#include "tools/launch/event_tail.h"
#include "tools/launch/interrupt.h"

namespace primacy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPollEvery{100};
constexpr std::chrono::milliseconds kStatusEvery{300};
constexpr std::chrono::milliseconds kRanksEvery{1000};
// From the first sign of a rank's death to the end of mpirun, and from SIGTERM to SIGKILL.
constexpr std::chrono::seconds kDeathGrace{8};
constexpr std::chrono::seconds kKillGrace{3};
// From an interrupt to the end of a job that is not yet, or no longer, there to hear of it.
constexpr std::chrono::seconds kHearGrace{10};
constexpr uint64_t kOutputBytesMax = 64 << 20;

class Watch {
 public:
  Watch(const std::string& run_dir, ChildProcess& mpirun, Progress& progress)
      : run_dir_(run_dir),
        mpirun_(mpirun),
        progress_(progress),
        control_(run_dir),
        events_(run_dir + "/events.jsonl") {}

  // The exit code of mpirun.
  int Run() {
    while (true) {
      const std::optional<int> exit_code = mpirun_.Poll();
      const Clock::time_point now = Clock::now();
      if (exit_code.has_value() || now >= next_ranks_) TellSetAside();
      if (exit_code.has_value()) return *exit_code;
      HandleInterrupts();
      if (now >= next_status_) {
        next_status_ = now + kStatusEvery;
        if (const auto status = control_.Status()) progress_.Show(*status);
      }
      if (now >= next_ranks_) {
        next_ranks_ = now + kRanksEvery;
        LookForDeath();
      }
      KillWhenDue();
      std::this_thread::sleep_for(kPollEvery);
    }
  }

  bool killed_by_user() const { return killed_by_user_; }

 private:
  void HandleInterrupts() {
    if (Interrupts() >= 2 && !killed_by_user_) {
      killed_by_user_ = true;
      progress_.Say("killing the job");
      kill_at_ = Clock::now();
    }
    if (Interrupts() == 0 || told_to_stop_) return;
    if (!announced_) progress_.Say("stopping: saving a generation (once more: kill at once)");
    if (!announced_) unheard_until_ = Clock::now() + kHearGrace;
    announced_ = true;
    told_to_stop_ = control_.Stop();  // tried again until the job listens
    if (!told_to_stop_ && !kill_at_.has_value() && Clock::now() > unheard_until_) {
      killed_by_user_ = true;
      progress_.Say("the job does not listen: killing it");
      kill_at_ = Clock::now();
    }
  }

  // Server 0's own warning is in mpirun's log.
  void TellSetAside() {
    for (const std::string& message : events_.Messages(kSetAsideEvent)) progress_.Say(message);
  }

  void LookForDeath() {
    if (kill_at_.has_value()) return;
    const std::vector<RankRecord> ranks = ReadRankFiles(run_dir_);
    const bool failed = std::any_of(ranks.begin(), ranks.end(), [](const RankRecord& rank) {
      return rank.state == RankRecord::State::kFailed;
    });
    if (failed || !VanishedRanks(ranks).empty()) kill_at_ = Clock::now() + kDeathGrace;
  }

  void KillWhenDue() {
    if (!kill_at_.has_value() || Clock::now() < *kill_at_) return;
    mpirun_.Signal(terminated_ ? SIGKILL : SIGTERM);
    if (terminated_) KillRanks(ReadRankFiles(run_dir_));
    terminated_ = true;
    kill_at_ = Clock::now() + kKillGrace;
  }

  const std::string run_dir_;
  ChildProcess& mpirun_;
  Progress& progress_;
  ControlClient control_;
  EventTail events_;
  Clock::time_point next_status_;
  Clock::time_point next_ranks_;
  std::optional<Clock::time_point> kill_at_;
  Clock::time_point unheard_until_;
  bool terminated_ = false;
  bool announced_ = false;
  bool told_to_stop_ = false;
  bool killed_by_user_ = false;
};

}  // namespace

Result<JobOutcome> RunMpiJob(const MpiOptions& options, Progress& progress) {
  const std::string& run_dir = options.request.run_dir;
  PRIMACY_ASSIGN(const MpiPlace place, FindMpi());
  RemoveRankFiles(run_dir);
  RemoveControlFile(run_dir);
  const ChildCommand command = MpirunCommand(options, place);
  PRIMACY_ASSIGN(auto mpirun, ChildProcess::Start(command));
  Watch watch(run_dir, *mpirun, progress);
  const int exit_code = watch.Run();
  if (exit_code == 0) return JobOutcome::kFinished;
  if (exit_code == kStoppedExitCode) return JobOutcome::kStopped;
  Remains remains{ReadRankFiles(run_dir), "", exit_code, command.output_file};
  KillRanks(remains.ranks);
  RemoveControlFile(run_dir);
  if (watch.killed_by_user()) return Failure("killed");
  const Result<std::string> output = ReadFile(command.output_file, kOutputBytesMax);
  if (output.ok()) remains.output = *output;
  return ExplainDeath(remains);
}

}  // namespace primacy
