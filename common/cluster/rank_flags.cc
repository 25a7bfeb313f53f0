#include "common/cluster/rank_flags.h"

#include "common/base/arguments.h"

namespace primacy {

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
