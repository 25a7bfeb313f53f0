#include "tools/commands/flags.h"

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
  if (FLAGS_servers < 1) return UsageError("--servers must be at least 1");
  if (FLAGS_workers < 1) return UsageError("--workers must be at least 1");
  return Ok();
}

}  // namespace primacy
