#include <utility>

#include "common/transport/buffer_pool.h"
#include "common/transport/message.h"

namespace primacy {
namespace {

// Some messages of a step of the usual size, both ways.
constexpr size_t kIdleBytesMax = size_t{64} << 20;

// Outlives whatever still holds a buffer when the process ends.
transport::BufferPool& Pool() {
  static auto* pool = new transport::BufferPool(kIdleBytesMax);
  return *pool;
}

}  // namespace

RawBuffer::RawBuffer(size_t bytes) : size_(bytes) {
  if (bytes > 0) data_ = Pool().Take(bytes);
}

RawBuffer::RawBuffer(RawBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

RawBuffer& RawBuffer::operator=(RawBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

RawBuffer::~RawBuffer() {
  if (data_ != nullptr) Pool().Return(data_, size_);
}

}  // namespace primacy
