// Keys that are sent ahead, pushes in parts, and rows in 16 bits: what a server answers, and when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "ps/service/parameter_service.h"
#include "tests/ps/service/service_job.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::Answer;
using testing_support::ServiceJob;

constexpr Key kA = 0x0010'0000'0000'0001, kB = 0x0020'0000'0000'0002, kC = 0x0030'0000'0000'0003;

// The bits of an answer to keys, and the rows behind them.
uint8_t BitsOf(const Answer& answer) { return static_cast<uint8_t>(answer.raw().at(0)); }
std::vector<float> RowsOf(const Answer& answer) {
  std::vector<float> floats = answer.floats();
  return {floats.begin() + 16, floats.end()};
}

TEST(EarlyRows, NothingPendingAnswersAllRowsAtOnce) {
  ServiceJob job(1);
  const Answer keys = ServiceJob::Await(job.Keys(0, 0, 0, {kA, kB}));
  EXPECT_EQ(BitsOf(keys), 0b11);
  EXPECT_THAT(RowsOf(keys), ElementsAre(0, 0, 0, 0));
  const Answer rest = ServiceJob::Await(job.PullRest(0, 0, 0));
  EXPECT_THAT(rest.floats(), ElementsAre(0, 0, 0)) << "the dense tensor alone";
}

TEST(EarlyRows, RowsThatAStepUnderWayTouchesComeWithThePull) {
  ServiceJob job(1);
  job.Keys(0, 0, 0, {kA, kB});
  job.PullRest(0, 0, 0);
  const Answer keys = ServiceJob::Await(job.Keys(0, 1, 1, {kB, kC}));
  EXPECT_EQ(BitsOf(keys), 0b10) << "step 0 will change kB";
  EXPECT_EQ(RowsOf(keys).size(), 2u);
  const Answer rest = job.PullRest(0, 1, 1);
  job.Settle();
  EXPECT_TRUE(rest.pending());
  ServiceJob::Await(job.Push(0, 0, {0, 0, 1, 2, 10, 20, 30}));
  EXPECT_THAT(ServiceJob::Await(rest).floats(), ElementsAre(-1, -2, -10, -20, -30));
}

TEST(EarlyRows, WaitForTheKeysOfAllWorkersBefore) {
  ServiceJob job(2);
  job.Keys(0, 0, 0, {kA});
  job.PullRest(0, 0, 0);
  const Answer ahead = job.Keys(0, 1, 1, {kA, kB, kC});
  job.Settle();
  EXPECT_TRUE(ahead.pending()) << "worker 1 may touch any key in step 0";
  job.Keys(1, 0, 0, {kB});
  EXPECT_EQ(BitsOf(ServiceJob::Await(ahead)), 0b100);
}

TEST(EarlyRows, EqualThoseOfAPullThatWaits) {
  // The same three steps, once with keys ahead and parts, once without.
  const std::vector<std::vector<Key>> keys = {{kA, kB}, {kB, kC}, {kA, kC}};
  std::vector<std::vector<float>> read;
  for (const bool ahead : {false, true}) {
    ServiceJob job(1);
    for (Step step = 0; step < 3; ++step) {
      const float g = 0.1f + 0.7f * static_cast<float>(step);
      const std::vector<float> tables = {g, 2 * g, 3 * g, 4 * g}, dense = {g, g, -g};
      std::vector<float> whole = tables;
      whole.insert(whole.end(), dense.begin(), dense.end());
      if (!ahead) {
        ServiceJob::Await(job.Pull(0, step, step, keys[step]));
        ServiceJob::Await(job.Push(0, step, whole));
        continue;
      }
      if (step == 0) job.Keys(0, 0, 0, keys[0]);
      job.PullRest(0, step, step);
      if (step < 2) job.Keys(0, step + 1, step + 1, keys[step + 1]);
      job.PushPart(0, step, PushRequest::TABLES, tables);
      ServiceJob::Await(job.PushPart(0, step, PushRequest::DENSE, dense));
    }
    read.push_back(job.Read({kA, kB, kC}));
  }
  EXPECT_EQ(read[0], read[1]);
}

TEST(EarlyRows, ARepeatOfKeysIsAnsweredAnew) {
  ServiceJob job(1);
  job.Keys(0, 0, 0, {kA});
  job.PullRest(0, 0, 0);
  ServiceJob::Await(job.Keys(0, 1, 1, {kA, kB}));
  const Answer again = ServiceJob::Await(job.Keys(0, 1, 1, {kA, kB}));
  EXPECT_EQ(BitsOf(again), 0b10);
  const Answer rest = job.PullRest(0, 1, 1);
  ServiceJob::Await(job.Push(0, 0, {1, 1, 0, 0, 0}));
  EXPECT_THAT(ServiceJob::Await(rest).floats(), ElementsAre(-1, -1, 0, 0, 0));
}

TEST(EarlyRows, RefuseWhatDoesNotFit) {
  ServiceJob job(1);
  EXPECT_THAT(ServiceJob::Await(job.PullRest(0, 0, 0)).error(),
              HasSubstr("without having sent its keys"));
  job.Keys(0, 0, 0, {kA});
  job.PullRest(0, 0, 0);
  job.PushPart(0, 0, PushRequest::TABLES, {1, 1});
  EXPECT_THAT(ServiceJob::Await(job.Keys(0, 0, 0, {kA, kB})).error(),
              HasSubstr("after their step's gradients"));
  EXPECT_THAT(ServiceJob::Await(job.PushPart(0, 0, PushRequest::DENSE, {1})).error(),
              HasSubstr("4 bytes of gradients instead of 12"));
  ServiceJob ssp(1, {"runtime.consistency=SSP"});
  EXPECT_THAT(ServiceJob::Await(ssp.Keys(0, 0, 0, {kA})).error(), HasSubstr("step together only"));
  ssp.Pull(0, 0, 0, {kA});
  EXPECT_THAT(ServiceJob::Await(ssp.PushPart(0, 0, PushRequest::TABLES, {1, 1})).error(),
              HasSubstr("in parts"));
}

