// One user of a directory at a time.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"

namespace primacy {

// Held from Take to destruction, or to the end of the process, however it ends: an advisory lock
// (flock) on a file in the directory, which stays there.
class DirectoryLock {
 public:
  // Usage error when another process holds it, naming its pid; waits a moment for one that is
  // ending.
  static Result<std::unique_ptr<DirectoryLock>> Take(const std::string& directory,
                                                     const std::string& file_name);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace primacy
