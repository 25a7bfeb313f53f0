#include "tools/commands/flags.h"

#include "common/base/strings.h"
#include "ps/coordinator/prepare_run.h"

DEFINE_string(job, "", "job file (protobuf text)");
DEFINE_string(run_dir, "", "directory of the run: checkpoints, events.jsonl, report.json");
DEFINE_string(out, "", "directory to write to");
DEFINE_string(checkpoint, "", "run directory, or one generation of it");
DEFINE_string(log, "", "directory of a click log");
DEFINE_int32(servers, 1, "parameter servers");
DEFINE_int32(workers, 1, "workers");
DEFINE_string(launcher, "mpi", "mpi: processes under mpirun; local: threads of this process");
DEFINE_bool(resume, false, "continue the run in --run_dir from its newest generation");
DEFINE_string(init_from, "", "begin with the parameters of this run or generation");
DEFINE_int32(parts, 1, "part files of the train slice");
DEFINE_bool(json, false, "print JSON");

namespace primacy {

std::vector<std::string>& Overrides() {
  static std::vector<std::string> overrides;
  return overrides;
}

Status RequireFlag(const std::string& name, const std::string& value, const std::string& meaning) {
  if (!value.empty()) return Ok();
  return UsageError("--" + name + " is missing: give " + meaning);
}

Status RequireProcesses() {
  PRIMACY_TRY(CheckProcesses(FLAGS_servers, FLAGS_workers));
  return RequireOneHost();
}

Status RequireOneHost() {
  constexpr int kProcessesMax = 256;
  if (FLAGS_servers + FLAGS_workers <= kProcessesMax) return Ok();
  return UsageError(
      Format("--servers and --workers: %d processes on one host are more than %d; take fewer, or "
             "give train a --hostfile",
             FLAGS_servers + FLAGS_workers, kProcessesMax));
}

}  // namespace primacy
