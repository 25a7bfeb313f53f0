#include "common/base/scratch_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/path_error.h"
#include "common/base/strings.h"

namespace primacy {
namespace {

namespace fs = std::filesystem;

constexpr size_t kDigits = 8;

std::error_code LastError() { return {errno, std::generic_category()}; }

std::string ParentOf(const fs::path& path) {
  const fs::path parent = path.parent_path();
  return parent.empty() ? "." : parent.string();
}

// A descriptor that holds the directory's lock; -1: somebody else does, or there is no such
// directory.
int Lock(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  if (fd >= 0) ::close(fd);
  return -1;
}

bool IsScratchName(const std::string& name, const std::string& prefix) {
  return name.size() == prefix.size() + kDigits && name.starts_with(prefix) &&
         std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

void RemoveAbandoned(const fs::path& prefix) {
  std::vector<std::string> found;
  std::error_code code;
  for (fs::directory_iterator entry(ParentOf(prefix), code), end; !code && entry != end;
       entry.increment(code)) {
    if (IsScratchName(entry->path().filename().string(), prefix.filename().string()))
      found.push_back(entry->path().string());
  }
  for (const std::string& path : found) {
    const int fd = Lock(path);
    if (fd < 0) continue;
    fs::remove_all(path, code);
    ::close(fd);
  }
}

}  // namespace

Result<std::unique_ptr<ScratchDir>> ScratchDir::Create(const std::string& prefix) {
  RemoveAbandoned(prefix);
  const std::string path = prefix + Format("%08x", std::random_device()());
  if (::mkdir(path.c_str(), 0777) != 0) return PathError("create directory", path, LastError());
  const int fd = Lock(path);
  if (fd < 0) return PathError("lock", path, LastError());
  return std::unique_ptr<ScratchDir>(new ScratchDir(path, fd));
}

ScratchDir::~ScratchDir() {
  std::error_code ignored;
  if (!published_) fs::remove_all(path_, ignored);
  ::close(fd_);
}

Status ScratchDir::PublishAs(const std::string& path) {
  CHECK(!published_);
  PRIMACY_TRY(SyncDirectory(path_));
  // Replaces an empty directory, and fails on one that has been filled meanwhile.
  if (::rename(path_.c_str(), path.c_str()) != 0)
    return Failure("renaming " + path_ + " to " + path + ": " + std::strerror(errno));
  published_ = true;
  return SyncDirectory(ParentOf(path));
}

}  // namespace primacy
