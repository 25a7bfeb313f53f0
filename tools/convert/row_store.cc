#include "tools/convert/row_store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <queue>
#include <utility>

namespace primacy {
namespace {

constexpr size_t kChunkBytes = 4 << 20;
constexpr size_t kWriteBytes = 1 << 20;
constexpr uint64_t kRunBufferBytesMin = 64 << 10;
constexpr uint64_t kRunBufferBytesMax = 4 << 20;
constexpr uint32_t kRowBytesMax = 1u << 30;

struct RecordHeader {
  int64_t time;
  uint64_t number;
  uint32_t slice;
  uint32_t bytes;
};

RecordHeader HeaderAt(const std::byte* record) {
  RecordHeader header;
  ::memcpy(&header, record, sizeof(header));
  return header;
}

SequencedRow RowAt(const std::byte* record) {
  const RecordHeader header = HeaderAt(record);
  return {header.time, header.number, header.slice, {record + sizeof(header), header.bytes}};
}

}  // namespace

// Reads one run from front to back through a buffer.
class RowStore::RunReader {
 public:
  RunReader(int fd, const std::string& path, Run run, size_t buffer_bytes)
      : fd_(fd), path_(path), run_(run), buffer_(buffer_bytes) {}

  // Moves to the next row; false at the end of the run.
  Result<bool> Next() {
    if (at_ == have_ && run_.begin == run_.end) return false;
    PRIMACY_TRY(Ensure(sizeof(RecordHeader)));
    const RecordHeader header = HeaderAt(buffer_.data() + at_);
    if (header.bytes > kRowBytesMax) return Failure(path_ + ": temporary rows are damaged");
    PRIMACY_TRY(Ensure(sizeof(RecordHeader) + header.bytes));
    row_ = RowAt(buffer_.data() + at_);
    at_ += sizeof(RecordHeader) + header.bytes;
    return true;
  }
  const SequencedRow& row() const { return row_; }

 private:
  Status Ensure(size_t bytes) {
    if (have_ - at_ >= bytes) return Ok();
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(at_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(have_), buffer_.begin());
    have_ -= at_;
    at_ = 0;
    if (buffer_.size() < bytes) buffer_.resize(bytes);
    while (have_ < bytes) {
      const size_t want = std::min<uint64_t>(buffer_.size() - have_, run_.end - run_.begin);
      const ssize_t size =
          want == 0 ? 0
                    : ::pread(fd_, buffer_.data() + have_, want, static_cast<off_t>(run_.begin));
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return Failure(path_ + ": temporary rows cannot be read back");
      have_ += static_cast<size_t>(size);
      run_.begin += static_cast<uint64_t>(size);
    }
    return Ok();
  }

  const int fd_;
  const std::string& path_;
  Run run_;  // what is still to be read
  std::vector<std::byte> buffer_;
  size_t at_ = 0;
  size_t have_ = 0;
  SequencedRow row_;
};

RowStore::RowStore(std::string spill_path, uint64_t memory_bytes_max)
    : spill_path_(std::move(spill_path)), memory_bytes_max_(memory_bytes_max) {}

RowStore::~RowStore() {
  if (spill_fd_ < 0) return;
  ::close(spill_fd_);
  ::unlink(spill_path_.c_str());
}

std::byte* RowStore::Allocate(size_t bytes) {
  if (bytes > chunk_left_) {
    const size_t size = std::max(bytes, kChunkBytes);
    chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
    chunk_at_ = chunks_.back().get();
    chunk_left_ = size;
  }
  std::byte* at = chunk_at_;
  chunk_at_ += bytes;
  chunk_left_ -= bytes;
  return at;
}

Status RowStore::Add(const SequencedRow& row) {
  CHECK_LE(row.bytes.size(), kRowBytesMax);
  if (full() && !entries_.empty()) PRIMACY_TRY(Spill());
  const RecordHeader header{row.time, row.number, row.slice,
                            static_cast<uint32_t>(row.bytes.size())};
  std::byte* record = Allocate(sizeof(header) + row.bytes.size());
  ::memcpy(record, &header, sizeof(header));
  if (!row.bytes.empty()) ::memcpy(record + sizeof(header), row.bytes.data(), row.bytes.size());
  if (!entries_.empty()) {
    const Entry& last = entries_.back();
    sorted_ &= std::pair(last.time, last.number) < std::pair(row.time, row.number);
  }
  entries_.push_back({row.time, row.number, record});
  memory_bytes_ += sizeof(header) + row.bytes.size() + sizeof(Entry);
  ++rows_;
  return Ok();
}

void RowStore::SortEntries() {
  if (!sorted_) {
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return a.time != b.time ? a.time < b.time : a.number < b.number;
    });
  }
  sorted_ = true;
}

