#include "common/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <type_traits>

namespace primacy {
namespace {

static_assert(!std::is_default_constructible_v<Result<int>>);

Result<int> Half(int value) {
  if (value % 2 != 0) return Failure("odd");
  return value / 2;
}

Result<int> Quarter(int value) {
  PRIMACY_ASSIGN(const int half, Half(value));
  PRIMACY_ASSIGN(int quarter, Half(half));
  return quarter;
}

Status Even(int value) {
  PRIMACY_TRY(Half(value));
  return Ok();
}

TEST(Result, HoldsAValueOrAnError) {
  ASSERT_TRUE(Half(8).ok());
  EXPECT_EQ(*Half(8), 4);
  ASSERT_FALSE(Half(7).ok());
  EXPECT_EQ(Half(7).error().message(), "odd");
  EXPECT_EQ(Half(7).error().kind(), ErrorKind::kFailure);
}

TEST(Result, MacrosPassValuesOnAndErrorsUp) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(6).error().message(), "odd");
  EXPECT_TRUE(Even(2).ok());
  EXPECT_EQ(Even(3).error().message(), "odd");
}

TEST(Result, CarriesAValueThatOnlyMoves) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  EXPECT_EQ(**result, 5);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 5);
}

TEST(Error, AChainReadsFromTheOutsideInAndKeepsItsKind) {
  const Error inner = UsageError("checksum differs");
  const Error middle("block 7", inner);
  const Error outer("reading part-00001.clog", middle);
  EXPECT_EQ(outer.message(), "reading part-00001.clog: block 7: checksum differs");
  EXPECT_EQ(outer.kind(), ErrorKind::kUsage);
  EXPECT_EQ(Error("outside", Failure("inside")).kind(), ErrorKind::kFailure);
}

TEST(Error, TheTraceSaysWhereEachLinkWasMade) {
  const int line = __LINE__ + 1;
  const Error error("outer", Failure("inner"));
  const std::string place = std::string(__FILE__) + ":" + std::to_string(line);
  EXPECT_EQ(error.trace(), "outer (" + place + ")\n  caused by inner (" + place + ")");
}

TEST(ResultDeathTest, ReadingWhatIsNotThereDies) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(static_cast<void>(*Half(7)), "odd");
  EXPECT_DEATH(static_cast<void>(Half(8).error()), "ok");
  EXPECT_DEATH(static_cast<void>(Ok().error()), "ok");
}

}  // namespace
}  // namespace primacy
