#include "ps/coordinator/gram_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "common/protocol/plane_products.h"
#include "common/protocol/sharding.h"
#include "ps/coordinator/weight_sums.h"
#include "ps/priority/mgda.h"
#include "tests/ps/coordinator/raw_doubles.h"
#include "tests/support/fake_responder.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::Answer;
using testing_support::RawDoubles;

// Numbers of all shards, all in shard `shard`.
std::vector<double> InOneShard(uint32_t shard, const std::vector<double>& numbers) {
  std::vector<double> products(kVirtualShards * numbers.size());
  std::copy(numbers.begin(), numbers.end(),
            products.begin() + static_cast<ptrdiff_t>(shard * numbers.size()));
  return products;
}

class Board {
 public:
  explicit Board(int servers, double clip_norm = 0)
      : servers_(servers),
        board(servers, clip_norm, {"like", "view", "click"},
              [this](const Error& error) { failure = error.message(); }) {
    board.BeginPhase();
  }

  // What one server has of `products`.
  Answer Send(int server, Step step, uint64_t tasks, const std::vector<double>& products) {
    const size_t numbers = products.size() / kVirtualShards;
    const ShardRange shards = ShardsOf(server, servers_);
    GramRequest request;
    request.set_server(server);
    request.set_step(step);
    request.set_first_shard(shards.begin);
    request.set_plane_tasks(tasks);
    Answer answer;
    const auto begin = products.begin();
    board.OnGram(request,
                 RawDoubles({begin + static_cast<ptrdiff_t>(shards.begin * numbers),
                             begin + static_cast<ptrdiff_t>(shards.end * numbers)}),
                 answer.MakeResponder());
    return answer;
  }

  const int servers_;
  std::string failure;
  GramBoard board;
};

std::vector<double> Shared(const Answer& answer) {
  const GramReply reply = answer.proto<GramReply>();
  return {reply.shared_weight().begin(), reply.shared_weight().end()};
}
std::vector<double> Private(const Answer& answer) {
  const GramReply reply = answer.proto<GramReply>();
  return {reply.private_weight().begin(), reply.private_weight().end()};
}

// Tasks 0 and 2: ⟨0,0⟩ = 1, ⟨2,0⟩ = 0, ⟨2,2⟩ = 4, private squares 9 and 16.
const std::vector<double> kNumbers = {1, 0, 4, 9, 16};

TEST(GramBoardTest, AnswersWhenAllServersAndTheLossesAreThere) {
  Board job(2);
  job.board.BeginStage(std::make_unique<UpdateWeigher>(3, MakeMgda(), WeighingState()), {});
  const std::vector<double> products = InOneShard(3000, kNumbers);
  const Answer first = job.Send(1, 5, 0b101, products);
  EXPECT_TRUE(first.pending());
  job.board.OnLosses({5, {1, 0, 1}, {1, 1, 1}});
  EXPECT_TRUE(first.pending());
  const Answer second = job.Send(0, 5, 0b101, products);
  EXPECT_THAT(Shared(first), ElementsAre(0.8, 0.2));
  EXPECT_THAT(Private(first), ElementsAre(1.0, 1.0)) << "private parameters keep their gradient";
  EXPECT_THAT(Shared(second), ElementsAre(0.8, 0.2));
  EXPECT_EQ(second.proto<GramReply>().scale(), 1);
  EXPECT_THAT(MeanWeights(job.board.weights()), ElementsAre(0.8, 0.0, 0.2));
  EXPECT_EQ(job.board.Saved().updates, 1);
}

