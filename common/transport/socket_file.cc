#include "common/transport/socket_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/base/path_error.h"
#include "common/transport/transport.h"

namespace primacy::transport {
namespace {

constexpr std::string_view kPrefix = "primacy-wire-";
constexpr std::string_view kRandomPart = "XXXXXX";
constexpr std::string_view kName = "/socket";
constexpr char kFallback[] = "/tmp";
// A younger directory may belong to a process that has yet to lock it.
constexpr std::chrono::minutes kAbandonedAfter{1};

// Another process may have another working directory.
bool IsUsable(const std::string& parent) {
  return parent.starts_with('/') &&
         parent.size() + 1 + kPrefix.size() + kRandomPart.size() + kName.size() <=
             kUnixPathBytesMax;
}

// A descriptor that holds the lock, or -1: somebody else does, or the directory cannot be opened.
int LockDirectory(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  if (fd >= 0) ::close(fd);
  return -1;
}

bool MayBeAbandoned(const std::string& directory) {
  struct stat status {};
  if (::lstat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return false;
  const auto changed = std::chrono::system_clock::from_time_t(status.st_mtime);
  return status.st_uid == ::geteuid() &&
         std::chrono::system_clock::now() - changed > kAbandonedAfter;
}

void Remove(const std::string& directory) {
  ::unlink((directory + std::string(kName)).c_str());
  ::rmdir(directory.c_str());
}

// The system drops a lock when its process is gone, however that came.
void RemoveAbandoned(const std::string& parent) {
  std::error_code error;
  for (std::filesystem::directory_iterator it(parent, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename();
    if (!name.starts_with(kPrefix) || name.size() != kPrefix.size() + kRandomPart.size()) continue;
    const std::string directory = it->path();
    if (!MayBeAbandoned(directory)) continue;
    const int lock = LockDirectory(directory);
    if (lock < 0) continue;
    Remove(directory);
    ::close(lock);
  }
}

}  // namespace

Result<std::unique_ptr<SocketFile>> SocketFile::Create() {
  const char* wanted = std::getenv("TMPDIR");
  int failure = 0;
  for (const std::string parent : {wanted == nullptr ? "" : wanted, kFallback}) {
    if (!IsUsable(parent)) continue;
    RemoveAbandoned(parent);
    std::string directory = parent + "/" + std::string(kPrefix) + std::string(kRandomPart);
    // With mode 0700.
    if (::mkdtemp(directory.data()) == nullptr) {
      failure = errno;
      continue;
    }
    const int lock = LockDirectory(directory);
    return std::unique_ptr<SocketFile>(new SocketFile(std::move(directory), lock));
  }
  return PathError("create a directory in", kFallback,
                   std::error_code(failure, std::generic_category()));
}

SocketFile::SocketFile(std::string directory, int lock)
    : directory_(std::move(directory)), path_(directory_ + std::string(kName)), lock_(lock) {}

SocketFile::~SocketFile() {
  Remove(directory_);
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace primacy::transport
