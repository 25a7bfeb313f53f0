// Reads a .npy file for tests, strictly: what it accepts is what numpy.save would have written.
#pragma once

#include <glog/logging.h>

#include <cstdint>
#include <cstring>
#include <regex>
#include <string>
#include <vector>

#include "common/base/atomic_file.h"

namespace primacy::testing_support {

template <typename T>
struct Npy {
  std::vector<uint64_t> shape;
  std::vector<T> elements;
};

template <typename T>
Npy<T> ReadNpy(const std::string& path) {
  const std::string bytes = *ReadFile(path, 1 << 28);
  CHECK(bytes.compare(0, 8, std::string("\x93NUMPY\x01\x00", 8)) == 0) << path;
  const size_t header = static_cast<uint8_t>(bytes[8]) + 256u * static_cast<uint8_t>(bytes[9]);
  CHECK_EQ((10 + header) % 64, 0u) << path;
  const std::string text = bytes.substr(10, header);
  static const std::regex kHeader(
      R"re(\{'descr': '<(f4|u8)', 'fortran_order': False, 'shape': \(([0-9, ]*)\), \} *\n)re");
  std::smatch match;
  CHECK(std::regex_match(text, match, kHeader)) << text;
  CHECK(match[1].str() == (sizeof(T) == 4 ? "f4" : "u8")) << text;
  Npy<T> array;
  uint64_t count = 1;
  const std::string shape = match[2].str();
  static const std::regex kNumber("[0-9]+");
  for (std::sregex_iterator side(shape.begin(), shape.end(), kNumber), end; side != end; ++side) {
    array.shape.push_back(std::stoull(side->str()));
    count *= array.shape.back();
  }
  CHECK_EQ(bytes.size(), 10 + header + count * sizeof(T)) << path;
  array.elements.resize(count);
  if (count > 0) std::memcpy(array.elements.data(), bytes.data() + 10 + header, count * sizeof(T));
  return array;
}

}  // namespace primacy::testing_support
