// Pushes in planes: one update of all workers in BSP, one of each worker otherwise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ps/service/service_job.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace testing_support;  // NOLINT: a test

constexpr Key kKey = 77;

Answer PushPlanes(ServiceJob& job, int worker, Step step, uint64_t tasks,
                  const std::vector<float>& gradients) {
  PushRequest request = ServiceJob::PushOf(worker, step, PushRequest::WHOLE);
  request.set_active_tasks(3);
  request.set_plane_tasks(tasks);
  return job.Send(MessageType::kPush, request, {std::as_bytes(std::span(gradients))});
}

GramReply Weights(double first, double second, double scale) {
  GramReply reply;
  for (const double weight : {first, second}) {
    reply.add_shared_weight(weight);
    reply.add_private_weight(1);
  }
  reply.set_scale(scale);
  return reply;
}

// Two planes: a row of two floats and three dense ones each.
const std::vector<float> kOne = {1, 0, 1, 0, 0, /**/ 0, 1, 0, 0, 2};
const std::vector<float> kTwo = {1, 1, 0, 1, 0, /**/ 1, 0, 0, 0, 1};

TEST(PlanePushesTest, BspWeighsTheSumOfAllWorkers) {
  ServiceJob job(2, {}, 0, 1, 2);
  ServiceJob::Await(job.Pull(0, 0, 0, {kKey}));
  ServiceJob::Await(job.Pull(1, 0, 0, {kKey}));
  const Answer second = PushPlanes(job, 1, 0, 3, kTwo);
  job.Settle();
  EXPECT_TRUE(second.pending());
  const Answer first = PushPlanes(job, 0, 0, 3, kOne);
  job.Settle();
  ASSERT_TRUE(job.gram_done != nullptr);
  EXPECT_EQ(job.gram_request.plane_tasks(), 3u);
  // Summed planes: (2,1 | 1,1,0) and (1,1 | 0,0,3).
  std::vector<double> sums(5, 0.0);
  for (size_t i = 0; i < job.gram_products.size(); ++i) sums[i % 5] += job.gram_products[i];
  EXPECT_THAT(sums, ElementsAre(7, 3, 11, 0, 0));
  EXPECT_TRUE(first.pending());
  job.gram_done(Weights(2, 1, 0.5));
  ServiceJob::Await(first);
  ServiceJob::Await(second);
  EXPECT_THAT(job.Read({kKey}), ElementsAre(-2.5, -1.5, -1, -1, -1.5));
}

TEST(PlanePushesTest, WithoutWaitingEachWorkerHasItsOwnUpdate) {
  ServiceJob job(2, {"runtime.consistency=ASP"}, 0, 1, 2);
  for (const int worker : {0, 1}) ServiceJob::Await(job.Pull(worker, worker, 0, {kKey}));
  const Answer first = PushPlanes(job, 0, 0, 3, kOne);
  job.Settle();
  const auto first_done = job.gram_done;
  const Answer second = PushPlanes(job, 1, 1, 3, kTwo);
  job.Settle();
  EXPECT_EQ(job.gram_request.step(), 1);
  job.gram_done(Weights(1, 0, 1));
  ServiceJob::Await(second);
  EXPECT_TRUE(first.pending());
  EXPECT_THAT(job.Read({kKey}), ElementsAre(-1, -1, 0, -1, 0));
  first_done(Weights(0, 1, 1));
  ServiceJob::Await(first);
  EXPECT_THAT(job.Read({kKey}), ElementsAre(-1, -2, 0, -1, -2));
}

TEST(PlanePushesTest, RefusesWhatDoesNotFit) {
  ServiceJob job(2, {}, 0, 1, 2);
  ServiceJob::Await(job.Pull(0, 0, 0, {kKey}));
  ServiceJob::Await(job.Pull(1, 0, 0, {kKey}));
  EXPECT_THAT(ServiceJob::Await(PushPlanes(job, 0, 0, 1, kOne)).error(),
              HasSubstr("40 bytes of gradients instead of 20"));
  EXPECT_THAT(ServiceJob::Await(PushPlanes(job, 0, 0, 5, kOne)).error(),
              HasSubstr("planes of tasks that the job does not have"));
  const Answer first = PushPlanes(job, 0, 0, 3, kOne);
  const Answer second = ServiceJob::Await(PushPlanes(job, 1, 0, 1, {1, 0, 1, 0, 0}));
  EXPECT_THAT(second.error(), HasSubstr("in other planes than the workers before it"));
  EXPECT_THAT(ServiceJob::Await(first).error(), HasSubstr("in other planes"));
}

TEST(PlanePushesTest, AFailureOfTheCoordinatorFailsThePhase) {
  ServiceJob job(1, {}, 0, 1, 2);
  ServiceJob::Await(job.Pull(0, 0, 0, {kKey}));
  const Answer push = PushPlanes(job, 0, 0, 3, kOne);
  job.Settle();
  job.gram_done(Failure("the gradient of task top is not finite"));
  EXPECT_THAT(ServiceJob::Await(push).error(), HasSubstr("task top"));
  EXPECT_THAT(job.Read({kKey}), ElementsAre(0, 0, 0, 0, 0));
}

// An answer that comes after its phase must find nothing to change.
TEST(PlanePushesTest, WeightsThatComeTooLateAreDropped) {
  ServiceJob job(1, {"runtime.consistency=ASP"}, 0, 1, 2);
  ServiceJob::Await(job.Pull(0, 0, 0, {kKey}));
  const Answer push = PushPlanes(job, 0, 0, 3, kOne);
  job.Settle();
  job.BeginPhase(ServiceJob::kIncarnation + 1);
  EXPECT_THAT(ServiceJob::Await(push).error(), HasSubstr("is over"));
  job.gram_done(Weights(1, 1, 1));
  job.incarnation = ServiceJob::kIncarnation + 1;
  EXPECT_THAT(job.Read({kKey}), ElementsAre(0, 0, 0, 0, 0));
}

}  // namespace
}  // namespace primacy
