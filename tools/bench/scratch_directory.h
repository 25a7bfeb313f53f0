// A directory for what a bench writes, gone at the end of its scope.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"

namespace primacy {

class ScratchDirectory {
 public:
  // In $TMPDIR, or /tmp.
  static Result<std::unique_ptr<ScratchDirectory>> Create();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

}  // namespace primacy
