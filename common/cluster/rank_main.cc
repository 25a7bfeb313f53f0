#include "common/cluster/rank_main.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include "common/base/exit_code.h"
#include "common/cluster/rank_file.h"
#include "common/cluster/rank_signals.h"
#include "common/cluster/rendezvous.h"

namespace primacy {
namespace {

// For server 0 to tell what it knows of a failure, before any other rank ends the job.
constexpr std::chrono::seconds kLeaderGrace{4};

void Print(Role role, const std::string& message) {
  const char* program = role == ROLE_SERVER ? "primacy_ps" : "primacy_worker";
  std::fprintf(stderr, "%s: %s\n", program, message.c_str());
  std::fflush(stderr);
}

// Whether this rank speaks for all where there is no communicator to ask (any more).
bool IsFirstProcess() {
  for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"}) {
    if (const char* rank = std::getenv(variable)) return std::string(rank) == "0";
  }
  return true;
}

class RankRun {
 public:
  RankRun(Role role, RankWork& work, MpiJob& mpi) : role_(role), work_(work), mpi_(mpi) {
    record_.role = role;
    record_.rank = mpi.role_group().rank();
    record_.host = mpi.host();
  }

  int Run(const Result<RankFlags>& flags) {
    const Result<std::string> prepared =
        flags.ok() ? work_.Prepare(*flags, mpi_) : Result<std::string>(flags.error());
    auto secrets = Exchange(mpi_.world(), Name(), prepared);
    if (!secrets.ok()) return Refuse(secrets.error());
    file_ = std::make_shared<RankFile>(flags->run_dir, record_);
    WatchTermination(file_);
    const auto on_lost = [this](const Error& error) { Die(error); };
    auto addresses = Exchange(mpi_.world(), Name(), work_.Open(Find(*secrets), on_lost));
    if (!addresses.ok()) {
      file_->Fail(addresses.error());
      return Refuse(addresses.error());
    }
    std::erase(*addresses, "");
    const Result<int> ended = [&] {
      const StopSignal stop([this] { work_.RequestStop(); });
      return work_.Run(*addresses);
    }();
    if (ended.ok()) {
      file_->Finish();
      return *ended;
    }
    const bool leads = role_ == ROLE_SERVER && record_.rank == 0;
    file_->Fail(ended.error());
    if (!leads) std::this_thread::sleep_for(kLeaderGrace);
    Die(ended.error());
  }

 private:
  std::string Name() const {
    return (role_ == ROLE_SERVER ? "server " : "worker ") + std::to_string(record_.rank) + " (" +
           record_.host + ")";
  }

  static std::string Find(const std::vector<std::string>& offers) {
    for (const std::string& offer : offers) {
      if (!offer.empty()) return offer;
    }
    return "";
  }

  int Refuse(const Error& error) {
    if (mpi_.world().rank() == 0) Print(role_, error.message());
    return ExitCodeOf(error);
  }

  [[noreturn]] void Die(const Error& error) {
    file_->Fail(error);
    Print(role_, Name() + ": " + error.message());
    mpi_.AbortJob(ExitCodeOf(error));
    std::_Exit(ExitCodeOf(error));  // never reached: GCC does not see through the virtual call
  }

  const Role role_;
  RankWork& work_;
  MpiJob& mpi_;
  RankRecord record_;
  std::shared_ptr<RankFile> file_;
};

}  // namespace

int RunRank(Role role, int argc, char** argv, RankWork& work) {
  PrepareRankSignals();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (AsksForHelp(arguments)) {
    if (IsFirstProcess()) std::fputs(RankHelp(role).c_str(), stdout);
    return 0;
  }
  FLAGS_logtostderr = true;
  FLAGS_minloglevel = google::WARNING;
  google::InitGoogleLogging(argv[0]);
  const Result<RankFlags> flags = ParseRankFlags(arguments);
  const Result<std::unique_ptr<MpiJob>> mpi = MpiJob::Start(role);
  if (!mpi.ok()) {
    const Error& error = flags.ok() ? mpi.error() : flags.error();
    if (IsFirstProcess()) Print(role, error.message());
    return ExitCodeOf(error);
  }
  return RankRun(role, work, **mpi).Run(flags);
}

}  // namespace primacy
