#include "worker/client/parameter_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/hash.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TransportOptions Options() {
  TransportOptions options;
  options.secret = "secret";
  return options;
}

ParameterSpec Parameters() {
  ParameterSpec parameters;
  parameters.add_table()->set_dim(2);
  parameters.add_table()->set_dim(1);
  TensorSpec& tensor = *parameters.add_tensor();
  tensor.set_name("bottom");
  tensor.set_rows(3);
  tensor.set_cols(kDenseBlockFloats);  // three blocks
  return parameters;
}

float RowValue(Key key, size_t column) {
  return static_cast<float>(key % 1000003) + 0.5f * static_cast<float>(column);
}
float DenseValue(size_t element) { return static_cast<float>(element % 777); }

// A server that answers every row with a function of its key, and keeps what is pushed.
class FakeServer {
 public:
  FakeServer(int server, int servers) : layout_(Parameters()), shards_(ShardsOf(server, servers)) {
    TransportServer::Handlers handlers;
    handlers.request = [this](const std::string&, Message request, Responder responder) {
      if (request.header.type == MessageType::kStep) {
        StepReply reply;
        reply.set_phase_over(ParseProto<StepRequest>(request)->step() >= 100);
        reply.add_loss_factor(0.25);
        return responder.Reply(reply);
      }
      if (request.header.type == MessageType::kPull) return Answer(request, std::move(responder));
      const auto floats = request.raw.As<float>(0, request.raw.size() / sizeof(float));
      pushed.assign(floats.begin(), floats.end());
      responder.Reply(Empty());
    };
    transport = *TransportServer::Start("127.0.0.1", 0, Options(), std::move(handlers));
  }

  std::vector<float> pushed;
  std::atomic<int> missing_floats = 0;
  std::unique_ptr<TransportServer> transport;

 private:
  void Answer(const Message& message, Responder responder) {
    const PullRequest pull = *ParseProto<PullRequest>(message);
    auto rows = std::make_shared<std::vector<float>>();
    size_t at = 0;
    for (int table = 0; table < 2; ++table) {
      for (const Key key : message.raw.As<Key>(at * sizeof(Key), pull.key_count(table))) {
        EXPECT_TRUE(shards_.Contains(ShardOf(key)));
        for (int c = 0; c < Parameters().table(table).dim(); ++c) rows->push_back(RowValue(key, c));
      }
      at += pull.key_count(table);
    }
    EXPECT_EQ(at * sizeof(Key), message.raw.size());
    if (pull.want_dense()) {
      for (const DenseBlock& block : layout_.BlocksOf(shards_)) {
        for (size_t i = 0; i < block.size; ++i) rows->push_back(DenseValue(block.flat_begin + i));
      }
    }
    rows->resize(rows->size() - missing_floats);
    RawParts raw;
    raw.pieces.push_back(std::as_bytes(std::span(*rows)));
    raw.owner = rows;
    responder.Reply(PullReply(), std::move(raw));
  }

  const DenseLayout layout_;
  const ShardRange shards_;
};

std::shared_ptr<Batch> MakeBatch(Step step) {
  auto batch = std::make_shared<Batch>();
  batch->step = step;
  batch->rows = 4;
  batch->tables.resize(2);
  for (uint64_t i = 0; i < 50; ++i) batch->tables[0].keys.push_back(Mix64(i));
  for (uint64_t i = 0; i < 7; ++i) batch->tables[1].keys.push_back(Mix64(1000 + i));
  for (BatchTable& table : batch->tables) {
    std::stable_sort(table.keys.begin(), table.keys.end(),
                     [](Key a, Key b) { return ShardOf(a) < ShardOf(b); });
  }
  return batch;
}

class ParameterClientTest : public testing::TestWithParam<int> {
 protected:
  ParameterClientTest() {
    ClientOptions options;
    options.transport = Options();
    for (int server = 0; server < GetParam(); ++server) {
      servers_.push_back(std::make_unique<FakeServer>(server, GetParam()));
      options.servers.push_back(servers_.back()->transport->endpoint());
    }
    client_ = *ParameterClient::Connect(options, Parameters());
  }

