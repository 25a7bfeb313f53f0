#include "common/base/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "common/base/path_error.h"
#include "common/base/strings.h"

namespace primacy {
namespace {

constexpr int kTries = 20;
constexpr std::chrono::milliseconds kBetween{100};

std::string HolderOf(int fd) {
  char text[32];
  const ssize_t size = ::pread(fd, text, sizeof(text), 0);
  return size > 0 ? std::string(Trim(std::string_view(text, static_cast<size_t>(size)))) : "?";
}

}  // namespace

Result<std::unique_ptr<DirectoryLock>> DirectoryLock::Take(const std::string& directory,
                                                           const std::string& file_name) {
  const std::string path = directory + "/" + file_name;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return PathError("open", path, std::error_code(errno, std::generic_category()));
  auto lock = std::unique_ptr<DirectoryLock>(new DirectoryLock(fd));
  for (int tried = 0; ::flock(fd, LOCK_EX | LOCK_NB) != 0; ++tried) {
    if (errno != EWOULDBLOCK)
      return PathError("lock", path, std::error_code(errno, std::generic_category()));
    if (tried == kTries) return UsageError(directory + " is in use by process " + HolderOf(fd));
    std::this_thread::sleep_for(kBetween);
  }
  // For the message above; nothing depends on it.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) == 0 && ::pwrite(fd, pid.data(), pid.size(), 0) < 0)
    return PathError("write", path, std::error_code(errno, std::generic_category()));
  return lock;
}

DirectoryLock::~DirectoryLock() { ::close(fd_); }

}  // namespace primacy
