#include "worker/trainer/worker_log.h"

namespace primacy {

Result<WorkerLog::Slice> WorkerLog::Open(const std::string& name) {
  const auto found = slices_.find(name);
  if (found != slices_.end()) return found->second;
  const std::string path = name == "." ? root_ : root_ + "/" + name;
  PRIMACY_ASSIGN(std::shared_ptr<const LogDirectory> directory, LogDirectory::Open(path));
  Slice slice{directory, {MakeLogSource(directory), cache_}};
  slices_[name] = slice;
  return slice;
}

}  // namespace primacy