TEST(GramBoardTest, MeanWeightsAreOfTheUpdatesSinceTheyWereCleared) {
  Board job(1);
  job.board.BeginStage(nullptr, {});
  const std::vector<double> products = InOneShard(7, kNumbers);
  const auto weigh = [&](Step step, double like, double click) {
    job.board.OnLosses({step, {1, 0, 1}, {like, 9, click}});
    job.Send(0, step, 0b101, products);
  };
  EXPECT_THAT(MeanWeights(job.board.weights()), IsEmpty());
  weigh(0, 1, 0.5);
  job.board.BeginPhase();
  weigh(1, 3, 0);
  EXPECT_THAT(MeanWeights(job.board.weights()), ElementsAre(2.0, 0.0, 0.25)) << "over phases";
  const WeightSums saved = job.board.weights();
  job.board.ClearWeights();
  EXPECT_THAT(MeanWeights(job.board.weights()), IsEmpty());
  job.board.BeginStage(nullptr, saved);  // resumed
  weigh(2, 5, 1);
  EXPECT_THAT(MeanWeights(job.board.weights()), ElementsAre(3.0, 0.0, 0.5));
}

TEST(GramBoardTest, WithoutAMethodTheGrantedWeightsCount) {
  Board job(1, 1.0);
  job.board.BeginStage(nullptr, {});
  job.board.OnLosses({0, {1, 0, 1}, {0.5, 9, 0.25}});
  const Answer answer = job.Send(0, 0, 0b101, InOneShard(7, kNumbers));
  EXPECT_THAT(Shared(answer), ElementsAre(0.5, 0.25));
  EXPECT_THAT(Private(answer), ElementsAre(0.5, 0.25));
  // ¼ (1 + 9) + 1/16 (4 + 16) = 3.75, all of it clipped to 1.
  EXPECT_DOUBLE_EQ(answer.proto<GramReply>().scale(), 1 / std::sqrt(3.75));
}

// Numbers of which the rounded sum depends on the order.
TEST(GramBoardTest, WeightsDependNeitherOnArrivalNorOnTheNumberOfServers) {
  std::vector<double> products(kVirtualShards * kNumbers.size());
  for (size_t i = 0; i < products.size(); ++i)
    products[i] = kNumbers[i % kNumbers.size()] * std::pow(10.0, static_cast<double>(i % 31) - 15);
  std::vector<std::vector<double>> weights;
  for (const int servers : {1, 2, 3, 5}) {
    Board job(servers);
    job.board.BeginStage(std::make_unique<UpdateWeigher>(3, MakeMgda(), WeighingState()), {});
    job.board.OnLosses({2, {1, 0, 1}, {}});
    Answer last;
    for (int server = servers; server-- > 0;) last = job.Send(server, 2, 0b101, products);
    weights.push_back(Shared(last));
  }
  for (const std::vector<double>& some : weights) EXPECT_EQ(some, weights[0]);
}

TEST(GramBoardTest, AGradientThatIsNotFiniteEndsTheJobAndNamesStepAndTask) {
  for (const size_t number : {size_t{2}, size_t{4}}) {  // shared, private
    Board job(1);
    job.board.BeginStage(std::make_unique<UpdateWeigher>(3, MakeMgda(), WeighingState()), {});
    job.board.OnLosses({4, {1, 0, 1}, {}});
    std::vector<double> numbers = kNumbers;
    numbers[number] = std::numeric_limits<double>::infinity();
    const Answer answer = job.Send(0, 4, 0b101, InOneShard(0, numbers));
    EXPECT_THAT(job.failure, HasSubstr("the gradient of task click is not finite at step 4"));
    EXPECT_TRUE(answer.pending()) << "the job's failure answers it";
    job.board.Fail(Failure(job.failure));
    EXPECT_THAT(answer.error(), HasSubstr("click"));
  }
}

TEST(GramBoardTest, RefusesWhatDoesNotFit) {
  Board job(2);
  job.board.BeginStage(nullptr, {});
  const std::vector<double> products = InOneShard(0, kNumbers);
  EXPECT_THAT(job.Send(0, 0, 0, products).error(), HasSubstr("planes of tasks"));
  EXPECT_THAT(job.Send(0, 0, 0b1001, products).error(), HasSubstr("planes of tasks"));
  EXPECT_THAT(job.Send(0, 0, 0b111, products).error(), HasSubstr("shards that do not exist"));
  EXPECT_TRUE(job.Send(0, 0, 0b101, products).pending());
  EXPECT_THAT(job.Send(1, 0, 0b110, products).error(), HasSubstr("other tasks' planes"));
}

}  // namespace
}  // namespace primacy