void RowStore::ClearMemory() {
  entries_.clear();
  chunks_.clear();
  chunk_at_ = nullptr;
  chunk_left_ = 0;
  memory_bytes_ = 0;
}

Status RowStore::Spill() {
  if (spill_fd_ < 0) {
    spill_fd_ = ::open(spill_path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (spill_fd_ < 0) return Failure("creating " + spill_path_ + ": " + ::strerror(errno));
  }
  SortEntries();
  const uint64_t begin = spill_end_;
  std::vector<std::byte> buffer;
  const auto flush = [&]() -> Status {
    for (size_t written = 0; written < buffer.size();) {
      const ssize_t size = ::pwrite(spill_fd_, buffer.data() + written, buffer.size() - written,
                                    static_cast<off_t>(spill_end_));
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return Failure("writing " + spill_path_ + ": " + ::strerror(errno));
      written += static_cast<size_t>(size);
      spill_end_ += static_cast<uint64_t>(size);
    }
    buffer.clear();
    return Ok();
  };
  for (const Entry& entry : entries_) {
    const size_t size = sizeof(RecordHeader) + HeaderAt(entry.record).bytes;
    buffer.insert(buffer.end(), entry.record, entry.record + size);
    if (buffer.size() >= kWriteBytes) PRIMACY_TRY(flush());
  }
  PRIMACY_TRY(flush());
  runs_.push_back({begin, spill_end_});
  ClearMemory();
  return Ok();
}

Status RowStore::Drain(const std::function<Status(const SequencedRow&)>& visit) {
  rows_ = 0;
  if (runs_.empty()) {
    SortEntries();
    for (const Entry& entry : entries_) PRIMACY_TRY(visit(RowAt(entry.record)));
    ClearMemory();
    return Ok();
  }
  if (!entries_.empty()) PRIMACY_TRY(Spill());
  const size_t buffer_bytes =
      std::clamp(memory_bytes_max_ / runs_.size(), kRunBufferBytesMin, kRunBufferBytesMax);
  std::vector<std::unique_ptr<RunReader>> readers;
  const auto later = [&](size_t a, size_t b) {
    const SequencedRow& x = readers[a]->row();
    const SequencedRow& y = readers[b]->row();
    return std::pair(x.time, x.number) > std::pair(y.time, y.number);
  };
  std::priority_queue<size_t, std::vector<size_t>, decltype(later)> next(later);
  for (const Run& run : runs_) {
    readers.push_back(std::make_unique<RunReader>(spill_fd_, spill_path_, run, buffer_bytes));
    PRIMACY_ASSIGN(const bool there, readers.back()->Next());
    if (there) next.push(readers.size() - 1);
  }
  while (!next.empty()) {
    const size_t run = next.top();
    next.pop();
    PRIMACY_TRY(visit(readers[run]->row()));
    PRIMACY_ASSIGN(const bool there, readers[run]->Next());
    if (there) next.push(run);
  }
  runs_.clear();
  return Ok();
}

}  // namespace primacy
