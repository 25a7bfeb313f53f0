#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "common/base/atomic_file.h"
#include "common/base/directory_lock.h"
#include "common/base/strings.h"
#include "ps/coordinator/prepare_run.h"
#include "tools/commands/command.h"
#include "tools/commands/flags.h"
#include "tools/commands/label_sample.h"
#include "tools/launch/check_log.h"
#include "tools/launch/constraint_lines.h"
#include "tools/launch/interrupt.h"
#include "tools/launch/local_job.h"
#include "tools/launch/mpi_job.h"
#include "tools/launch/progress.h"
#include "tools/launch/report_file.h"
#include "tools/launch/report_table.h"

DEFINE_string(hostfile, "", "hosts of the ranks, as mpirun reads them; empty: this one");
DEFINE_string(mpi_args, "", "further arguments of mpirun, separated by spaces");

namespace primacy {
namespace {

constexpr int kRequirementMissedExitCode = 3;
constexpr std::chrono::milliseconds kPollEvery{200};

// Shows a local job and passes interrupts on, on a thread of its own, from `started` to `ended`.
class LocalWatch {
 public:
  explicit LocalWatch(Progress& progress) : progress_(progress) {}

  void Begin(Coordinator& coordinator) {
    thread_ = std::jthread([this, &coordinator](const std::stop_token& stop) {
      bool told = false;
      while (!stop.stop_requested()) {
        progress_.Show(coordinator.status());
        if (Interrupts() > 0 && !told) {
          progress_.Say("stopping: saving a generation (once more: kill at once)");
          coordinator.RequestStop();
          told = true;
        }
        if (Interrupts() > 1) std::_Exit(kStoppedExitCode);
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, stop, kPollEvery, [] { return false; });  // the end of the job ends it
      }
      progress_.Show(coordinator.status());  // the last word, however quick the job was
    });
  }
  void End() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  Progress& progress_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

Result<JobOutcome> TrainLocally(const JobOptions& job, Progress& progress) {
  LocalWatch watch(progress);
  LocalJobOptions local;
  local.job = job;
  local.started = [&](Coordinator& coordinator) { watch.Begin(coordinator); };
  local.ended = [&] { watch.End(); };
  PRIMACY_ASSIGN(const LocalJobResult result, RunLocalJob(local));
  return result.outcome;
}

std::string HowToResume() {
  return "the same command with --resume continues from the newest generation";
}

}  // namespace

Result<int> RunTrain(const std::vector<std::string>&) {
  if (FLAGS_launcher != "mpi" && FLAGS_launcher != "local") {
    return UsageError("--launcher is mpi or local, not " + FLAGS_launcher);
  }
  const RunRequest request{FLAGS_job,     Overrides(),  FLAGS_run_dir,  FLAGS_servers,
                           FLAGS_workers, FLAGS_resume, FLAGS_init_from};
  PRIMACY_ASSIGN(const JobOptions job, PrepareRun(request));
  // With other hosts the log may be theirs only: then the workers look.
  if (!FLAGS_hostfile.empty() && !std::filesystem::is_regular_file(FLAGS_hostfile))
    return UsageError("--hostfile=" + FLAGS_hostfile + ": no such file");
  if (FLAGS_hostfile.empty() && !HasAllocation()) {
    PRIMACY_TRY(RequireOneHost());
    PRIMACY_TRY(CheckLogAndLabels(job.job));
  }
  PRIMACY_TRY(MakeDirectories(FLAGS_run_dir));
  PRIMACY_ASSIGN(const auto launch_lock, DirectoryLock::Take(FLAGS_run_dir, kLaunchLock));
  PRIMACY_ASSIGN(auto run_lock, DirectoryLock::Take(FLAGS_run_dir, kRunLock));
  if (FLAGS_launcher == "mpi") run_lock.reset();  // server 0 takes it
  PRIMACY_TRY(CreateRunDirectory(job));
  CountInterrupts();
  Result<JobOutcome> outcome = JobOutcome::kFinished;
  {
    Progress progress(stderr);
    outcome = FLAGS_launcher == "local"
                  ? TrainLocally(job, progress)
                  : RunMpiJob({request, FLAGS_hostfile, FLAGS_mpi_args}, progress);
  }
  if (!outcome.ok()) {
    if (outcome.error().kind() == ErrorKind::kUsage) return outcome.error();
    const Result<bool> saved = HoldsRun(FLAGS_run_dir);
    return Failure(outcome.error().message() +
                   (saved.ok() && *saved ? "; " + HowToResume() : std::string()));
  }
  if (*outcome == JobOutcome::kStopped) {
    std::fprintf(stderr, "stopped: %s\n", HowToResume().c_str());
    return kStoppedExitCode;
  }
  PRIMACY_ASSIGN(const JsonValue report, ReadReport(FLAGS_run_dir));
  PRIMACY_ASSIGN(const std::string table, ReportTable(FLAGS_run_dir, report));
  std::fputs(table.c_str(), stdout);
  if (const std::optional<std::string> missed = MissedRequirement(report)) {
    std::fprintf(stderr, "%s\n", missed->c_str());
    return kRequirementMissedExitCode;
  }
  return 0;
}

}  // namespace primacy
