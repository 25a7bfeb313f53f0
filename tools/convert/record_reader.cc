#include "tools/convert/record_reader.h"

#include <string.h>

#include <algorithm>
#include <bit>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace primacy {
namespace {

constexpr size_t kChunkBytes = 1 << 20;
constexpr size_t kBadTextBytes = 120;

size_t WithoutReturn(const char* text, size_t size) {
  return size > 0 && text[size - 1] == '\r' ? size - 1 : size;
}

}  // namespace

RecordReader::RecordReader(std::unique_ptr<ByteSource> source, const RecordFormat& format)
    : source_(std::move(source)), format_(format), buffer_(2 * kChunkBytes) {}

Result<bool> RecordReader::Refill() {
  if (source_ended_) return false;
  if (begin_ > 0) {
    ::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < kChunkBytes / 2) {
    buffer_.resize(std::min(2 * buffer_.size(), end_ + format_.record_bytes_max + kChunkBytes));
  }
  PRIMACY_ASSIGN(const size_t size, source_->Read(std::span(buffer_).subspan(end_)));
  if (size == 0) {
    source_ended_ = true;
    return false;
  }
  bytes_ += size;
  end_ += size;
  return true;
}

Result<bool> RecordReader::Has(size_t at) {
  while (begin_ + at >= end_) {
    PRIMACY_ASSIGN(const bool more, Refill());
    if (!more) return false;
  }
  return true;
}

Result<bool> RecordReader::FindLineEnd() {
  size_t searched = 0;
  while (true) {
    const char* from = buffer_.data() + begin_ + searched;
    const size_t size = end_ - begin_ - searched;
    const void* found = size == 0 ? nullptr : ::memchr(from, '\n', size);
    line_end_ = found == nullptr
                    ? end_
                    : static_cast<size_t>(static_cast<const char*>(found) - buffer_.data());
    if (line_end_ - begin_ > format_.record_bytes_max) return false;
    if (found != nullptr) return true;
    searched = end_ - begin_;
    PRIMACY_ASSIGN(const bool more, Refill());
    if (!more) {
      line_end_ = end_;
      return true;
    }
  }
}

Result<RecordKind> RecordReader::SkipLine(RecordKind kind) {
  fields_.clear();
  PRIMACY_TRY(FindLineEnd());
  bad_text_.assign(buffer_.data() + begin_, std::min(line_end_ - begin_, kBadTextBytes));
  bad_text_.resize(WithoutReturn(bad_text_.data(), bad_text_.size()));
  text_ = bad_text_;
  while (line_end_ == end_ || buffer_[line_end_] != '\n') {
    begin_ = end_;
    PRIMACY_ASSIGN(const bool more, Refill());
    if (!more) return kind;
    PRIMACY_TRY(FindLineEnd());
  }
  begin_ = line_end_ + 1;
  ++next_line_;
  return kind;
}

Result<RecordKind> RecordReader::Next() {
  while (true) {
    record_line_ = next_line_;
    PRIMACY_ASSIGN(const bool short_enough, FindLineEnd());
    if (!short_enough) return SkipLine(RecordKind::kTooLong);
    if (!std::exchange(started_, true) && end_ - begin_ >= 3 &&
        ::memcmp(buffer_.data(), "\xEF\xBB\xBF", 3) == 0) {
      begin_ = 3;
      continue;
    }
    if (begin_ == end_) {
      text_ = {};
      fields_.clear();
      return RecordKind::kEnd;
    }
    const char* line = buffer_.data() + begin_;
    const size_t size = WithoutReturn(line, line_end_ - begin_);
    if (size == 0) {
      Consume(line_end_, 0);
      continue;
    }
    if (format_.quotes && ::memchr(line, '"', size) != nullptr) return SplitQuoted();
    SplitPlain(line, line + size);
    Consume(line_end_, size);
    return RecordKind::kRecord;
  }
}

