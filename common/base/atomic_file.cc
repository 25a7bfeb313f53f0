#include "common/base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "common/base/path_error.h"

namespace primacy {
namespace {

constexpr size_t kBufferBytes = size_t{256} << 10;

Error SystemFailure(const std::string& action, const std::string& path,
                    std::source_location where = std::source_location::current()) {
  return Failure("cannot " + action + " " + path + ": " + std::strerror(errno), where);
}

Status WriteAll(int fd, std::span<const std::byte> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemFailure("write", path);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return Ok();
}

}  // namespace

Result<std::unique_ptr<AtomicFile>> AtomicFile::Create(const std::string& path) {
  // A rename would put a file in the place of a link, a pipe or a terminal.
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode))
    return UsageError("cannot write " + path + ": it is there and is no regular file");
  const std::string temporary = path + ".tmp";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return PathError("create", path, std::error_code(errno, std::generic_category()));
  return std::unique_ptr<AtomicFile>(new AtomicFile(path, fd));
}

AtomicFile::AtomicFile(std::string path, int fd)
    : path_(std::move(path)), fd_(fd), buffer_(new std::byte[kBufferBytes]) {}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!published_) ::unlink((path_ + ".tmp").c_str());
}

Status AtomicFile::Append(std::span<const std::byte> bytes) {
  size_ += bytes.size();
  if (bytes.size() >= kBufferBytes) {
    PRIMACY_TRY(Flush());
    return WriteAll(fd_, bytes, path_ + ".tmp");
  }
  while (!bytes.empty()) {
    const size_t count = std::min(bytes.size(), kBufferBytes - buffered_);
    std::memcpy(buffer_.get() + buffered_, bytes.data(), count);
    buffered_ += count;
    bytes = bytes.subspan(count);
    if (buffered_ == kBufferBytes) PRIMACY_TRY(Flush());
  }
  return Ok();
}

Status AtomicFile::Flush() {
  PRIMACY_TRY(WriteAll(fd_, {buffer_.get(), buffered_}, path_ + ".tmp"));
  buffered_ = 0;
  return Ok();
}

Status AtomicFile::Commit() {
  CHECK_GE(fd_, 0) << "committed twice: " << path_;
  PRIMACY_TRY(Flush());
  if (::fsync(fd_) != 0) return SystemFailure("sync", path_ + ".tmp");
  if (::close(std::exchange(fd_, -1)) != 0) return SystemFailure("close", path_ + ".tmp");
  if (::rename((path_ + ".tmp").c_str(), path_.c_str()) != 0) {
    return SystemFailure("rename to", path_);
  }
  published_ = true;
  const std::filesystem::path parent = std::filesystem::path(path_).parent_path();
  return SyncDirectory(parent.empty() ? "." : parent.string());
}

Status WriteFileAtomically(const std::string& path, std::span<const std::byte> bytes) {
  PRIMACY_ASSIGN(auto file, AtomicFile::Create(path));
  PRIMACY_TRY(file->Append(bytes));
  return file->Commit();
}

Status WriteFileAtomically(const std::string& path, std::string_view text) {
  return WriteFileAtomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

Result<std::string> ReadFile(const std::string& path, uint64_t bytes_max) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemFailure("open", path);
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    return Failure(path + " is not a regular file");
  }
  if (static_cast<uint64_t>(info.st_size) > bytes_max) {
    ::close(fd);
    return Failure(path + " has " + std::to_string(info.st_size) + " bytes, more than the " +
                   std::to_string(bytes_max) + " expected at most");
  }
  std::string content(static_cast<size_t>(info.st_size), '\0');
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t count = ::read(fd, content.data() + done, content.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      ::close(fd);
      return Failure("cannot read " + path + " to its end");
    }
    done += static_cast<size_t>(count);
  }
  ::close(fd);
  return content;
}

Status SyncDirectory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemFailure("open directory", path);
  const int outcome = ::fsync(fd);
  ::close(fd);
  if (outcome != 0) return SystemFailure("sync directory", path);
  return Ok();
}

Status MakeDirectories(const std::string& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code) return PathError("create directory", path, code);
  return Ok();
}

}  // namespace primacy
