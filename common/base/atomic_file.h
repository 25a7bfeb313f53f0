// A file that is either whole or not there: written beside its name, synced, renamed, and the
// directory synced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "common/base/result.h"

namespace primacy {

// Writes `path`.tmp sequentially; Commit publishes it as `path`. Destroyed without Commit, it
// removes what it wrote. Not thread safe. Errors (a full disk, a missing directory) name the path.
class AtomicFile {
 public:
  static Result<std::unique_ptr<AtomicFile>> Create(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  Status Append(std::span<const std::byte> bytes);
  // Bytes appended so far.
  uint64_t size() const { return size_; }
  // Flush, fsync, rename, fsync of the directory. At most once; nothing may be appended after.
  Status Commit();

 private:
  AtomicFile(std::string path, int fd);
  Status Flush();

  const std::string path_;
  int fd_;  // -1 once closed
  bool published_ = false;
  uint64_t size_ = 0;
  std::unique_ptr<std::byte[]> buffer_;
  size_t buffered_ = 0;
};

// The whole of `bytes` as `path`, atomically.
Status WriteFileAtomically(const std::string& path, std::span<const std::byte> bytes);
Status WriteFileAtomically(const std::string& path, std::string_view text);
// The whole file; refuses one larger than `bytes_max`.
Result<std::string> ReadFile(const std::string& path, uint64_t bytes_max);
// Makes renames and new entries of directory `path` durable.
Status SyncDirectory(const std::string& path);
// Creates `path` and its parents; fine when it is there already.
Status MakeDirectories(const std::string& path);

}  // namespace primacy
