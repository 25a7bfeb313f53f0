#include "ps/coordinator/membership.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

JoinRequest Joins(Role role, int rank, int64_t pid = 1) {
  JoinRequest request;
  request.set_role(role);
  request.set_rank(rank);
  request.set_pid(pid);
  request.set_host("node7");
  if (role == ROLE_WORKER) {
    request.set_job_hash(42);
    request.set_train_rows(1000);
    request.set_holdout_rows(100);
    request.mutable_parameters()->add_table()->set_dim(8);
  }
  return request;
}

TEST(MembershipTest, WaitsForAllAndShowsWhatTheWorkersFound) {
  Membership membership(1, 2);
  auto all =
      std::async(std::launch::async, [&] { return membership.WaitForAll(milliseconds(60000)); });
  ASSERT_OK(membership.Join(Joins(ROLE_WORKER, 1)));
  ASSERT_OK(membership.Join(Joins(ROLE_SERVER, 0)));
  ASSERT_OK(membership.Join(Joins(ROLE_WORKER, 0)));
  ASSERT_OK(all.get());
  EXPECT_EQ(membership.worker_view().train_rows(), 1000);
}

TEST(MembershipTest, NamesThoseWhoAreMissing) {
  Membership membership(2, 2);
  ASSERT_OK(membership.Join(Joins(ROLE_SERVER, 0)));
  ASSERT_OK(membership.Join(Joins(ROLE_WORKER, 0)));
  const Status all = membership.WaitForAll(milliseconds(1));
  ASSERT_FALSE(all.ok());
  EXPECT_THAT(all.error().message(), HasSubstr("server 1, worker 1"));
}

TEST(MembershipTest, RefusesWorkersThatDisagree) {
  const auto differs = [](auto change) {
    Membership membership(1, 2);
    EXPECT_OK(membership.Join(Joins(ROLE_WORKER, 0, 77)));
    JoinRequest other = Joins(ROLE_WORKER, 1);
    change(other);
    const Status joined = membership.Join(other);
    if (joined.ok()) return std::string("joined");
    EXPECT_EQ(joined.error().kind(), ErrorKind::kUsage);
    return joined.error().message();
  };
  EXPECT_EQ(differs([](JoinRequest&) {}), "joined");
  for (const std::string& message :
       {differs([](JoinRequest& other) { other.set_job_hash(43); }),
        differs([](JoinRequest& other) { other.set_log_schema("x"); }),
        differs([](JoinRequest& other) { other.set_train_rows(999); }),
        differs([](JoinRequest& other) { other.set_holdout_rows(99); }),
        differs([](JoinRequest& other) { other.set_test_rows(5); }),
        differs([](JoinRequest& other) {
          other.mutable_parameters()->mutable_table(0)->set_dim(4);
        })}) {
    EXPECT_THAT(message, HasSubstr("worker 1 on node7"));
    EXPECT_THAT(message, HasSubstr("worker 0 (node7, pid 77)"));
  }
}

TEST(MembershipTest, RefusesRanksThatAreTakenOrDoNotExist) {
  Membership membership(1, 1);
  ASSERT_OK(membership.Join(Joins(ROLE_SERVER, 0, 5)));
  EXPECT_OK(membership.Join(Joins(ROLE_SERVER, 0, 5)));  // a repeat
  EXPECT_FALSE(membership.Join(Joins(ROLE_SERVER, 0, 6)).ok());
  EXPECT_FALSE(membership.Join(Joins(ROLE_SERVER, 1)).ok());
  EXPECT_FALSE(membership.Join(Joins(ROLE_WORKER, -1)).ok());
}

TEST(MembershipTest, NamesTheSilentMember) {
  Membership membership(1, 2);
  for (const int worker : {0, 1})
    ASSERT_OK(membership.Join(Joins(ROLE_WORKER, worker, 100 + worker)));
  EXPECT_FALSE(membership.FindSilent(milliseconds(60000)).has_value());
  std::this_thread::sleep_for(milliseconds(30));
  Heartbeat beat;
  beat.set_role(ROLE_WORKER);
  beat.set_rank(0);
  beat.set_resident_bytes(12345);
  membership.Beat(beat);
  EXPECT_EQ(membership.FindSilent(milliseconds(25)), "worker 1 (node7, pid 101)")
      << "server 0 has not joined: it is missing, not silent";
  EXPECT_EQ(membership.resident_bytes_max(), 12345);
  beat.set_rank(9);
  membership.Beat(beat);  // of nobody: no harm
}

TEST(MembershipTest, AnInterruptEndsTheWait) {
  Membership membership(1, 1);
  auto all =
      std::async(std::launch::async, [&] { return membership.WaitForAll(milliseconds(60000)); });
  membership.Interrupt(Failure("port in use"));
  const Status status = all.get();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message(), "port in use");
}

}  // namespace
}  // namespace primacy
