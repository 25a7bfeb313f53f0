#include "common/protocol/row_wire.h"

#include <gtest/gtest.h>

#include <vector>

namespace primacy {
namespace {

TEST(RowWire, EveryFormatCarriesWhatItCanHold) {
  const std::vector<float> values = {1, -0.5f, 0, 1024, 0.25f};  // an odd number of them
  for (const Precision wire : {FP32, BF16, FP16}) {
    ASSERT_EQ(RowWireBytes(wire, values.size()), wire == FP32 ? 20u : 12u);
    std::vector<uint32_t> bytes(RowWireBytes(wire, values.size()) / 4);
    NarrowRows(wire, values, reinterpret_cast<std::byte*>(bytes.data()));
    std::vector<float> back(values.size());
    WidenRows(wire, reinterpret_cast<const std::byte*>(bytes.data()), back);
    EXPECT_EQ(back, values) << Precision_Name(wire);
  }
}

TEST(RowWire, NarrowOnesRound) {
  const std::vector<float> values = {1.0f + 0x1p-20f};
  for (const Precision wire : {BF16, FP16}) {
    uint32_t bytes = 0;
    NarrowRows(wire, values, reinterpret_cast<std::byte*>(&bytes));
    float back = 0;
    WidenRows(wire, reinterpret_cast<const std::byte*>(&bytes), {&back, 1});
    EXPECT_EQ(back, 1.0f);
  }
}

TEST(RowWire, BitsOfEachTableBeginWithAByte) {
  EXPECT_EQ(KeyBitsBytes({}), 0u);
  const std::vector<size_t> some = {1, 0, 9};
  EXPECT_EQ(KeyBitsBytes(some), 64u);
  const std::vector<size_t> full = {8 * 64}, more = {8 * 64, 1};
  EXPECT_EQ(KeyBitsBytes(full), 64u);
  EXPECT_EQ(KeyBitsBytes(more), 128u);
}

}  // namespace
}  // namespace primacy
