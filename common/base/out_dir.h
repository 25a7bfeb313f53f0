// A directory that appears whole or not at all.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"

namespace primacy {

// Files are written into folder(), beside the directory to be; Publish renames it. Destroyed
// before, nothing is left.
class OutDir {
 public:
  // Usage error: `path` is a file or a directory that is not empty.
  static Result<std::unique_ptr<OutDir>> Create(const std::string& path);
  ~OutDir();
  OutDir(const OutDir&) = delete;
  OutDir& operator=(const OutDir&) = delete;

  const std::string& folder() const { return folder_; }
  // At most once.
  Status Publish();

 private:
  OutDir(std::string path, std::string folder);

  const std::string path_;
  const std::string folder_;
  bool published_ = false;
};

}  // namespace primacy
