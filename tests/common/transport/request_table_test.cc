#include "common/transport/request_table.h"

#include <gtest/gtest.h>

namespace primacy::transport {
namespace {

using std::chrono::seconds;

const Clock::time_point kStart{};

// Frames are told apart by their sizes.
PendingRequest Request(uint64_t bytes, std::optional<Clock::time_point> deadline) {
  auto frame = std::make_shared<OutgoingFrame>();
  frame->bytes = bytes;
  PendingRequest request;
  request.frame = std::move(frame);
  request.deadline = deadline;
  request.sent_at = kStart;
  return request;
}

std::vector<uint64_t> Sizes(const std::vector<PendingRequest>& requests) {
  std::vector<uint64_t> sizes;
  for (const PendingRequest& request : requests) sizes.push_back(request.frame->bytes);
  return sizes;
}

using SizeList = std::vector<uint64_t>;

TEST(RequestTable, TakesEachRequestOnce) {
  RequestTable table(seconds(5));
  table.Add(7, Request(70, std::nullopt));
  table.Add(8, Request(80, std::nullopt));
  EXPECT_FALSE(table.Take(9).has_value());
  const std::optional<PendingRequest> taken = table.Take(7);
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->frame->bytes, 70u);
  EXPECT_FALSE(table.Take(7).has_value());
  EXPECT_EQ(table.size(), 1u);
}

TEST(RequestTable, ExpiresByDeadline) {
  RequestTable table(seconds(5));
  EXPECT_FALSE(table.NextDeadline().has_value());
  table.Add(1, Request(1, kStart + seconds(20)));
  table.Add(2, Request(2, kStart + seconds(10)));
  table.Add(3, Request(3, std::nullopt));
  EXPECT_EQ(table.NextDeadline(), kStart + seconds(10));
  EXPECT_EQ(Sizes(table.TakeExpired(kStart + seconds(9))), SizeList());
  EXPECT_EQ(Sizes(table.TakeExpired(kStart + seconds(10))), SizeList({2}));
  EXPECT_EQ(table.NextDeadline(), kStart + seconds(20));
  EXPECT_EQ(Sizes(table.TakeExpired(kStart + seconds(1000000))), SizeList({1}));
  EXPECT_FALSE(table.NextDeadline().has_value());
  EXPECT_EQ(table.size(), 1u);
}

TEST(RequestTable, ARequestSurvivesOneLostConnection) {
  RequestTable table(seconds(5));
  table.Add(1, Request(1, kStart + seconds(60)));
  EXPECT_TRUE(table.TakeLost(kStart + seconds(1)).empty());
  table.Add(2, Request(2, kStart + seconds(60)));
  const auto again = table.Resend(kStart + seconds(2));
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0]->bytes, 1u);
  EXPECT_EQ(again[1]->bytes, 2u);
  EXPECT_EQ(Sizes(table.TakeLost(kStart + seconds(30))), SizeList({1}));
  EXPECT_EQ(Sizes(table.TakeLost(kStart + seconds(31))), SizeList({2}));
}

TEST(RequestTable, ARequestWithoutDeadlineSurvivesConnectionsThatStood) {
  RequestTable table(seconds(5));
  table.Add(1, Request(1, std::nullopt));
  Clock::time_point now = kStart;
  for (int i = 0; i < 10; ++i) {
    now += seconds(5);
    EXPECT_TRUE(table.TakeLost(now).empty());
    EXPECT_EQ(table.Resend(now).size(), 1u);
  }
  // Lost at once twice in a row: it may be the request itself that breaks them.
  EXPECT_EQ(Sizes(table.TakeLost(now + seconds(1))), SizeList({1}));
}

TEST(RequestTable, TakeAllEmptiesInOrder) {
  RequestTable table(seconds(5));
  for (uint64_t id : {3, 1, 2}) table.Add(id, Request(id, std::nullopt));
  EXPECT_EQ(Sizes(table.TakeAll()), SizeList({1, 2, 3}));
  EXPECT_EQ(table.size(), 0u);
}

}  // namespace
}  // namespace primacy::transport
