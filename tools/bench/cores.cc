#include "tools/bench/cores.h"

#include <dirent.h>
#include <glog/logging.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

namespace primacy::bench {

std::vector<int> AllowedCores() {
  cpu_set_t allowed;
  PCHECK(::sched_getaffinity(0, sizeof(allowed), &allowed) == 0);
  std::vector<int> cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed)) cores.push_back(core);
  }
  return cores;
}

OnCore::OnCore(int core) {
  PCHECK(::sched_getaffinity(0, sizeof(before_), &before_) == 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  PCHECK(::sched_setaffinity(0, sizeof(one), &one) == 0);
}

OnCore::~OnCore() { PCHECK(::sched_setaffinity(0, sizeof(before_), &before_) == 0); }

std::set<int> ThreadsOfProcess() {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc/self/task"), &::closedir);
  PCHECK(directory != nullptr) << "/proc/self/task";
  std::set<int> threads;
  while (const dirent* const entry = ::readdir(directory.get())) {
    if (entry->d_name[0] != '.') threads.insert(std::atoi(entry->d_name));
  }
  return threads;
}

Result<double> CpuSecondsOf(int thread) {
  const std::string path = "/proc/self/task/" + std::to_string(thread) + "/schedstat";
  std::ifstream file(path);
  double nanoseconds = 0;
  if (!(file >> nanoseconds)) return Failure("cannot read " + path);
  return nanoseconds / 1e9;
}

}  // namespace primacy::bench
