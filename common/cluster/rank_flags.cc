#include "common/cluster/rank_flags.h"

#include <algorithm>

#include "common/base/arguments.h"

namespace primacy {
namespace {

constexpr char kServerHelp[] =
    "primacy_ps: a parameter server of a job; the first one also coordinates the job.\n";
constexpr char kWorkerHelp[] =
    "primacy_worker: reads its share of the log and trains the model with it.\n";
constexpr char kCommonHelp[] = R"(
`primacy train` starts servers and workers under mpirun. By hand, or from a scheduler that starts
MPI jobs itself, both with the same flags:

  mpirun [--hostfile HOSTS] -np SERVERS primacy_ps --job=FILE --run_dir=DIR ... : \
         -np WORKERS primacy_worker --job=FILE --run_dir=DIR ...

  --job=FILE               job file (protobuf text)
  --run_dir=DIR            directory of the run: checkpoints, events.jsonl, report.json
  --set=FIELD=VALUE        change one field of the job: --set=training.seed=3; may be given more
                           than once
  --resume                 continue the run in --run_dir from its newest generation
  --init_from=CHECKPOINT   begin with the parameters of this run or generation
  --bind=ADDRESS           where servers listen; else runtime.bind_address, else loopback on one
                           host and every interface on several

SIGUSR1 of mpirun (kill -USR1 PID) stops the job in order, with a generation to resume from. Ctrl-C
and SIGTERM of mpirun kill it. Exit codes: 0 finished, 1 failed, 2 a mistake of the command, the job
or the log, 130 stopped.
)";

}  // namespace

bool AsksForHelp(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
    return argument == "--help" || argument == "-h";
  });
}

std::string RankHelp(Role role) {
  return std::string(role == ROLE_SERVER ? kServerHelp : kWorkerHelp) + kCommonHelp;
}

Result<RankFlags> ParseRankFlags(const std::vector<std::string>& arguments) {
  Arguments given(arguments);
  RankFlags flags;
  flags.overrides = given.TakeAll("set");
  flags.job_file = given.Take("job");
  flags.run_dir = given.Take("run_dir");
  flags.init_from = given.Take("init_from");
  flags.bind_address = given.Take("bind");
  const std::optional<bool> resume = given.TakeSwitch("resume");
  if (!resume.has_value()) return UsageError("--resume is true or false");
  flags.resume = *resume;
  if (!given.left().empty()) {
    return UsageError("unknown flag " + given.left().front() +
                      ": a rank takes --job --run_dir --set --resume --init_from --bind");
  }
  if (flags.job_file.empty()) return UsageError("--job is missing: give the job file");
  if (flags.run_dir.empty()) {
    return UsageError("--run_dir is missing: give the directory for the run's results");
  }
  return flags;
}

}  // namespace primacy
