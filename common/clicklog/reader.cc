#include "common/clicklog/reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "common/base/crc32c.h"
#include "common/base/strings.h"
#include "common/clicklog/block_codec.h"
#include "common/clicklog/format.h"
#include "common/clicklog/schema.h"

namespace primacy {
namespace {

using Buffer = std::unique_ptr<std::byte[]>;

// An open file that is closed at the end of the scope.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  bool ok() const { return fd_ >= 0; }

  Result<uint64_t> Size() const {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) return Failure(std::strerror(errno));
    if (!S_ISREG(info.st_mode)) return Failure("not a regular file");
    return static_cast<uint64_t>(info.st_size);
  }

  Result<Buffer> Read(uint64_t offset, size_t count) const {
    Buffer buffer = std::make_unique_for_overwrite<std::byte[]>(count);
    size_t done = 0;
    while (done < count) {
      const ssize_t got =
          ::pread(fd_, buffer.get() + done, count - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Failure(Format("cannot read: %s", std::strerror(errno)));
      if (got == 0) return Failure("cut off");
      done += static_cast<size_t>(got);
    }
    return buffer;
  }

 private:
  const int fd_;
};

Result<Buffer> Decompress(std::span<const std::byte> frame, size_t payload_bytes) {
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != payload_bytes) {
    return Failure("the frame does not hold the stated payload");
  }
  Buffer payload = std::make_unique_for_overwrite<std::byte[]>(payload_bytes);
  const size_t size = ZSTD_decompress(payload.get(), payload_bytes, frame.data(), frame.size());
  if (ZSTD_isError(size)) return Failure(Format("zstd: %s", ZSTD_getErrorName(size)));
  if (size != payload_bytes) return Failure("the frame does not hold the stated payload");
  return payload;
}

// The file is opened for each block: a log may have more parts than a process may have open files.
// A part replaced in between is noticed by the checksum of the index.
class PartReader final : public LogPartReader {
 public:
  explicit PartReader(std::string path) : path_(std::move(path)) {}

  Status Load() {
    const OpenFile file(path_);
    if (!file.ok()) return UsageError(Format("cannot open: %s", std::strerror(errno)));
    PRIMACY_ASSIGN(file_bytes_, file.Size());
    PRIMACY_ASSIGN(const uint64_t blocks_begin, LoadHead(file));
    return LoadIndex(file, blocks_begin);
  }

  const std::string& path() const override { return path_; }
  const LogSchema& schema() const override { return schema_; }
  uint32_t block_count() const override { return static_cast<uint32_t>(index_.size()); }
  uint32_t block_rows(uint32_t block) const override { return index_[block].rows; }
  uint64_t rows() const override { return rows_; }
  uint64_t file_bytes() const override { return file_bytes_; }

  Result<LogBlock> ReadBlock(uint32_t block) const override {
    CHECK_LT(block, index_.size()) << path_;
    Result<LogBlock> outcome = ReadUnnamed(index_[block]);
    if (outcome.ok()) return outcome;
    return Error(Format("%s: block %u", path_.c_str(), block), outcome.error());
  }

 private:
  // Gives where the blocks begin.
  Result<uint64_t> LoadHead(const OpenFile& file) {
    if (file_bytes_ < clicklog::kHeadFixedBytes) return Failure("not a click log part");
    PRIMACY_ASSIGN(const Buffer fixed, file.Read(0, clicklog::kHeadFixedBytes));
    PRIMACY_ASSIGN(const uint32_t schema_bytes,
                   clicklog::DecodeHeadFixed({fixed.get(), clicklog::kHeadFixedBytes}));
    const size_t checked = clicklog::kHeadFixedBytes + schema_bytes;
    if (checked + 4 + clicklog::kTailBytes > file_bytes_)
      return Failure("cut off: the head is not whole");
    PRIMACY_ASSIGN(const Buffer head, file.Read(0, checked + 4));
    uint32_t crc = 0;
    std::memcpy(&crc, head.get() + checked, sizeof(crc));
    if (Crc32c(0, {head.get(), checked}) != crc) return Failure("head: checksum differs");
    if (!schema_.ParseFromArray(head.get() + clicklog::kHeadFixedBytes,
                                static_cast<int>(schema_bytes))) {
      return Failure("head: the schema cannot be parsed");
    }
    const Status valid = CheckSchema(schema_);
    if (!valid.ok()) return Failure("head: " + valid.error().message());
    return uint64_t{checked + 4};
  }

  Status LoadIndex(const OpenFile& file, uint64_t blocks_begin) {
    const uint64_t tail_at = file_bytes_ - clicklog::kTailBytes;
    PRIMACY_ASSIGN(const Buffer bytes, file.Read(tail_at, clicklog::kTailBytes));
    PRIMACY_ASSIGN(const clicklog::Tail tail,
                   clicklog::DecodeTail({bytes.get(), clicklog::kTailBytes}, file_bytes_));
    if (tail.index_offset < blocks_begin) return Failure("tail: the index begins inside the head");
    const size_t footer_bytes = file_bytes_ - tail.index_offset;
    PRIMACY_ASSIGN(const Buffer footer, file.Read(tail.index_offset, footer_bytes));
    PRIMACY_ASSIGN(index_, clicklog::DecodeIndex({footer.get(), footer_bytes}, tail, blocks_begin));
    rows_ = tail.rows;
    return Ok();
  }

  Result<LogBlock> ReadUnnamed(const clicklog::BlockEntry& entry) const {
    const OpenFile file(path_);
    if (!file.ok()) return Failure(Format("cannot open: %s", std::strerror(errno)));
    PRIMACY_ASSIGN(const Buffer stored, file.Read(entry.offset, entry.stored_bytes));
    PRIMACY_ASSIGN(const clicklog::BlockHead head,
                   clicklog::DecodeBlockHead({stored.get(), entry.stored_bytes}));
    if (head.rows != entry.rows || head.crc != entry.crc) {
      return Failure("not the block of the index: the file was replaced or damaged");
    }
    const std::span<const std::byte> frame(stored.get() + clicklog::kBlockHeadBytes,
                                           head.frame_bytes);
    PRIMACY_ASSIGN(const Buffer payload, Decompress(frame, head.payload_bytes));
    return clicklog::DecodeBlock(schema_, head.rows, {payload.get(), head.payload_bytes});
  }

  const std::string path_;
  uint64_t file_bytes_ = 0;
  LogSchema schema_;
  std::vector<clicklog::BlockEntry> index_;
  uint64_t rows_ = 0;
};

}  // namespace

Result<std::unique_ptr<LogPartReader>> LogPartReader::Open(const std::string& path) {
  auto reader = std::make_unique<PartReader>(path);
  const Status loaded = reader->Load();
  if (!loaded.ok()) return Error(path, loaded.error());
  return std::unique_ptr<LogPartReader>(std::move(reader));
}

}  // namespace primacy
