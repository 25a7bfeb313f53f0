// Values as the bytes they have in memory, one after another: how workers send each other parts of
// evaluations.
#pragma once

#include <glog/logging.h>

#include <bit>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

namespace primacy {

static_assert(std::endian::native == std::endian::little);

template <typename T>
void PutValues(const T* values, size_t count, std::string& bytes) {
  bytes.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

// Takes from the front of `bytes`, which outlive the cursor and whose length was checked before.
class ValueCursor {
 public:
  explicit ValueCursor(const std::string& bytes) : bytes_(bytes) {}

  template <typename T>
  void Take(size_t count, T* values) {
    CHECK_LE(count * sizeof(T), bytes_.size() - at_);
    if (count > 0) std::memcpy(values, bytes_.data() + at_, count * sizeof(T));
    at_ += count * sizeof(T);
  }
  template <typename T>
  void Take(size_t count, std::vector<T>& values) {
    values.resize(count);
    Take(count, values.data());
  }

 private:
  const std::string& bytes_;
  size_t at_ = 0;
};

}  // namespace primacy
