#include "common/base/available_memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>

namespace primacy {
namespace {

constexpr int64_t kUnknown = std::numeric_limits<int64_t>::max();

// The number after the word `name` in a file of lines "name number".
std::optional<int64_t> NumberOf(const std::string& path, const std::string& name) {
  std::ifstream in(path);
  for (std::string word; in >> word;) {
    int64_t number = 0;
    if (word == name && in >> number) return number;
    in.clear();
  }
  return std::nullopt;
}

std::optional<int64_t> NumberIn(const std::string& path) {
  std::ifstream in(path);
  int64_t number = 0;
  if (in >> number) return number;
  return std::nullopt;
}

// Of one group; its pages of files can be dropped, so they count as available.
int64_t AvailableIn(const std::string& directory) {
  const std::optional<int64_t> most = NumberIn(directory + "/memory.max");  // or the word "max"
  const std::optional<int64_t> used = NumberIn(directory + "/memory.current");
  if (!most || !used) return kUnknown;
  const std::string stat = directory + "/memory.stat";
  const int64_t files =
      NumberOf(stat, "inactive_file").value_or(0) + NumberOf(stat, "active_file").value_or(0);
  return std::max<int64_t>(0, *most - *used + files);
}

std::string OwnGroup() {
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return "/";
}

}  // namespace

int64_t AvailableMemoryBytes(const std::string& meminfo_path, const std::string& groups_root,
                             const std::string& group) {
  const std::optional<int64_t> kibibytes = NumberOf(meminfo_path, "MemAvailable:");
  int64_t available = kibibytes ? *kibibytes * 1024 : kUnknown;
  // A group has at most what the groups around it have.
  for (std::string path = group; path.starts_with('/'); path.resize(path.rfind('/'))) {
    available = std::min(available, AvailableIn(groups_root + path));
  }
  return available;
}

int64_t AvailableMemoryBytes() {
  return AvailableMemoryBytes("/proc/meminfo", "/sys/fs/cgroup", OwnGroup());
}

}  // namespace primacy
