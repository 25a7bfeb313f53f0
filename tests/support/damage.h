// What a bad disk does.
#pragma once

#include <glog/logging.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace primacy::testing_support {

// Flips one bit in the middle of a file.
inline void FlipBit(const std::string& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  CHECK(file) << path;
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
  file.seekg(middle);
  const int byte = file.get();
  file.seekp(middle);
  file.put(static_cast<char>(byte ^ 0x10));
  CHECK(file.flush()) << path;
}

}  // namespace primacy::testing_support