TEST(PushesInParts, AreAddedInWorkerOrderAndAppliedWhenWhole) {
  ServiceJob job(2);
  for (int worker = 0; worker < 2; ++worker) {
    job.Keys(worker, 0, 0, {kA});
    job.PullRest(worker, 0, 0);
  }
  const Answer dense1 = job.PushPart(1, 0, PushRequest::DENSE, {1, 1, 1});
  const Answer tables1 = job.PushPart(1, 0, PushRequest::TABLES, {2, 0});
  const Answer tables0 = job.PushPart(0, 0, PushRequest::TABLES, {1, 0});
  job.Settle();
  EXPECT_TRUE(tables0.pending());
  EXPECT_THAT(job.Read({kA}), ElementsAre(-3, 0, 0, 0, 0)) << "the tables do not wait";
  const Answer dense0 = ServiceJob::Await(job.PushPart(0, 0, PushRequest::DENSE, {3, 3, 3}));
  for (const Answer& answer : {tables0, tables1, dense0, dense1}) {
    EXPECT_TRUE(ServiceJob::Await(answer).replied());
  }
  EXPECT_THAT(job.Read({kA}), ElementsAre(-3, 0, -4, -4, -4));
}

TEST(PushesInParts, ARepeatedPartIsAppliedOnce) {
  ServiceJob job(1);
  job.Keys(0, 0, 0, {kA});
  job.PullRest(0, 0, 0);
  const Answer lost = job.PushPart(0, 0, PushRequest::TABLES, {1, 0});
  const Answer again = job.PushPart(0, 0, PushRequest::TABLES, {1, 0});
  job.PushPart(0, 0, PushRequest::DENSE, {0, 0, 0});
  EXPECT_TRUE(ServiceJob::Await(again).replied());
  EXPECT_NE(lost.error(), "") << "its connection is gone";
  EXPECT_TRUE(ServiceJob::Await(job.PushPart(0, 0, PushRequest::TABLES, {1, 0})).replied());
  EXPECT_THAT(job.Read({kA}), ElementsAre(-1, 0, 0, 0, 0));
}

TEST(PushesInParts, WaitForTheNormWhereTheUpdateIsClipped) {
  ServiceJob job(1, {"training.clip_norm=1"});
  job.norm_scale = 0.5;
  job.Keys(0, 0, 0, {kA});
  job.PullRest(0, 0, 0);
  job.PushPart(0, 0, PushRequest::TABLES, {2, 0});
  job.Settle();
  EXPECT_THAT(job.Read({kA}), ElementsAre(0, 0, 0, 0, 0));
  ServiceJob::Await(job.PushPart(0, 0, PushRequest::DENSE, {4, 0, 0}));
  EXPECT_THAT(job.Read({kA}), ElementsAre(-1, 0, -2, 0, 0));
}

TEST(PushesInParts, AGradientThatIsNotFiniteEndsThePhase) {
  ServiceJob job(1);
  job.Keys(0, 0, 0, {kA});
  job.PullRest(0, 0, 0);
  const Answer ahead = job.Keys(0, 1, 1, {kA});
  const Answer pull = job.PullRest(0, 1, 1);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(ServiceJob::Await(job.PushPart(0, 0, PushRequest::TABLES, {nan, 0})).error(),
              HasSubstr("step 0"));
  EXPECT_TRUE(ServiceJob::Await(ahead).replied());
  EXPECT_THAT(ServiceJob::Await(pull).error(), HasSubstr("step 0"));
  EXPECT_THAT(ServiceJob::Await(job.PushPart(0, 0, PushRequest::DENSE, {0, 0, 0})).error(),
              HasSubstr("step 0"));
}

TEST(NarrowRows, TravelBothWays) {
  for (const char* wire : {"runtime.wire=BF16", "runtime.wire=FP16"}) {
    ServiceJob job(1, {wire});
    job.Keys(0, 0, 0, {kA});
    job.PullRest(0, 0, 0);
    const bool bf16 = std::string(wire) == "runtime.wire=BF16";
    // 1.5 and -2 in 16 bits, sent times four.
    const std::vector<uint16_t> narrow =
        bf16 ? std::vector<uint16_t>{0x40C0, 0xC100} : std::vector<uint16_t>{0x4600, 0xC800};
    PushRequest request = ServiceJob::PushOf(0, 0, PushRequest::TABLES);
    request.set_gradient_scale(4);
    job.Send(MessageType::kPush, request, {std::as_bytes(std::span(narrow))});
    ServiceJob::Await(job.PushPart(0, 0, PushRequest::DENSE, {1, 0, 0}));
    EXPECT_THAT(job.Read({kA}), ElementsAre(-1.5, 2, -1, 0, 0)) << "read-only pulls are in full";
    const std::string raw = ServiceJob::Await(job.Keys(0, 1, 1, {kA})).raw();
    ASSERT_EQ(raw.size(), 64 + 4u);
    EXPECT_EQ(raw.substr(64),
              bf16 ? std::string("\xC0\xBF\x00\x40", 4) : std::string("\x00\xBE\x00\x40", 4));
  }
}

}  // namespace
}  // namespace primacy
