#include "ps/coordinator/clip_board.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "common/protocol/sharding.h"
#include "tests/ps/coordinator/raw_doubles.h"
#include "tests/support/fake_responder.h"

namespace primacy {
namespace {

using testing_support::Answer;
using testing_support::RawDoubles;

Answer Send(ClipBoard& board, int server, Step step, uint32_t first_shard,
            const RawBuffer& squares) {
  NormRequest request;
  request.set_server(server);
  request.set_step(step);
  request.set_first_shard(first_shard);
  Answer answer;
  board.OnNorm(request, squares, answer.MakeResponder());
  return answer;
}

// Squares of which the rounded sum depends on the order.
std::vector<double> Squares() {
  std::vector<double> squares(kVirtualShards);
  for (size_t i = 0; i < squares.size(); ++i)
    squares[i] = std::pow(10.0, static_cast<double>(i % 31) - 15);
  return squares;
}

double ScaleOver(int servers, bool backwards) {
  ClipBoard board(servers, 0.5);
  const std::vector<double> squares = Squares();
  std::vector<Answer> answers(servers);
  for (int i = 0; i < servers; ++i) {
    const int server = backwards ? servers - 1 - i : i;
    const ShardRange shards = ShardsOf(server, servers);
    answers[server] =
        Send(board, server, 3, shards.begin,
             RawDoubles({squares.begin() + shards.begin, squares.begin() + shards.end}));
    EXPECT_EQ(answers[server].pending(), i + 1 < servers);
  }
  for (const Answer& answer : answers) {
    EXPECT_EQ(answer.proto<NormReply>().scale(), answers[0].proto<NormReply>().scale());
  }
  return answers[0].proto<NormReply>().scale();
}

TEST(ClipBoardTest, TheScaleDependsNeitherOnArrivalNorOnTheNumberOfServers) {
  double sum = 0;
  for (const double square : Squares()) sum += square;
  const double expected = 0.5 / std::sqrt(sum);
  for (const int servers : {1, 2, 3, 7}) {
    EXPECT_EQ(ScaleOver(servers, false), expected) << servers;
    EXPECT_EQ(ScaleOver(servers, true), expected) << servers;
  }
}

TEST(ClipBoardTest, ScalesByHandWorkedNorms) {
  EXPECT_EQ(ClipScale({9, 16}, 2.5), 0.5);  // norm 5
  EXPECT_EQ(ClipScale({9, 16}, 5), 1);
  EXPECT_EQ(ClipScale({9, 16}, 100), 1);
  EXPECT_EQ(ClipScale({9, 16}, 0), 1);
  EXPECT_EQ(ClipScale({0, 0}, 1), 1);
  EXPECT_EQ(ClipScale({std::numeric_limits<double>::quiet_NaN()}, 1), 1)
      << "the update itself refuses NaN";
}

TEST(ClipBoardTest, StepsDoNotMixAndRepeatsCountOnce) {
  ClipBoard board(2, 1);
  const std::vector<double> half(kVirtualShards / 2, 0.0);
  std::vector<double> big = half;
  big[5] = 16;
  const Answer late = Send(board, 0, 1, 0, RawDoubles(half));
  Send(board, 0, 0, 0, RawDoubles(half));
  const Answer repeat = Send(board, 0, 0, 0, RawDoubles(big));
  EXPECT_TRUE(repeat.pending()) << "server 0 twice is not two servers";
  Send(board, 1, 0, kVirtualShards / 2, RawDoubles(half));
  EXPECT_EQ(repeat.proto<NormReply>().scale(), 0.25);
  EXPECT_TRUE(late.pending());
  board.Fail(Failure("over"));
  EXPECT_EQ(late.error(), "over");
  EXPECT_EQ(Send(board, 0, 2, 0, RawDoubles(half)).error(), "over");
}

TEST(ClipBoardTest, RefusesShardsThatDoNotExist) {
  ClipBoard board(2, 1);
  EXPECT_NE(Send(board, 2, 0, 0, RawDoubles({1})).error(), "");
  EXPECT_NE(Send(board, -1, 0, 0, RawDoubles({1})).error(), "");
  EXPECT_NE(Send(board, 0, 0, kVirtualShards, RawDoubles({1})).error(), "");
  EXPECT_NE(Send(board, 0, 0, 0xffffffffu, RawDoubles({1})).error(), "");
  EXPECT_NE(Send(board, 0, 0, 0, RawBuffer(12)).error(), "");
}

}  // namespace
}  // namespace primacy
