// What the command line of a rank says. The same for servers and workers, because `primacy train`
// starts them alike.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/protocol/messages.pb.h"

namespace primacy {

struct RankFlags {
  std::string job_file;
  std::string run_dir;
  std::vector<std::string> overrides;  // field=value
  bool resume = false;
  std::string init_from;
  std::string bind_address;  // empty: loopback, unless the ranks span hosts
};

// --job=FILE --run_dir=DIR [--set=field=value ...] [--resume] [--init_from=CHECKPOINT]
// [--bind=ADDRESS]. A missing or unknown flag is a usage error that names it.
Result<RankFlags> ParseRankFlags(const std::vector<std::string>& arguments);

// Whether --help or -h is among them.
bool AsksForHelp(const std::vector<std::string>& arguments);
// What the program is for, how it is started, and its flags.
std::string RankHelp(Role role);

}  // namespace primacy
