// A directory that appears whole or not at all.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "common/base/result.h"
#include "common/base/scratch_dir.h"

namespace primacy {

// Files are written into folder(), beside the directory to be; Publish renames it. Destroyed
// before, nothing is left; what a killed process has left goes when the same directory is begun
// again.
class OutDir {
 public:
  // Usage error: `path` is a file or a directory that is not empty.
  static Result<std::unique_ptr<OutDir>> Create(const std::string& path);

  const std::string& folder() const { return scratch_->path(); }
  // At most once.
  Status Publish() { return scratch_->PublishAs(path_); }

 private:
  OutDir(std::string path, std::unique_ptr<ScratchDir> scratch)
      : path_(std::move(path)), scratch_(std::move(scratch)) {}

  const std::string path_;
  const std::unique_ptr<ScratchDir> scratch_;
};

}  // namespace primacy
