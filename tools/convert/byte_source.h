// A stream of bytes from a file or a descriptor; gzip is recognised by its first two bytes and
// inflated on the way.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "common/base/result.h"

namespace primacy {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills a prefix of `out`; its length, 0 at the end. A damaged or cut-off gzip stream is a
  // failure that names the file.
  virtual Result<size_t> Read(std::span<char> out) = 0;
};

// A file that is not there, or is a directory, is a usage error.
Result<std::unique_ptr<ByteSource>> OpenFileSource(const std::string& path);
// Does not close `fd`. `name` is for messages.
Result<std::unique_ptr<ByteSource>> OpenDescriptorSource(int fd, const std::string& name);

}  // namespace primacy
