#include "tools/convert/record_reader.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include "common/base/atomic_file.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using Fields = std::vector<std::string>;

// Hands out a text in pieces of `step` bytes.
class TextSource : public ByteSource {
 public:
  TextSource(std::string text, size_t step) : text_(std::move(text)), step_(step) {}
  Result<size_t> Read(std::span<char> out) override {
    const size_t size = std::min({out.size(), step_, text_.size() - at_});
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), size, out.begin());
    at_ += size;
    return size;
  }

 private:
  const std::string text_;
  const size_t step_;
  size_t at_ = 0;
};

struct Seen {
  RecordKind kind;
  uint64_t line;
  Fields fields;
  std::string text;
};

std::vector<Seen> ReadAll(const std::string& text, const RecordFormat& format, size_t step) {
  RecordReader reader(std::make_unique<TextSource>(text, step), format);
  std::vector<Seen> seen;
  while (true) {
    const auto kind = reader.Next();
    CHECK(kind.ok());
    if (*kind == RecordKind::kEnd) return seen;
    seen.push_back({*kind, reader.line(), Fields(reader.fields().begin(), reader.fields().end()),
                    std::string(reader.text())});
  }
}

// Every test reads in single bytes, in sevens and at once: the cuts must not matter.
class RecordReaderTest : public testing::TestWithParam<size_t> {
 protected:
  std::vector<Seen> Read(const std::string& text, const RecordFormat& format = {}) {
    return ReadAll(text, format, GetParam());
  }
};

TEST_P(RecordReaderTest, SplitsPlainLinesOfAnyLineEnd) {
  const auto seen = Read("a,bb,\r\n\n\r\n,,\nlast,line,without end");
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_THAT(seen[0].fields, ElementsAre("a", "bb", ""));
  EXPECT_EQ(seen[0].text, "a,bb,");
  EXPECT_EQ(seen[0].line, 1u);
  EXPECT_THAT(seen[1].fields, ElementsAre("", "", ""));
  EXPECT_EQ(seen[1].line, 4u);
  EXPECT_THAT(seen[2].fields, ElementsAre("last", "line", "without end"));
}

TEST_P(RecordReaderTest, SplitsLongLinesAtEverySeparator) {
  std::string line;
  Fields expected;
  for (int i = 0; i < 100; ++i) {
    expected.emplace_back(static_cast<size_t>(i % 23), 'x');
    line += (i > 0 ? "\t" : "") + expected.back();
  }
  const auto seen = Read(line + "\n" + line + "\n", {.separator = '\t'});
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].fields, expected);
  EXPECT_EQ(seen[1].fields, expected);
}

TEST_P(RecordReaderTest, UnquotesAsRfc4180Says) {
  const auto seen = Read(
      "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",plain\r\nmid\"quote,\"\",\"x\" "
      ",\"end\"\r\nz,y,x,w\n");
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_THAT(seen[0].fields, ElementsAre("a,b", "say \"hi\"", "two\nlines", "plain"));
  EXPECT_EQ(seen[0].line, 1u);
  EXPECT_THAT(seen[1].fields, ElementsAre("mid\"quote", "", "x", "end"));
  EXPECT_EQ(seen[1].line, 3u);
  EXPECT_THAT(seen[2].fields, ElementsAre("z", "y", "x", "w"));
  EXPECT_EQ(seen[2].line, 4u);
}

TEST_P(RecordReaderTest, QuotesAreTextWithoutQuoting) {
  const auto seen = Read("\"a,b\"\n", {.quotes = false});
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_THAT(seen[0].fields, ElementsAre("\"a", "b\""));
}

TEST_P(RecordReaderTest, GoesOnAtTheNextLineAfterABadQuote) {
  const auto seen = Read("1,\"open\n2,ok\n3,\"x\"y\n4,ok\n5,\"open");
  ASSERT_EQ(seen.size(), 5u);
  // The quote of line 1 closes in line 3, where an x stands behind it.
  EXPECT_EQ(seen[0].kind, RecordKind::kBadQuote);
  EXPECT_EQ(seen[0].text, "1,\"open");
  EXPECT_EQ(seen[1].kind, RecordKind::kRecord);
  EXPECT_EQ(seen[2].kind, RecordKind::kBadQuote);
  EXPECT_EQ(seen[2].line, 3u);
  EXPECT_THAT(seen[3].fields, ElementsAre("4", "ok"));
  EXPECT_EQ(seen[4].kind, RecordKind::kUnterminated);
  EXPECT_EQ(seen[4].line, 5u);
}