  void ExpectRows(const Batch& batch, const PulledParameters& rows) {
    for (size_t k = 0; k < batch.tables[0].keys.size(); ++k) {
      EXPECT_EQ(rows.tables[0][2 * k], RowValue(batch.tables[0].keys[k], 0));
      EXPECT_EQ(rows.tables[0][2 * k + 1], RowValue(batch.tables[0].keys[k], 1));
    }
    for (size_t k = 0; k < batch.tables[1].keys.size(); ++k) {
      EXPECT_EQ(rows.tables[1][k], RowValue(batch.tables[1].keys[k], 0));
    }
  }

  std::vector<std::unique_ptr<FakeServer>> servers_;
  std::unique_ptr<ParameterClient> client_;
};

TEST_P(ParameterClientTest, PutsRowsAndTensorsTogetherFromAllServers) {
  const auto batch = MakeBatch(3);
  PendingStep step = client_->BeginStep(batch, 0, std::vector<double>{4});
  const Result<StepGrant> grant = client_->AwaitGrant(step);
  ASSERT_OK(grant);
  EXPECT_FALSE(grant->phase_over);
  EXPECT_THAT(grant->loss_factor, ElementsAre(0.25));
  std::vector<float> dense(client_->layout().flat_size(), -1);
  const Result<PulledParameters> rows = client_->AwaitRows(step, dense);
  ASSERT_OK(rows);
  ExpectRows(*batch, *rows);
  for (size_t i = 0; i < 3 * kDenseBlockFloats; ++i) ASSERT_EQ(dense[i], DenseValue(i)) << i;
  EXPECT_GT(client_->bytes_sent(), 0);
}

TEST_P(ParameterClientTest, ReadsRowsAlone) {
  const auto batch = MakeBatch(0);
  const auto pull = client_->PullReadOnly(batch, /*want_dense=*/false);
  const Result<PulledParameters> rows = client_->Await(*pull, {});
  ASSERT_OK(rows);
  ExpectRows(*batch, *rows);
}

TEST_P(ParameterClientTest, AStepAfterThePhaseIsNotPulled) {
  PendingStep step = client_->BeginStep(MakeBatch(100), 0, std::vector<double>{4});
  const Result<StepGrant> grant = client_->AwaitGrant(step);
  ASSERT_OK(grant);
  EXPECT_TRUE(grant->phase_over);
}

TEST_P(ParameterClientTest, RefusesAnAnswerOfAnotherSize) {
  servers_.back()->missing_floats = 1;
  const auto pull = client_->PullReadOnly(MakeBatch(0), /*want_dense=*/false);
  const Result<PulledParameters> rows = client_->Await(*pull, {});
  ASSERT_FALSE(rows.ok());
  EXPECT_THAT(rows.error().message(), HasSubstr("server " + std::to_string(GetParam() - 1)));
}

TEST_P(ParameterClientTest, SendsEveryServerItsGradients) {
  const auto batch = MakeBatch(0);
  for (const bool freeze_shared : {false, true}) {
    auto gradients = std::make_shared<GradientBuffer>();
    gradients->tables = {std::vector<float>(100), std::vector<float>(7)};
    gradients->dense.resize(client_->layout().flat_size());
    float next = 1;
    for (std::vector<float>& table : gradients->tables) {
      for (float& value : table) value = next++;
    }
    for (float& value : gradients->dense) value = next++;
    ASSERT_OK(client_->Push(*batch, gradients, 1, freeze_shared)->Wait());
    for (int server = 0; server < GetParam(); ++server) {
      const ShardRange shards = ShardsOf(server, GetParam());
      std::vector<float> expected;
      for (size_t t = 0; t < 2 && !freeze_shared; ++t) {
        const size_t dim = t == 0 ? 2 : 1;
        for (size_t k = 0; k < batch->tables[t].keys.size(); ++k) {
          if (!shards.Contains(ShardOf(batch->tables[t].keys[k]))) continue;
          for (size_t c = 0; c < dim; ++c) expected.push_back(gradients->tables[t][k * dim + c]);
        }
      }
      for (const DenseBlock& block : client_->layout().BlocksOf(shards)) {
        for (size_t i = 0; i < block.size; ++i)
          expected.push_back(gradients->dense[block.flat_begin + i]);
      }
      EXPECT_EQ(servers_[server]->pushed, expected) << server;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Servers, ParameterClientTest, testing::Values(1, 2, 5));

}  // namespace
}  // namespace primacy
