#include "tools/convert/read_ahead.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/bounded_queue.h"

namespace primacy {
namespace {

constexpr size_t kPieceBytes = 512 * 1024;
constexpr size_t kPiecesAhead = 8;

class ReadAheadSource : public ByteSource {
 public:
  explicit ReadAheadSource(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)), pieces_(kPiecesAhead), thread_([this] { ReadAll(); }) {}
  ~ReadAheadSource() override {
    pieces_.Close();
    thread_.join();
  }

  Result<size_t> Read(std::span<char> out) override {
    if (at_ == piece_.size()) {
      std::optional<Result<Piece>> next = pieces_.Pop();
      if (!next) return size_t{0};
      PRIMACY_ASSIGN(piece_, *std::move(next));
      at_ = 0;
    }
    const size_t size = std::min(out.size(), piece_.size() - at_);
    std::copy_n(piece_.begin() + static_cast<std::ptrdiff_t>(at_), size, out.begin());
    at_ += size;
    return size;
  }

 private:
  using Piece = std::vector<char>;

  // Ends at the end of the source, after an error, or when nobody reads any more.
  void ReadAll() {
    bool more = true;
    while (more) {
      Result<Piece> piece = ReadPiece();
      more = piece.ok() && !piece->empty();
      if (piece.ok() && piece->empty()) break;
      if (!pieces_.Push(std::move(piece))) break;
    }
    pieces_.Close();
  }

  Result<Piece> ReadPiece() {
    Piece piece(kPieceBytes);
    PRIMACY_ASSIGN(const size_t size, source_->Read(piece));
    piece.resize(size);
    return piece;
  }

  const std::unique_ptr<ByteSource> source_;
  BoundedQueue<Result<Piece>> pieces_;
  Piece piece_;  // being given out
  size_t at_ = 0;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace

std::unique_ptr<ByteSource> ReadAhead(std::unique_ptr<ByteSource> source) {
  return std::make_unique<ReadAheadSource>(std::move(source));
}

}  // namespace primacy