// The text is the first `text_size` bytes; reading goes on behind the line end at `end`.
void RecordReader::Consume(size_t end, size_t text_size) {
  text_ = std::string_view(buffer_.data() + begin_, text_size);
  begin_ = std::min(end + 1, end_);
  ++next_line_;
}

void RecordReader::SplitPlain(const char* begin, const char* end) {
  fields_.clear();
  const char* field = begin;
  const char* at = begin;
#if defined(__SSE2__)
  const __m128i separator = _mm_set1_epi8(format_.separator);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, separator)));
    for (; hits != 0; hits &= hits - 1) {
      const char* cut = at + std::countr_zero(hits);
      fields_.emplace_back(field, static_cast<size_t>(cut - field));
      field = cut + 1;
    }
  }
#endif
  for (; at < end; ++at) {
    if (*at != format_.separator) continue;
    fields_.emplace_back(field, static_cast<size_t>(at - field));
    field = at + 1;
  }
  fields_.emplace_back(field, static_cast<size_t>(end - field));
}

Result<RecordKind> RecordReader::ReadQuotedField(size_t& at) {
  const size_t text_begin = unquoted_.size();
  ++at;
  while (true) {
    PRIMACY_ASSIGN(const bool there, Has(at));
    if (!there || at > format_.record_bytes_max) return RecordKind::kUnterminated;
    const char* from = buffer_.data() + begin_ + at;
    const size_t size = end_ - begin_ - at;
    const void* found = ::memchr(from, '"', size);
    const size_t text = found == nullptr ? size : static_cast<const char*>(found) - from;
    unquoted_.append(from, text);
    at += text;
    if (found == nullptr) continue;
    ++at;
    PRIMACY_ASSIGN(const bool behind, Has(at));
    if (!behind || buffer_[begin_ + at] != '"') break;
    unquoted_.push_back('"');
    ++at;
  }
  cuts_.push_back({text_begin, unquoted_.size() - text_begin, true});
  return RecordKind::kRecord;
}

Result<RecordKind> RecordReader::SplitQuoted() {
  cuts_.clear();
  unquoted_.clear();
  const uint64_t first_line = next_line_;
  size_t at = 0;  // behind begin_, which may move
  while (true) {
    PRIMACY_ASSIGN(bool there, Has(at));
    if (there && buffer_[begin_ + at] == '"') {
      PRIMACY_ASSIGN(const RecordKind kind, ReadQuotedField(at));
      if (kind != RecordKind::kRecord) return SkipLine(kind);
      PRIMACY_ASSIGN(there, Has(at));
      while (there && buffer_[begin_ + at] != format_.separator &&
             (buffer_[begin_ + at] == ' ' || buffer_[begin_ + at] == '\r')) {
        ++at;
        PRIMACY_ASSIGN(there, Has(at));
      }
    } else {
      const size_t field = at;
      while (there && buffer_[begin_ + at] != format_.separator && buffer_[begin_ + at] != '\n') {
        ++at;
        PRIMACY_ASSIGN(there, Has(at));
      }
      const bool last = !there || buffer_[begin_ + at] == '\n';
      const size_t size = at - field;
      const char* text = buffer_.data() + begin_ + field;
      cuts_.push_back({field, last ? WithoutReturn(text, size) : size, false});
    }
    if (at > format_.record_bytes_max) return SkipLine(RecordKind::kTooLong);
    if (!there || buffer_[begin_ + at] == '\n') break;
    if (buffer_[begin_ + at] != format_.separator) return SkipLine(RecordKind::kBadQuote);
    ++at;
  }
  const char* record = buffer_.data() + begin_;
  fields_.clear();
  for (const Cut& cut : cuts_) {
    fields_.emplace_back((cut.unquoted ? unquoted_.data() : record) + cut.begin, cut.size);
  }
  next_line_ = first_line + static_cast<uint64_t>(std::count(record, record + at, '\n'));
  Consume(begin_ + at, WithoutReturn(record, at));
  return RecordKind::kRecord;
}

}  // namespace primacy
