// NumPy's .npy files, format version 1.0: a text header with type and shape, then the elements in C
// order, little-endian. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/result.h"

namespace primacy {

enum class NpyType { kFloat32, kUint64 };

struct NpyArray {
  NpyType type = NpyType::kFloat32;
  std::vector<uint64_t> shape;

  uint64_t elements() const;
  uint64_t element_bytes() const { return type == NpyType::kFloat32 ? 4 : 8; }
};

// Magic, version and the header, a multiple of 64 bytes.
std::string NpyHeader(const NpyArray& array);

// An array written from its first element to its last; the file appears at Finish. Not thread safe.
class NpyStream {
 public:
  static Result<std::unique_ptr<NpyStream>> Create(const std::string& path, const NpyArray& array);

  Status Append(std::span<const std::byte> elements);
  // Fails unless exactly the elements of the shape were appended.
  Status Finish();

 private:
  NpyStream(std::string path, std::unique_ptr<AtomicFile> file, uint64_t file_bytes)
      : path_(std::move(path)), file_(std::move(file)), file_bytes_(file_bytes) {}

  const std::string path_;
  const std::unique_ptr<AtomicFile> file_;
  const uint64_t file_bytes_;  // when it is whole
};

// An array written in any order. It holds no open file, so there may be any number of them. Not
// thread safe.
class NpyPatchwork {
 public:
  // The file is there at once, with all elements 0.
  static Result<NpyPatchwork> Create(const std::string& path, const NpyArray& array);

  // Writes elements from number `first` on.
  Status WriteAt(uint64_t first, std::span<const float> elements);
  // On disk afterwards. Fails unless as many elements were written as the shape has.
  Status Finish();

 private:
  NpyPatchwork(std::string path, uint64_t header_bytes, uint64_t elements)
      : path_(std::move(path)), header_bytes_(header_bytes), elements_(elements) {}

  std::string path_;
  uint64_t header_bytes_;
  uint64_t elements_;
  uint64_t written_ = 0;
};

}  // namespace primacy
