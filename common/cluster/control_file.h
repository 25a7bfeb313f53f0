// DIR/control.json: where the coordinator of a running job listens, and the secret that lets one
// talk to it. Only its owner may read it; it is there for as long as the job runs.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"

namespace primacy {

struct ControlInfo {
  std::string endpoint;  // "host:port"
  std::string secret;
};

// Publishes the file, and removes it at the end of its life.
class ControlFile {
 public:
  static Result<std::unique_ptr<ControlFile>> Create(const std::string& run_dir,
                                                     const ControlInfo& info);
  ~ControlFile();
  ControlFile(const ControlFile&) = delete;
  ControlFile& operator=(const ControlFile&) = delete;

 private:
  explicit ControlFile(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

Result<ControlInfo> ReadControlFile(const std::string& run_dir);
// Of a job that did not end in order.
void RemoveControlFile(const std::string& run_dir);

}  // namespace primacy
