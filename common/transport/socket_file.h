// The name of a Unix socket in the file system.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"

namespace primacy::transport {

// A path in a new directory, primacy-wire-XXXXXX, that only its owner may enter. Both go with this
// object. What a killed process leaves behind harms nobody, as names are random, and is removed by
// a later Create of the same user: whoever lives holds a lock (flock) on its directory.
class SocketFile {
 public:
  // In $TMPDIR, or in /tmp when that is not set, cannot be written to, or makes the path longer
  // than the address of a socket may be.
  static Result<std::unique_ptr<SocketFile>> Create();
  ~SocketFile();
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;

  // Nothing is there yet. At most kUnixPathBytesMax bytes.
  const std::string& path() const { return path_; }

 private:
  SocketFile(std::string directory, int lock);

  const std::string directory_;
  const std::string path_;
  const int lock_;  // descriptor of the directory; -1 where the file system has no locks
};

}  // namespace primacy::transport
