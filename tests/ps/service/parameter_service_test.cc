#include "ps/service/parameter_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/ps/service/service_job.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::Answer;
using testing_support::ServiceJob;

constexpr Key kA = 0x0010'0000'0000'0001, kB = 0x0020'0000'0000'0002;

TEST(ParameterServiceTest, BspPullsWaitForTheUpdateBefore) {
  ServiceJob job(2);
  const Answer first0 = job.Pull(0, 0, 0, {kA}), first1 = job.Pull(1, 0, 0, {kA, kB});
  const Answer next0 = job.Pull(0, 1, 1, {kB});
  const Answer push0 = job.Push(0, 0, {1, 2, 10, 20, 30});
  job.Settle();
  EXPECT_THAT(first0.floats(), ElementsAre(0, 0, 0, 0, 0));
  EXPECT_EQ(first1.floats().size(), 7u);
  EXPECT_TRUE(push0.pending()) << "worker 1 has not pushed";
  EXPECT_TRUE(next0.pending());
  const Answer push1 = job.Push(1, 0, {1, 1, 4, 5, 1, 1, 1});
  job.Settle();
  EXPECT_TRUE(push0.replied());
  EXPECT_TRUE(push1.replied());
  // Rate 1: minus the sums of both workers. key B had only worker 1's.
  EXPECT_THAT(next0.floats(), ElementsAre(-4, -5, -11, -21, -31));
  EXPECT_EQ(next0.proto<PullReply>().version(), 1);
  EXPECT_THAT(job.Read({kA}), ElementsAre(-2, -3, -11, -21, -31));
}

TEST(ParameterServiceTest, SumsInWorkerOrderWhateverComesFirst) {
  // In float (1e8 + 1) − 1e8 is 0 and (1e8 − 1e8) + 1 is 1.
  for (const bool backwards : {false, true}) {
    ServiceJob job(3);
    for (int worker = 0; worker < 3; ++worker) job.Pull(worker, 0, 0, {kA});
    const float gradient[] = {1e8f, -1e8f, 1};
    for (int i = 0; i < 3; ++i) {
      const int worker = backwards ? 2 - i : i;
      job.Push(worker, 0, {gradient[worker], 0, 0, 0, gradient[worker]});
    }
    job.Settle();
    EXPECT_THAT(job.Read({kA}), ElementsAre(-1, 0, 0, 0, -1));
  }
}

TEST(ParameterServiceTest, ARepeatIsAcknowledgedAndAppliedOnce) {
  ServiceJob job(2);
  for (int worker = 0; worker < 2; ++worker) job.Pull(worker, 0, 0, {kA});
  const Answer lost = job.Push(0, 0, {1, 0, 0, 0, 0});
  const Answer again = job.Push(0, 0, {1, 0, 0, 0, 0});
  job.Push(1, 0, {1, 0, 0, 0, 0});
  job.Settle();
  EXPECT_NE(lost.error(), "") << "its connection is gone";
  EXPECT_TRUE(again.replied());
  const Answer late = job.Push(1, 0, {1, 0, 0, 0, 0});
  job.Settle();
  EXPECT_TRUE(late.replied());
  EXPECT_THAT(job.Read({kA}), ElementsAre(-2, 0, 0, 0, 0));
}

