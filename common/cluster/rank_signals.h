// The signals of a rank. A person's Ctrl-C is not for ranks: the command that started them asks for
// a stop instead, so that a generation is saved. SIGTERM, which a launcher sends to what is left of
// a failed job, is recorded before the process ends.
#pragma once

#include <memory>

#include "common/cluster/rank_file.h"

namespace primacy {

// First thing in main, before any thread is there: ignores SIGINT, holds SIGTERM back for
// WatchTermination, and asks the kernel to end this process with the one that started it.
void PrepareRankSignals();

// From here on SIGTERM marks `file` and ends the process at once with 143.
void WatchTermination(std::shared_ptr<RankFile> file);

}  // namespace primacy
