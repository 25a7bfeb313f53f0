#include "tools/convert/byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace primacy {
namespace {

constexpr size_t kCompressedBufferBytes = 256 * 1024;

// A descriptor, perhaps owned, with a few bytes of look-ahead for the recognition of gzip.
class PlainSource : public ByteSource {
 public:
  PlainSource(int fd, bool owned, std::string name)
      : fd_(fd), owned_(owned), name_(std::move(name)) {}
  ~PlainSource() override {
    if (owned_) ::close(fd_);
  }

  Result<size_t> Read(std::span<char> out) override {
    if (!ahead_.empty()) {
      const size_t size = std::min(out.size(), ahead_.size());
      std::copy_n(ahead_.begin(), size, out.begin());
      ahead_.erase(0, size);
      return size;
    }
    while (true) {
      const ssize_t size = ::read(fd_, out.data(), out.size());
      if (size >= 0) return static_cast<size_t>(size);
      if (errno != EINTR) return Failure("reading " + name_ + ": " + ::strerror(errno));
    }
  }

  // The first `size` bytes (fewer at the end) without consuming them.
  Result<std::string> Peek(size_t size) {
    std::string bytes(size, '\0');
    size_t have = 0;
    while (have < size) {
      PRIMACY_ASSIGN(const size_t more, Read(std::span(bytes).subspan(have)));
      if (more == 0) break;
      have += more;
    }
    bytes.resize(have);
    ahead_ = bytes;
    return bytes;
  }

  const std::string& name() const { return name_; }

 private:
  const int fd_;
  const bool owned_;
  const std::string name_;
  std::string ahead_;
};

// Inflates one gzip member after another.
class GzipSource : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<PlainSource> source)
      : source_(std::move(source)), buffer_(kCompressedBufferBytes) {
    CHECK_EQ(::inflateInit2(&stream_, 16 + MAX_WBITS), Z_OK);
  }
  ~GzipSource() override { ::inflateEnd(&stream_); }

  Result<size_t> Read(std::span<char> out) override {
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(out.size(), 1u << 30));
    const uInt room = stream_.avail_out;
    while (stream_.avail_out == room && !ended_) PRIMACY_TRY(Inflate());
    return static_cast<size_t>(room - stream_.avail_out);
  }

 private:
  Status Inflate() {
    if (stream_.avail_in == 0) {
      PRIMACY_ASSIGN(const size_t size, source_->Read(buffer_));
      if (size == 0) {
        ended_ = true;
        if (inside_) return Failure(source_->name() + ": the gzip stream is cut off");
        return Ok();
      }
      stream_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_in = static_cast<uInt>(size);
    }
    inside_ = true;
    const int code = ::inflate(&stream_, Z_NO_FLUSH);
    if (code == Z_STREAM_END) {
      inside_ = false;
      CHECK_EQ(::inflateReset(&stream_), Z_OK);
      return Ok();
    }
    if (code != Z_OK && code != Z_BUF_ERROR) {
      return Failure(source_->name() + ": damaged gzip stream" +
                     (stream_.msg == nullptr ? "" : std::string(": ") + stream_.msg));
    }
    return Ok();
  }

  std::unique_ptr<PlainSource> source_;
  std::vector<char> buffer_;
  z_stream stream_ = {};
  bool inside_ = true;  // in the middle of a member
  bool ended_ = false;
};

Result<std::unique_ptr<ByteSource>> Recognise(std::unique_ptr<PlainSource> source) {
  PRIMACY_ASSIGN(const std::string magic, source->Peek(2));
  if (magic == "\x1f\x8b") {
    return std::unique_ptr<ByteSource>(std::make_unique<GzipSource>(std::move(source)));
  }
  return std::unique_ptr<ByteSource>(std::move(source));
}

}  // namespace

Result<std::unique_ptr<ByteSource>> OpenFileSource(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return UsageError("input " + path + ": " + ::strerror(errno));
  auto source = std::make_unique<PlainSource>(fd, /*owned=*/true, path);
  struct stat information;
  if (::fstat(fd, &information) == 0 && S_ISDIR(information.st_mode)) {
    return UsageError("input " + path + " is a directory; name its files");
  }
  return Recognise(std::move(source));
}

Result<std::unique_ptr<ByteSource>> OpenDescriptorSource(int fd, const std::string& name) {
  return Recognise(std::make_unique<PlainSource>(fd, /*owned=*/false, name));
}

}  // namespace primacy
