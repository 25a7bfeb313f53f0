#include "tools/launch/death.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <regex>

#include "common/base/strings.h"
#include "tools/launch/child_process.h"

namespace primacy {
namespace {

using State = RankRecord::State;

struct Casualty {
  size_t world_rank = 0;  // servers first, then workers: the order of the records
  std::string how;        // "signal 9 (Killed)"
};

// "… process rank 3 with PID 4711 on node host exited on signal 9 (Killed)." The pid may be 0
// there.
std::optional<Casualty> SeenByMpirun(const std::string& output) {
  static const std::regex line(
      R"(process rank (\d+) with PID \d+ on node \S+\s+exited\s+on\s+(signal \d+ \([^)]*\)))");
  std::smatch found;
  if (!std::regex_search(output, found, line)) return std::nullopt;
  const auto rank = ParseInt(found[1].str());
  if (!rank.has_value()) return std::nullopt;
  return Casualty{static_cast<size_t>(*rank), found[2].str()};
}

bool HasReason(const RankRecord& rank) { return rank.state == State::kFailed && !rank.by_signal; }

Error Explain(const RankRecord& rank) {
  const std::string message = rank.usage ? rank.reason : rank.Describe() + ": " + rank.reason;
  return rank.usage ? UsageError(message) : Failure(message);
}

// Server 0 speaks of the whole job: its reasons name who is meant.
Error ExplainByLeader(const RankRecord& leader) {
  return leader.usage ? UsageError(leader.reason) : Failure(leader.reason);
}

// A rank that missed server 0's answers, not only its connection, which may close because the job
// ends: server 0 was silent first.
bool MissedServerZero(const RankRecord& rank) {
  return HasReason(rank) && rank.reason.starts_with("lost the coordinator") &&
         rank.reason.find("no answer") != std::string::npos;
}

// Of the lines that ranks print of themselves, the first; else the first line with words.
std::string TellingLine(const std::string& output) {
  std::string first;
  for (const std::string_view raw : Split(output, '\n')) {
    const std::string line(Trim(raw));
    for (const std::string_view program : {"primacy_ps: ", "primacy_worker: "}) {
      if (line.starts_with(program)) return line.substr(program.size());
    }
    if (first.empty() && line.find_first_not_of("-*= ") != std::string::npos) first = line;
  }
  return first;
}

bool IsHere(const RankRecord& rank) { return rank.host == HostName(); }

}  // namespace

Error ExplainDeath(const Remains& remains) {
  const std::vector<RankRecord>& ranks = remains.ranks;
  if (const auto casualty = SeenByMpirun(remains.output)) {
    const size_t at = casualty->world_rank;
    if (at < ranks.size() && ranks[at].state == State::kRunning) {
      return Failure(ranks[at].Describe() + " died of " + casualty->how);
    }
  }
  // Server 0 is the first record.
  const auto reasoned = std::find_if(ranks.begin(), ranks.end(), HasReason);
  if (reasoned != ranks.end() && reasoned == ranks.begin()) return ExplainByLeader(*reasoned);
  const auto missed = std::find_if(ranks.begin(), ranks.end(), MissedServerZero);
  if (missed != ranks.end()) return Explain(*missed);
  for (const RankRecord& rank : ranks) {
    if (rank.state == State::kRunning) return Failure(rank.Describe() + " died without a word");
  }
  if (reasoned != ranks.end()) return Explain(*reasoned);
  const std::string line = TellingLine(remains.output);
  if (remains.exit_code == 2 && !line.empty()) return UsageError(line);
  if (ranks.empty()) {
    return UsageError("mpirun started no process: " + line + " (more of it in " +
                      remains.output_file + "); look at --hostfile and --mpi_args");
  }
  return Failure("mpirun ended with exit code " + std::to_string(remains.exit_code) +
                 (line.empty() ? "" : ": " + line));
}

std::vector<RankRecord> VanishedRanks(const std::vector<RankRecord>& ranks) {
  std::vector<RankRecord> vanished;
  for (const RankRecord& rank : ranks) {
    if (rank.state != State::kRunning || !IsHere(rank)) continue;
    if (::kill(static_cast<pid_t>(rank.pid), 0) != 0 && errno == ESRCH) vanished.push_back(rank);
  }
  return vanished;
}

void KillRanks(const std::vector<RankRecord>& ranks) {
  for (const RankRecord& rank : ranks) {
    if (!IsHere(rank) || rank.pid <= 0) continue;
    std::error_code error;
    const auto program =
        std::filesystem::read_symlink("/proc/" + std::to_string(rank.pid) + "/exe", error);
    if (error || !program.filename().string().starts_with("primacy_")) continue;
    ::kill(static_cast<pid_t>(rank.pid), SIGKILL);
  }
}

}  // namespace primacy
