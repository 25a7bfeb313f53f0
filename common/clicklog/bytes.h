// Little-endian numbers in and out of byte buffers, never past the end.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace primacy {

static_assert(std::endian::native == std::endian::little, "the formats are copied byte for byte");

using ByteVector = std::vector<std::byte>;

template <typename T>
void PutNumber(T value, ByteVector& out) {
  static_assert(std::is_arithmetic_v<T>);
  const size_t at = out.size();
  out.resize(at + sizeof(T));
  std::memcpy(out.data() + at, &value, sizeof(T));
}

inline void PutBytes(std::span<const std::byte> bytes, ByteVector& out) {
  if (bytes.empty()) return;
  const size_t at = out.size();
  out.resize(at + bytes.size());
  std::memcpy(out.data() + at, bytes.data(), bytes.size());
}

// Takes numbers from the front of a buffer. A take past the end gives zero or an empty span and
// makes ok() false for good, so that a group of fields is read first and checked once.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <typename T>
  T Take() {
    static_assert(std::is_arithmetic_v<T>);
    const std::span<const std::byte> source = TakeBytes(sizeof(T));
    T value{};
    if (!source.empty()) std::memcpy(&value, source.data(), sizeof(T));
    return value;
  }

  std::span<const std::byte> TakeBytes(size_t count) {
    if (!ok_ || count > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::span<const std::byte> taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }

  bool ok() const { return ok_; }
  size_t left() const { return bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  bool ok_ = true;
};

}  // namespace primacy
