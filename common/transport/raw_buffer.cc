#include <cstdlib>
#include <utility>

#include "common/transport/message.h"

namespace primacy {

// Not zeroed: every byte is overwritten by what is received.
RawBuffer::RawBuffer(size_t bytes) : size_(bytes) {
  constexpr size_t kAlignment = 64;
  if (bytes == 0) return;
  CHECK_LE(bytes, SIZE_MAX - kAlignment);
  const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  data_ = static_cast<std::byte*>(std::aligned_alloc(kAlignment, rounded));
  CHECK(data_ != nullptr) << "out of memory: " << bytes << " bytes for a message";
}

RawBuffer::RawBuffer(RawBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

RawBuffer& RawBuffer::operator=(RawBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

RawBuffer::~RawBuffer() { std::free(data_); }

}  // namespace primacy
