#include "common/cluster/rendezvous.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace primacy {
namespace {

using testing::ElementsAre;

using Offers = std::vector<Result<std::string>>;
using Answer = Result<std::vector<std::string>>;

std::vector<Answer> Meet(const Offers& offers) {
  const auto members = MakeLocalCluster(static_cast<int>(offers.size()));
  std::vector<Answer> answers(offers.size(), Failure("no answer"));
  std::vector<std::thread> threads;
  for (size_t rank = 0; rank < offers.size(); ++rank) {
    threads.emplace_back([&, rank] {
      answers[rank] = Exchange(*members[rank], "rank " + std::to_string(rank), offers[rank]);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return answers;
}

void ExpectError(const std::vector<Answer>& answers, ErrorKind kind, const std::string& message) {
  for (const Answer& answer : answers) {
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().kind(), kind);
    EXPECT_EQ(answer.error().message(), message);
  }
}

TEST(Rendezvous, AllGetAllOffersByRank) {
  for (const Answer& answer : Meet({std::string("a\"b"), std::string(), std::string("[c]\n")})) {
    ASSERT_TRUE(answer.ok());
    EXPECT_THAT(*answer, ElementsAre("a\"b", "", "[c]\n"));
  }
}

TEST(Rendezvous, OneErrorIsEveryonesAndNamesItsRank) {
  ExpectError(Meet({std::string("a"), Failure("no disk"), std::string("c")}), ErrorKind::kFailure,
              "rank 1: no disk");
}

TEST(Rendezvous, AnErrorOfAllNamesNobody) {
  ExpectError(Meet({UsageError("no job"), UsageError("no job")}), ErrorKind::kUsage, "no job");
}

TEST(Rendezvous, AMistakeComesBeforeAFailure) {
  ExpectError(Meet({Failure("no disk"), std::string(), UsageError("--port is taken")}),
              ErrorKind::kUsage, "rank 2: --port is taken");
}

TEST(Rendezvous, AMemberThatLeavesWakesTheOthers) {
  auto members = MakeLocalCluster(2);
  std::thread leaver([gone = std::move(members[1])]() mutable { gone.reset(); });
  EXPECT_FALSE(Exchange(*members[0], "rank 0", std::string("a")).ok());
  leaver.join();
}

}  // namespace
}  // namespace primacy