TEST(ParameterServiceTest, RefusesWhatDoesNotFit) {
  ServiceJob job(1, {}, /*server=*/0, /*servers=*/2);
  EXPECT_THAT(ServiceJob::Await(job.Pull(0, 0, 0, {0xf000'0000'0000'0000})).error(),
              HasSubstr("another server"));
  EXPECT_THAT(ServiceJob::Await(job.Pull(0, 0, 0, {kA}, 9)).error(), HasSubstr("incarnation 9"));
  EXPECT_THAT(ServiceJob::Await(job.Pull(1, 0, 0, {kA})).error(), HasSubstr("no such worker: 1"));
  EXPECT_THAT(ServiceJob::Await(job.Push(0, 0, {1, 1})).error(),
              HasSubstr("without having pulled"));
  ServiceJob::Await(job.Pull(0, 0, 0, {kA}));
  EXPECT_THAT(ServiceJob::Await(job.Push(0, 0, {1})).error(),
              HasSubstr("bytes of gradients instead of"));
  EXPECT_THAT(ServiceJob::Await(job.Push(0, 0, {1, 1}, 9)).error(), HasSubstr("incarnation 9"));
  const std::vector<Key> keys = {kA};
  for (const int64_t count : {int64_t{0}, int64_t{2}, int64_t{-1}, int64_t{1} << 61}) {
    PullRequest request;
    request.set_incarnation(ServiceJob::kIncarnation);
    request.set_worker(0);
    request.add_key_count(count);
    const Answer answer = job.Send(MessageType::kPull, request, {std::as_bytes(std::span(keys))});
    EXPECT_THAT(ServiceJob::Await(answer).error(), HasSubstr("keys than it")) << count;
  }
  PullRequest tables;
  tables.set_incarnation(ServiceJob::kIncarnation);
  tables.set_worker(0);
  EXPECT_THAT(ServiceJob::Await(job.Send(MessageType::kPull, tables, {})).error(),
              HasSubstr("0 tables instead of 1"));
}

TEST(ParameterServiceTest, AGradientThatIsNotFiniteIsRefusedAndNamed) {
  for (const float wrong :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const auto refused = [](const std::vector<float>& gradients) {
      ServiceJob job(1);
      job.Pull(0, 4, 0, {kA});
      std::string error = ServiceJob::Await(job.Push(0, 4, gradients)).error();
      EXPECT_THAT(error, HasSubstr("step 4"));
      EXPECT_THAT(job.Read({kA}), ElementsAre(0, 0, 0, 0, 0)) << "nothing of it was applied";
      return error;
    };
    EXPECT_THAT(refused({1, 1, 1, wrong, 1}), HasSubstr("bottom"));
    EXPECT_THAT(refused({wrong, 1, 1, 1, 1}), HasSubstr("table"));
  }
}

// Workers send the next pull before they look at the answer to their push: left alone, it would
// wait for an update that never comes.
TEST(ParameterServiceTest, AnUpdateThatFailsAnswersWhatWaitsForIt) {
  ServiceJob job(2);
  job.Pull(0, 0, 0, {kA});
  job.Pull(1, 0, 0, {kA});
  auto push = job.Push(0, 0, {std::numeric_limits<float>::quiet_NaN(), 1, 1, 1, 1});
  auto ahead = job.Pull(0, 1, 1, {kA});
  auto other_push = job.Push(1, 0, {1, 1, 1, 1, 1});
  EXPECT_THAT(ServiceJob::Await(push).error(), HasSubstr("step 0"));
  EXPECT_THAT(ServiceJob::Await(other_push).error(), HasSubstr("step 0"));
  EXPECT_THAT(ServiceJob::Await(ahead).error(), HasSubstr("step 0"));
  EXPECT_THAT(ServiceJob::Await(job.Pull(1, 1, 1, {kA})).error(), HasSubstr("step 0"));
}

TEST(ParameterServiceTest, ClipsByTheFactorOfTheWholeJob) {
  ServiceJob job(1, {"training.clip_norm=1"});
  job.norm_scale = 0.25;
  job.Pull(0, 0, 0, {kA, kB});
  const Answer push = ServiceJob::Await(job.Push(0, 0, {3, 4, 12, 0, 8, 0, 16}));
  EXPECT_TRUE(push.replied());
  EXPECT_EQ(job.norm_step, 0);
  ASSERT_EQ(job.norm_squares.size(), kVirtualShards);
  EXPECT_EQ(job.norm_squares[ShardOf(kB)], 144);
  double sum = 0;
  for (const double square : job.norm_squares) sum += square;
  EXPECT_EQ(sum, 9 + 16 + 144 + 64 + 256);
  EXPECT_THAT(job.Read({kA}), ElementsAre(-0.75, -1, -2, 0, -4));
}

TEST(ParameterServiceTest, SspBoundsTheLeadAndIdleWorkersHoldNobodyUp) {
  ServiceJob job(2, {"runtime.consistency=SSP", "runtime.staleness=1"});
  for (Step step = 0; step < 2; ++step) {
    EXPECT_TRUE(ServiceJob::Await(job.Pull(0, step, step, {kA})).replied());
    if (step == 0) {
      EXPECT_TRUE(ServiceJob::Await(job.Push(0, step, {1, 0, 0, 0, 0})).replied());
    }
  }
  const Answer ahead = job.Pull(0, 2, 2, {kA});
  EXPECT_TRUE(ServiceJob::Await(job.Push(0, 1, {1, 0, 0, 0, 0})).replied());
  job.Settle();
  EXPECT_TRUE(ahead.pending()) << "worker 1 has pushed nothing";
  EXPECT_TRUE(ServiceJob::Await(job.Idle(1)).replied());
  job.Settle();
  EXPECT_THAT(ahead.floats(), ElementsAre(-2, 0, 0, 0, 0));
}

}  // namespace
}  // namespace primacy
