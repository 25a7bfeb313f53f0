// Values as the bytes they have in memory, one after another behind a header from which their
// length follows: how workers send each other parts of evaluations.
#pragma once

#include <glog/logging.h>

#include <bit>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/strings.h"

namespace primacy {

static_assert(std::endian::native == std::endian::little);

template <typename T>
void PutValues(const T* values, size_t count, std::string& bytes) {
  bytes.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

// Takes from the front of `bytes`, which outlive the reader. Errors begin with `name`, a literal:
// what the bytes are.
class ValueReader {
 public:
  ValueReader(const char* name, const std::string& bytes) : name_(name), bytes_(bytes) {}

  Error Refuse(const std::string& why) const { return Failure(std::string(name_) + ": " + why); }

  // Header has a member `magic`, which a default one has right.
  template <typename Header>
  Result<Header> TakeHeader() {
    Header header;
    const auto magic = header.magic;
    if (bytes_.size() < sizeof(Header)) return Refuse("cut off in the header");
    Take(1, &header);
    if (header.magic != magic) return Refuse("wrong magic");
    return header;
  }
  // To be called before the values are taken: that exactly `bytes` are left. Counts of a header
  // may be anything, so their products are of more bits than they are.
  Status CheckLeft(__uint128_t bytes) const {
    if (bytes == bytes_.size() - at_) return Ok();
    return Refuse(Format("%zu bytes do not fit the header", bytes_.size()));
  }

  // REQUIRES: there are as many.
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
  const char* const name_;
  const std::string& bytes_;
  size_t at_ = 0;
};

}  // namespace primacy
