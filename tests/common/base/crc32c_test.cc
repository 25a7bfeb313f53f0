#include "common/base/crc32c.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/base/hash.h"

namespace primacy {
namespace {

uint32_t OfText(std::string_view text) { return Crc32c(0, std::as_bytes(std::span(text))); }

// One bit at a time, straight from the polynomial (reflected 0x1EDC6F41).
uint32_t BitByBit(std::span<const std::byte> bytes) {
  uint32_t state = 0xFFFFFFFFu;
  for (const std::byte byte : bytes) {
    state ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      state = (state >> 1) ^ ((state & 1) != 0 ? 0x82F63B78u : 0u);
    }
  }
  return ~state;
}

std::vector<std::byte> RandomBytes(size_t size) {
  std::vector<std::byte> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(RandomBits(11, i));
  return bytes;
}

TEST(Crc32c, KnownValues) {
  EXPECT_EQ(OfText(""), 0u);
  EXPECT_EQ(OfText("123456789"), 0xE3069283u);
  // RFC 3720, B.4.
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);
  EXPECT_EQ(OfText(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(OfText(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(OfText(rising), 0x46DD794Eu);
  EXPECT_EQ(OfText(std::string(rising.rbegin(), rising.rend())), 0x113FDB5Cu);
}

TEST(Crc32c, AnyLengthAndAlignmentEqualsTheDefinition) {
  const std::vector<std::byte> bytes = RandomBytes(20000);
  const std::span<const std::byte> all(bytes);
  // Around the eight bytes of a word and the 3,072 of three streams side by side.
  for (size_t size : {0, 1, 7, 8, 9, 63, 3071, 3072, 3073, 3079, 6143, 6144, 6151, 9216, 19990}) {
    for (size_t begin = 0; begin < 9; ++begin) {
      const auto part = all.subspan(begin, size);
      EXPECT_EQ(Crc32c(0, part), BitByBit(part)) << size << " bytes from " << begin;
    }
  }
}

TEST(Crc32c, ContinuesWhereItStopped) {
  const std::vector<std::byte> bytes = RandomBytes(7000);
  const std::span<const std::byte> all(bytes);
  const uint32_t whole = Crc32c(0, all);
  for (size_t cut : {0, 1, 8, 3071, 3072, 3500, 6999, 7000}) {
    EXPECT_EQ(Crc32c(Crc32c(0, all.first(cut)), all.subspan(cut)), whole) << "cut at " << cut;
  }
}

TEST(Crc32c, EveryFlippedBitShows) {
  std::vector<std::byte> bytes = RandomBytes(3200);
  const uint32_t whole = Crc32c(0, bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; bit += 7) {
    bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    EXPECT_NE(Crc32c(0, bytes), whole) << "bit " << bit;
    bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
  }
}

}  // namespace
}  // namespace primacy
