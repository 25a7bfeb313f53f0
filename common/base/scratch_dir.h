// A directory for what is not finished yet, which nobody has to remove by hand.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"

namespace primacy {

// Named PREFIX and 8 hexadecimal digits. Locked (flock) while its owner lives: those of killed
// owners are known by it.
class ScratchDir {
 public:
  // `prefix` is a path: "scores.csv.parts-". Removes what killed owners have left under the same
  // prefix. Errors name the path.
  static Result<std::unique_ptr<ScratchDir>> Create(const std::string& prefix);
  // Removes it with all that is in it, unless it was published.
  ~ScratchDir();
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;

  const std::string& path() const { return path_; }
  // Renames it to `path`, which must not be there or be an empty directory. At most once.
  Status PublishAs(const std::string& path);

 private:
  ScratchDir(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  const std::string path_;
  const int fd_;  // holds the lock
  bool published_ = false;
};

}  // namespace primacy
