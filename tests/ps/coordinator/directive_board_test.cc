#include "ps/coordinator/directive_board.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/support/fake_responder.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing_support::Answer;

NextRequest Asks(Role role, int rank) {
  NextRequest request;
  request.set_role(role);
  request.set_rank(rank);
  return request;
}

Answer Ask(DirectiveBoard& board, const NextRequest& request) {
  Answer answer;
  board.OnNext(request, answer.MakeResponder());
  return answer;
}

Directive Evict(int64_t pass) {
  Directive directive;
  directive.mutable_evict()->set_pass(pass);
  return directive;
}

TEST(DirectiveBoardTest, GivesADirectiveToAllOfARoleAndReturnsTheirReportsByRank) {
  DirectiveBoard board(2, 1);
  const Answer first = Ask(board, Asks(ROLE_SERVER, 0)), worker = Ask(board, Asks(ROLE_WORKER, 0));
  auto run = std::async(std::launch::async, [&] { return board.Run(ROLE_SERVER, Evict(5)); });
  EXPECT_TRUE(first.pending()) << "server 1 does not ask yet";
  const Answer second = Ask(board, Asks(ROLE_SERVER, 1));
  while (first.pending() || second.pending()) std::this_thread::yield();
  EXPECT_EQ(first.proto<Directive>().evict().pass(), 5);
  EXPECT_EQ(second.proto<Directive>().evict().pass(), 5);
  EXPECT_TRUE(worker.pending());
  for (const int rank : {1, 0}) {
    NextRequest done = Asks(ROLE_SERVER, rank);
    done.mutable_server()->set_rows(100 + rank);
    Ask(board, done);
  }
  const Result<std::vector<NextRequest>> results = run.get();
  ASSERT_OK(results);
  ASSERT_EQ(results->size(), 2u);
  EXPECT_EQ((*results)[0].server().rows(), 100);
  EXPECT_EQ((*results)[1].server().rows(), 101);
}

TEST(DirectiveBoardTest, AProcessThatReportsAnErrorFailsTheBoard) {
  DirectiveBoard board(1, 2);
  NextRequest broken = Asks(ROLE_WORKER, 1);
  broken.set_error("part-00003.clog is gone");
  broken.set_usage_error(true);
  Ask(board, broken);
  const auto results = board.Run(ROLE_WORKER, Evict(0));
  ASSERT_FALSE(results.ok());
  EXPECT_EQ(results.error().kind(), ErrorKind::kUsage);
  EXPECT_EQ(results.error().message(), "worker 1: part-00003.clog is gone");
  board.Fail(Failure("later"));
  EXPECT_EQ(board.failure()->message(), "worker 1: part-00003.clog is gone")
      << "the first error wins";
}

TEST(DirectiveBoardTest, AFailureWakesWhoeverRuns) {
  DirectiveBoard board(1, 1);
  auto run = std::async(std::launch::async, [&] { return board.Run(ROLE_WORKER, Evict(0)); });
  board.Fail(Failure("lost worker 0"));
  const auto results = run.get();
  ASSERT_FALSE(results.ok());
  EXPECT_EQ(results.error().message(), "lost worker 0");
}

TEST(DirectiveBoardTest, TellsAllToFinishNowOrWhenTheyAsk) {
  DirectiveBoard board(1, 1);
  const Answer server = Ask(board, Asks(ROLE_SERVER, 0));
  FinishDirective finish;
  finish.set_failed(true);
  finish.set_reason("because");
  auto told = std::async(std::launch::async, [&] { board.Finish(finish, 60); });
  while (server.pending()) std::this_thread::yield();
  const Answer worker = Ask(board, Asks(ROLE_WORKER, 0));
  told.get();  // at once, not after a minute
  EXPECT_EQ(server.proto<Directive>().finish().reason(), "because");
  EXPECT_TRUE(worker.proto<Directive>().finish().failed());
}

TEST(DirectiveBoardTest, DoesNotWaitForTheSilentForEver) {
  DirectiveBoard board(1, 1);
  board.Finish(FinishDirective(), 0.01);
}

TEST(DirectiveBoardTest, RefusesARankThatDoesNotExist) {
  DirectiveBoard board(1, 1);
  EXPECT_EQ(Ask(board, Asks(ROLE_SERVER, 1)).error(), "no such process: server 1");
  EXPECT_EQ(Ask(board, Asks(ROLE_WORKER, -1)).error(), "no such process: worker -1");
}

}  // namespace
}  // namespace primacy
