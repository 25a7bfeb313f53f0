#include "common/clicklog/column_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "common/base/hash.h"
#include "tests/support/result_matchers.h"

namespace primacy::clicklog {
namespace {

template <typename T>
EncodedColumn RoundTrip(const std::vector<T>& values, ColumnHint hint) {
  EncodedColumn column = EncodeColumn<T>(values, hint);
  const Result<std::vector<T>> back = DecodeColumn<T>(column.encoding, column.bytes, values.size());
  EXPECT_OK(back);
  if (back.ok()) {
    EXPECT_EQ(*back, values);
  }
  return column;
}

ByteVector Bytes(std::initializer_list<int> values) {
  ByteVector bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(ColumnCodec, RepeatedKeysBecomeADictionary) {
  std::vector<uint64_t> keys;
  for (uint64_t i = 0; i < 1000; ++i) keys.push_back(Mix64(i % 300));
  const EncodedColumn column = RoundTrip(keys, ColumnHint::kRandom);
  EXPECT_EQ(column.encoding, Encoding::kDictionary);
  EXPECT_EQ(column.bytes.size(), 4 + 300 * 8 + 2 * 1000u);
}

TEST(ColumnCodec, DictionaryBytesByHand) {
  // Entries 7 and 9 in order of appearance, then one-byte indices 0, 1, 0, 0.
  const EncodedColumn column = RoundTrip<uint32_t>({7, 9, 7, 7}, ColumnHint::kRandom);
  EXPECT_EQ(column.encoding, Encoding::kPlain) << "a dictionary of 16 bytes saves nothing";
  const EncodedColumn longer = RoundTrip<uint32_t>({7, 9, 7, 7, 9, 9, 7}, ColumnHint::kRandom);
  EXPECT_EQ(longer.encoding, Encoding::kDictionary);
  EXPECT_EQ(longer.bytes, Bytes({2, 0, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0}));
}

TEST(ColumnCodec, OneValueNeedsNoIndices) {
  const EncodedColumn column = RoundTrip(std::vector<uint8_t>(5000, 1), ColumnHint::kNumeric);
  EXPECT_EQ(column.bytes, Bytes({1, 0, 0, 0, 1}));
}

TEST(ColumnCodec, IndexWidths) {
  for (const size_t entries : {2, 256, 257, 65536, 65537}) {
    std::vector<uint64_t> keys;
    for (size_t i = 0; i < 3 * entries; ++i) keys.push_back(Mix64(i % entries));
    const size_t width = entries <= 256 ? 1 : entries <= 65536 ? 2 : 3;
    const EncodedColumn column = RoundTrip(keys, ColumnHint::kRandom);
    EXPECT_EQ(column.bytes.size(), 4 + entries * 8 + 3 * entries * width) << entries;
  }
}

TEST(ColumnCodec, DistinctKeysStayPlain) {
  std::vector<uint64_t> keys;
  for (uint64_t i = 0; i < 1000; ++i) keys.push_back(Mix64(i));
  const EncodedColumn column = RoundTrip(keys, ColumnHint::kRandom);
  EXPECT_EQ(column.encoding, Encoding::kPlain);
  EXPECT_EQ(column.bytes.size(), 8000u);
}

TEST(ColumnCodec, PlanesByHand) {
  EXPECT_EQ(
      EncodeColumn<uint32_t>(std::vector<uint32_t>{0x04030201, 0x14131211}, ColumnHint::kNumeric)
          .bytes,
      Bytes({0x01, 0x11, 0x02, 0x12, 0x03, 0x13, 0x04, 0x14}));
}

TEST(ColumnCodec, DeltasByHand) {
  // 5 → zigzag 10; 5 to 4 → −1 → 1; 4 to 300 → 296 → 592 = 0x0250.
  const EncodedColumn column = RoundTrip<uint64_t>({5, 4, 300}, ColumnHint::kRising);
  EXPECT_EQ(column.encoding, Encoding::kDelta);
  ByteVector expected = Bytes({10, 1, 0x50, 0, 0, 0x02});
  expected.resize(24);
  EXPECT_EQ(column.bytes, expected);
}

TEST(ColumnCodec, ExtremesSurvive) {
  constexpr int64_t kLow = std::numeric_limits<int64_t>::min();
  constexpr int64_t kHigh = std::numeric_limits<int64_t>::max();
  RoundTrip<int64_t>({kLow, kHigh, 0, -1, kHigh, kLow, 1}, ColumnHint::kRising);
  RoundTrip<uint64_t>({0, ~0ull, 1, ~0ull - 1}, ColumnHint::kRising);
  RoundTrip<uint64_t>({}, ColumnHint::kRandom);
  RoundTrip<uint32_t>({}, ColumnHint::kNumeric);
  RoundTrip<int64_t>({}, ColumnHint::kRising);
}

TEST(ColumnCodec, FloatsKeepTheirBits) {
  const float nan = std::bit_cast<float>(0x7FC12345u);
  const std::vector<float> values = {nan, -0.0f, 0.0f, std::numeric_limits<float>::infinity(),
                                     1e-42f};
  const EncodedColumn column = EncodeColumn<float>(values, ColumnHint::kNumeric);
  const Result<std::vector<float>> back =
      DecodeColumn<float>(column.encoding, column.bytes, values.size());
  ASSERT_OK(back);
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(std::bit_cast<uint32_t>((*back)[i]), std::bit_cast<uint32_t>(values[i])) << i;
  }
}

std::string ErrorOf(Encoding encoding, const ByteVector& bytes, size_t values) {
  const Result<std::vector<uint32_t>> back = DecodeColumn<uint32_t>(encoding, bytes, values);
  return back.ok() ? "" : back.error().message();
}

TEST(ColumnCodec, RefusesWhatIsNoColumn) {
  using testing::HasSubstr;
  EXPECT_THAT(ErrorOf(Encoding::kPlain, Bytes({1, 2, 3}), 1), HasSubstr("3 bytes for 1 values"));
  EXPECT_THAT(ErrorOf(Encoding{9}, Bytes({1, 2, 3, 4}), 1), HasSubstr("encoding 9"));
  // 255·2^24 entries in four bytes.
  EXPECT_THAT(ErrorOf(Encoding::kDictionary, Bytes({0, 0, 0, 255}), 1), HasSubstr("does not fit"));
  EXPECT_THAT(ErrorOf(Encoding::kDictionary, Bytes({0, 0, 0, 0}), 1), HasSubstr("does not fit"));
  EXPECT_THAT(ErrorOf(Encoding::kDictionary, Bytes({2, 0}), 1), HasSubstr("does not fit"));
  EXPECT_THAT(ErrorOf(Encoding::kDictionary, Bytes({2, 0, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 2}), 1),
              HasSubstr("index 2 into a dictionary of 2"));
}

}  // namespace
}  // namespace primacy::clicklog
