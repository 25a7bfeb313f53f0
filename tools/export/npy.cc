#include "tools/export/npy.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "common/base/strings.h"

namespace primacy {
namespace {

constexpr size_t kAlignment = 64;
constexpr std::string_view kMagicAndVersion("\x93NUMPY\x01\x00", 8);

std::span<const std::byte> AsBytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

Error SystemFailure(const std::string& action, const std::string& path,
                    std::source_location where = std::source_location::current()) {
  return Failure("cannot " + action + " " + path + ": " + std::strerror(errno), where);
}

// An open file of one call.
class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool ok() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  bool WriteAt(uint64_t offset, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return false;
      offset += static_cast<uint64_t>(count);
      bytes = bytes.subspan(static_cast<size_t>(count));
    }
    return true;
  }

 private:
  const int fd_;
};

}  // namespace

uint64_t NpyArray::elements() const {
  uint64_t product = 1;
  for (const uint64_t side : shape) product *= side;
  return product;
}

std::string NpyHeader(const NpyArray& array) {
  CHECK(!array.shape.empty());
  // "5," with one side, "3, 8" with two.
  std::string shape;
  for (const uint64_t side : array.shape) {
    if (!shape.empty()) shape += ", ";
    shape += std::to_string(side);
  }
  if (array.shape.size() == 1) shape += ',';
  std::string text = Format("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }",
                            array.type == NpyType::kFloat32 ? "<f4" : "<u8", shape.c_str());
  const size_t fixed = kMagicAndVersion.size() + 2;
  const size_t total = (fixed + text.size() + 1 + kAlignment - 1) / kAlignment * kAlignment;
  text.resize(total - fixed - 1, ' ');
  text += '\n';
  CHECK_LT(text.size(), 65536u);
  std::string header(kMagicAndVersion);
  header += static_cast<char>(text.size() & 0xFF);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

Result<std::unique_ptr<NpyStream>> NpyStream::Create(const std::string& path,
                                                     const NpyArray& array) {
  PRIMACY_ASSIGN(auto file, AtomicFile::Create(path));
  const std::string header = NpyHeader(array);
  PRIMACY_TRY(file->Append(AsBytes(header)));
  const uint64_t file_bytes = header.size() + array.elements() * array.element_bytes();
  return std::unique_ptr<NpyStream>(new NpyStream(path, std::move(file), file_bytes));
}

Status NpyStream::Append(std::span<const std::byte> elements) { return file_->Append(elements); }

Status NpyStream::Finish() {
  if (file_->size() != file_bytes_) {
    return Failure(Format("%s: %llu bytes written where %llu were announced", path_.c_str(),
                          static_cast<unsigned long long>(file_->size()),
                          static_cast<unsigned long long>(file_bytes_)));
  }
  return file_->Commit();
}

Result<NpyPatchwork> NpyPatchwork::Create(const std::string& path, const NpyArray& array) {
  CHECK(array.type == NpyType::kFloat32);
  const std::string header = NpyHeader(array);
  File file(path, O_WRONLY | O_CREAT | O_EXCL);
  const auto bytes = static_cast<off_t>(header.size() + array.elements() * array.element_bytes());
  if (!file.ok() || !file.WriteAt(0, AsBytes(header)) || ::ftruncate(file.fd(), bytes) != 0) {
    return SystemFailure("create", path);
  }
  return NpyPatchwork(path, header.size(), array.elements());
}

Status NpyPatchwork::WriteAt(uint64_t first, std::span<const float> elements) {
  CHECK(first <= elements_ && elements.size() <= elements_ - first) << path_;
  File file(path_, O_WRONLY);
  if (!file.ok() || !file.WriteAt(header_bytes_ + first * sizeof(float), std::as_bytes(elements))) {
    return SystemFailure("write", path_);
  }
  written_ += elements.size();
  return Ok();
}

Status NpyPatchwork::Finish() {
  if (written_ != elements_) {
    return Failure(Format("%s: the checkpoint holds %llu of its %llu elements", path_.c_str(),
                          static_cast<unsigned long long>(written_),
                          static_cast<unsigned long long>(elements_)));
  }
  File file(path_, O_WRONLY);
  if (!file.ok() || ::fsync(file.fd()) != 0) return SystemFailure("sync", path_);
  return Ok();
}

}  // namespace primacy