TEST_P(RecordReaderTest, SkipsRecordsThatAreTooLong) {
  const std::string rubbish(50, 'r');
  const auto seen = Read("a,b\n" + rubbish + "\nc,d\n\"" + rubbish + "\n" + rubbish + "\"\ne,f\n",
                         {.record_bytes_max = 20});
  ASSERT_GE(seen.size(), 4u);
  EXPECT_EQ(seen[1].kind, RecordKind::kTooLong);
  EXPECT_EQ(seen[1].line, 2u);
  EXPECT_THAT(seen[2].fields, ElementsAre("c", "d"));
  EXPECT_EQ(seen[2].line, 3u);
  EXPECT_NE(seen[3].kind, RecordKind::kRecord);
  EXPECT_THAT(seen.back().fields, ElementsAre("e", "f"));
  EXPECT_EQ(seen.back().line, 6u);
}

TEST_P(RecordReaderTest, DropsAByteOrderMarkAndKeepsOtherBytes) {
  const auto seen = Read("\xEF\xBB\xBFname\n\xE9t\xE9\n");
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_THAT(seen[0].fields, ElementsAre("name"));
  EXPECT_THAT(seen[1].fields, ElementsAre("\xE9t\xE9"));
}

INSTANTIATE_TEST_SUITE_P(Steps, RecordReaderTest, testing::Values(1, 7, 1 << 20));

TEST(RecordReaderMemoryTest, ReadsRecordsLongerThanTheFirstBuffer) {
  const std::string text(5 << 20, 'x');
  const auto seen =
      ReadAll("1," + text + "\n2,\"" + text + "\"\n3,c\n", {.record_bytes_max = 6 << 20}, 1 << 16);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].fields[1].size(), text.size());
  EXPECT_EQ(seen[1].fields[1], text);
  EXPECT_THAT(seen[2].fields, ElementsAre("3", "c"));
}

std::string Gzip(const std::string& text) {
  z_stream stream = {};
  CHECK_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> ReadSource(const std::string& bytes) {
  testing_support::TempDir dir;
  PRIMACY_TRY(WriteFileAtomically(dir / "file", bytes));
  PRIMACY_ASSIGN(auto source, OpenFileSource(dir / "file"));
  std::string text;
  std::vector<char> buffer(1000);
  while (true) {
    PRIMACY_ASSIGN(const size_t size, source->Read(buffer));
    if (size == 0) return text;
    text.append(buffer.data(), size);
  }
}

TEST(ByteSourceTest, InflatesGzipOfSeveralMembers) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += std::to_string(i * i) + ",";
  const auto read = ReadSource(Gzip(text) + Gzip("tail"));
  ASSERT_OK(read);
  EXPECT_EQ(*read, text + "tail");
}

TEST(ByteSourceTest, ReadsPlainTextOfAnyLength) {
  for (const std::string text : {"", "x", "\x1f", "plain text"}) {
    const auto read = ReadSource(text);
    ASSERT_OK(read);
    EXPECT_EQ(*read, text);
  }
}

TEST(ByteSourceTest, RefusesDamagedAndCutGzip) {
  const std::string whole = Gzip(std::string(3000, 'a') + "bcd");
  const auto cut = ReadSource(whole.substr(0, whole.size() - 5));
  ASSERT_FALSE(cut.ok());
  EXPECT_THAT(cut.error().message(), testing::HasSubstr("cut off"));
  std::string damaged = whole;
  damaged[damaged.size() - 6] ^= 0x10;  // in the checksum
  const auto flipped = ReadSource(damaged);
  ASSERT_FALSE(flipped.ok());
  EXPECT_EQ(flipped.error().kind(), ErrorKind::kFailure);
}

TEST(ByteSourceTest, MissingFilesAndDirectoriesAreTheUsersMistake) {
  testing_support::TempDir dir;
  const auto missing = OpenFileSource(dir / "nothing");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind(), ErrorKind::kUsage);
  const auto directory = OpenFileSource(dir.path());
  ASSERT_FALSE(directory.ok());
  EXPECT_EQ(directory.error().kind(), ErrorKind::kUsage);
}

}  // namespace
}  // namespace primacy
