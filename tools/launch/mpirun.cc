#include "tools/launch/mpirun.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "common/base/strings.h"

namespace primacy {
namespace {

std::string Absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

std::vector<std::string> RankArguments(const RunRequest& request) {
  std::vector<std::string> arguments = {"--job=" + Absolute(request.job_file),
                                        "--run_dir=" + Absolute(request.run_dir)};
  for (const std::string& override : request.overrides) arguments.push_back("--set=" + override);
  if (request.resume) arguments.emplace_back("--resume");
  if (!request.init_from.empty()) {
    arguments.push_back("--init_from=" + Absolute(request.init_from));
  }
  return arguments;
}

}  // namespace

bool HasAllocation() {
  constexpr const char* kNames[] = {"SLURM_JOB_ID", "PBS_NODEFILE", "LSB_DJOB_HOSTFILE",
                                    "PE_HOSTFILE"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [](const char* name) { return std::getenv(name) != nullptr; });
}

Result<MpiPlace> FindMpi() {
  MpiPlace place;
  const auto mpirun = FindProgram("mpirun");
  if (!mpirun.has_value()) {
    return UsageError(
        "mpirun is not in PATH: install the package openmpi-bin, or give --launcher=local");
  }
  place.mpirun = *mpirun;
  place.ps = ProgramFolder() + "/primacy_ps";
  place.worker = ProgramFolder() + "/primacy_worker";
  for (const std::string& program : {place.ps, place.worker}) {
    if (::access(program.c_str(), X_OK) == 0) continue;
    return UsageError(program + " is missing: it belongs beside primacy");
  }
  place.as_root = ::geteuid() == 0;
  place.allocation = HasAllocation();
  return place;
}

ChildCommand MpirunCommand(const MpiOptions& options, const MpiPlace& place) {
  ChildCommand command;
  command.output_file = options.request.run_dir + "/mpirun.log";
  // One compute thread per worker is the trainer's own doing; a library must not add its own.
  command.environment = {{"OMP_NUM_THREADS", "1"}, {"OMPI_MCA_rmaps_base_oversubscribe", "1"}};
  if (place.as_root) {
    command.environment.emplace_back("OMPI_ALLOW_RUN_AS_ROOT", "1");
    command.environment.emplace_back("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
  }
  std::vector<std::string>& arguments = command.arguments;
  arguments = {place.mpirun, "--bind-to", "none", "-x", "OMP_NUM_THREADS"};
  if (!options.hostfile.empty()) {
    arguments.insert(arguments.end(), {"--hostfile", Absolute(options.hostfile)});
  } else if (!place.allocation) {
    command.environment.emplace_back("OMPI_MCA_btl_tcp_if_include", "lo");
    command.environment.emplace_back("OMPI_MCA_oob_tcp_if_include", "lo");
  }
  for (const std::string_view extra : Split(options.mpi_args, ' ')) {
    if (!extra.empty()) arguments.emplace_back(extra);
  }
  const std::vector<std::string> rank = RankArguments(options.request);
  const auto add_program = [&](const std::string& program, int count) {
    arguments.insert(arguments.end(), {"-np", std::to_string(count), program});
    arguments.insert(arguments.end(), rank.begin(), rank.end());
  };
  add_program(place.ps, options.request.servers);
  arguments.emplace_back(":");
  add_program(place.worker, options.request.workers);
  return command;
}

}  // namespace primacy
