// Why a job under mpirun ended badly: from what its ranks left in the run directory and what mpirun
// wrote.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/cluster/rank_file.h"

namespace primacy {

// What is left of a job whose mpirun has ended.
struct Remains {
  std::vector<RankRecord> ranks;
  std::string output;  // of mpirun
  int exit_code = 1;
  std::string output_file;
};

// One line that names the rank it began with, its host and its pid, or the user's mistake. In this
// order: the process that mpirun saw die; server 0's reason; a rank that left no last word; any
// rank's reason; the ranks' own line in the output; its first line. An mpirun that started no rank
// was told something wrong: a usage error.
Error ExplainDeath(const Remains& remains);

// Ranks of this host that say they run, and whose process is not there.
std::vector<RankRecord> VanishedRanks(const std::vector<RankRecord>& ranks);
// Ends what may be left of the ranks on this host. Processes that are no ranks of Primacy are left
// alone, as a process id may have been given to another by now.
void KillRanks(const std::vector<RankRecord>& ranks);

}  // namespace primacy
