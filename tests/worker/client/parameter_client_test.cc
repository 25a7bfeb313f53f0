#include "worker/client/parameter_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/hash.h"
#include "common/protocol/row_wire.h"
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

// What 16 bits hold.
float RowValue(Key key, size_t column) {
  return static_cast<float>(key % 64) + 0.5f * static_cast<float>(column);
}
float DenseValue(size_t element) { return static_cast<float>(element % 777); }

// A server that answers every row with a function of its key, and keeps what is pushed.
class FakeServer {
 public:
  FakeServer(int server, int servers, Precision wire)
      : wire_(wire), layout_(Parameters()), shards_(ShardsOf(server, servers)) {
    TransportServer::Handlers handlers;
    handlers.request = [this](const std::string&, Message request, Responder responder) {
      if (request.header.type == MessageType::kStep) {
        StepReply reply;
        reply.set_phase_over(ParseProto<StepRequest>(request)->step() >= 100);
        reply.add_loss_factor(0.25);
        return responder.Reply(reply);
      }
      if (request.header.type == MessageType::kKeys)
        return AnswerKeys(request, std::move(responder));
      if (request.header.type == MessageType::kPull) return Answer(request, std::move(responder));
      const PushRequest push = *ParseProto<PushRequest>(request);
      scale = push.gradient_scale();
      if (push.part() != PushRequest::DENSE) pushed.clear();
      pushed.append(reinterpret_cast<const char*>(request.raw.data()), request.raw.size());
      responder.Reply(Empty());
    };
    transport = *TransportServer::Start("127.0.0.1", 0, Options(), std::move(handlers));
  }

  std::string pushed;  // raw parts of the last push
  float scale = 0;
  std::atomic<int> missing_floats = 0;
  std::unique_ptr<TransportServer> transport;

 private:
  using Tables = std::vector<std::vector<Key>>;

  template <typename Request>
  Tables KeysOf(const Message& message, const Request& request) {
    Tables tables;
    size_t at = 0;
    for (const int64_t count : request.key_count()) {
      const auto keys = message.raw.As<Key>(at * sizeof(Key), static_cast<size_t>(count));
      for (const Key key : keys) EXPECT_TRUE(shards_.Contains(ShardOf(key)));
      tables.emplace_back(keys.begin(), keys.end());
      at += keys.size();
    }
    EXPECT_EQ(at * sizeof(Key), message.raw.size());
    return tables;
  }

  void AppendRows(const std::vector<Key>& keys, int dim, Precision wire, std::string& out) {
    std::vector<float> rows;
    for (const Key key : keys) {
      for (int c = 0; c < dim; ++c) rows.push_back(RowValue(key, static_cast<size_t>(c)));
    }
    std::vector<uint32_t> bytes(RowWireBytes(wire, rows.size()) / 4);
    NarrowRows(wire, rows, reinterpret_cast<std::byte*>(bytes.data()));
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size() * 4);
  }

  // Every third key's row comes early.
  void AnswerKeys(const Message& message, Responder responder) {
    const Tables tables = KeysOf(message, *ParseProto<KeysRequest>(message));
    std::string bits, rows;
    late_.assign(tables.size(), {});
    for (size_t t = 0; t < tables.size(); ++t) {
      std::string table_bits(KeyBitsOfTable(tables[t].size()), '\0');
      std::vector<Key> early;
      for (size_t i = 0; i < tables[t].size(); ++i) {
        (i % 3 == 0 ? early : late_[t]).push_back(tables[t][i]);
        if (i % 3 == 0) table_bits[i / 8] = static_cast<char>(table_bits[i / 8] | 1 << (i % 8));
      }
      bits += table_bits;
      AppendRows(early, Parameters().table(static_cast<int>(t)).dim(), wire_, rows);
    }
    bits.resize((bits.size() + 63) / 64 * 64);
    Reply(KeysReply(), bits + rows, std::move(responder));
  }

  void Answer(const Message& message, Responder responder) {
    const PullRequest pull = *ParseProto<PullRequest>(message);
    const Tables tables = pull.keys_sent() ? late_ : KeysOf(message, pull);
    std::string rows;
    for (size_t t = 0; t < tables.size(); ++t) {
      AppendRows(tables[t], Parameters().table(static_cast<int>(t)).dim(),
                 pull.read_only() ? FP32 : wire_, rows);
    }
    if (pull.want_dense()) {
      for (const DenseBlock& block : layout_.BlocksOf(shards_)) {
        for (size_t i = 0; i < block.size; ++i) {
          const float value = DenseValue(block.flat_begin + i);
          rows.append(reinterpret_cast<const char*>(&value), sizeof(value));
        }
      }
    }
    Reply(PullReply(), std::move(rows), std::move(responder));
  }

  template <typename T>
  void Reply(const T& reply, std::string bytes, Responder responder) {
    auto rows = std::make_shared<std::string>(std::move(bytes));
    rows->resize(rows->size() - static_cast<size_t>(missing_floats) * sizeof(float));
    RawParts raw;
    raw.pieces.push_back(std::as_bytes(std::span(*rows)));
    raw.owner = rows;
    responder.Reply(reply, std::move(raw));
  }

  const Precision wire_;
  const DenseLayout layout_;
  const ShardRange shards_;
  Tables late_;
};

std::shared_ptr<Batch> MakeBatch(Step step, int servers) {
  auto batch = std::make_shared<Batch>();
  batch->step = step;
  batch->rows = 4;
  batch->tables.resize(2);
  for (int server = 0; server <= servers; ++server) {
    const ShardRange shards = ShardsOf(server, servers);
    for (BatchTable& table : batch->tables) table.server_begin.push_back(table.keys.size());
    const auto add = [&](size_t table, Key key) {
      if (shards.Contains(ShardOf(key))) batch->tables[table].keys.push_back(key);
    };
    for (uint64_t i = 0; i < 50; ++i) add(0, Mix64(i));
    for (uint64_t i = 0; i < 7; ++i) add(1, Mix64(1000 + i));
  }
  return batch;
}

struct Params {
  int servers = 1;
  Precision wire = FP32;
};

class ParameterClientTest : public testing::TestWithParam<Params> {
 protected:
  ParameterClientTest() {
    ClientOptions options;
    options.transport = Options();
    options.wire = GetParam().wire;
    for (int server = 0; server < servers(); ++server) {
      servers_.push_back(std::make_unique<FakeServer>(server, servers(), GetParam().wire));
      options.servers.push_back(servers_.back()->transport->endpoint());
    }
    client_ = *ParameterClient::Connect(options, Parameters());
  }

  int servers() const { return GetParam().servers; }

  void ExpectRows(const Batch& batch, const PulledRows& rows) {
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
  const auto batch = MakeBatch(3, servers());
  for (const bool keys_ahead : {false, true}) {
    PendingStep step = client_->BeginStep(batch, 0, std::vector<double>{4}, keys_ahead);
    const Result<StepGrant> grant = client_->AwaitGrant(step);
    ASSERT_OK(grant);
    EXPECT_FALSE(grant->phase_over);
    EXPECT_THAT(grant->loss_factor, ElementsAre(0.25));
    std::vector<float> dense(client_->layout().flat_size(), -1);
    Result<PulledRows> rows = client_->AwaitRows(step, dense);
    ASSERT_OK(rows);
    ExpectRows(*batch, *rows);
    for (size_t i = 0; i < 3 * kDenseBlockFloats; ++i) ASSERT_EQ(dense[i], DenseValue(i)) << i;
    client_->Recycle(*std::move(rows));
  }
  EXPECT_GT(client_->bytes_sent(), 0);
}

TEST_P(ParameterClientTest, ReadsRowsAlone) {
  const auto batch = MakeBatch(0, servers());
  const auto pull = client_->PullReadOnly(batch, /*want_dense=*/false);
  const Result<PulledRows> rows = client_->Await(*pull, {});
  ASSERT_OK(rows);
  ExpectRows(*batch, *rows);
}

TEST_P(ParameterClientTest, AStepAfterThePhaseIsNotPulled) {
  PendingStep step = client_->BeginStep(MakeBatch(100, servers()), 0, std::vector<double>{4}, true);
  const Result<StepGrant> grant = client_->AwaitGrant(step);
  ASSERT_OK(grant);
  EXPECT_TRUE(grant->phase_over);
  EXPECT_OK(client_->Abandon(step));
}

TEST_P(ParameterClientTest, RefusesAnAnswerOfAnotherSize) {
  servers_.back()->missing_floats = 1;
  const auto pull = client_->PullReadOnly(MakeBatch(0, servers()), /*want_dense=*/false);
  const Result<PulledRows> rows = client_->Await(*pull, {});
  ASSERT_FALSE(rows.ok());
  const auto server = HasSubstr("server " + std::to_string(servers() - 1));
  EXPECT_THAT(rows.error().message(), server);
  for (const int missing : {1, 1000}) {
    servers_.back()->missing_floats = 0;
    PendingStep step = client_->BeginStep(MakeBatch(1, servers()), 0, std::vector<double>{4}, true);
    ASSERT_OK(client_->Abandon(step));
    servers_.back()->missing_floats = missing;
    PendingStep wrong =
        client_->BeginStep(MakeBatch(1, servers()), 0, std::vector<double>{4}, missing < 10);
    ASSERT_OK(client_->AwaitGrant(wrong));
    std::vector<float> dense(client_->layout().flat_size());
    const Result<PulledRows> none = client_->AwaitRows(wrong, dense);
    ASSERT_FALSE(none.ok());
    EXPECT_THAT(none.error().message(), server);
  }
}

TEST_P(ParameterClientTest, SendsEveryServerItsGradients) {
  const auto batch = MakeBatch(0, servers());
  for (const bool freeze_shared : {false, true}) {
    auto gradients = std::make_shared<GradientBuffer>();
    gradients->tables = {LargeFloats(100), LargeFloats(7)};
    gradients->dense.resize(client_->layout().flat_size());
    float next = 1;
    for (LargeFloats& table : gradients->tables) {
      for (float& value : table) value = next++;
    }
    for (float& value : gradients->dense) value = next++;
    const std::vector<LargeFloats> sent = gradients->tables;
    const ParameterClient::PushTerms terms{1, freeze_shared};
    if (freeze_shared) {
      ASSERT_OK(client_->Push(*batch, gradients, terms, PushRequest::WHOLE)->Wait());
    } else {
      ASSERT_OK(client_->Push(*batch, gradients, terms, PushRequest::TABLES)->Wait());
      for (const auto& server : servers_) {
        EXPECT_EQ(server->scale, GetParam().wire == FP16 ? 128 : 1);  // the largest is 107
      }
    }
    const float scale = servers_[0]->scale;
    if (!freeze_shared) {
      ASSERT_OK(client_->Push(*batch, gradients, terms, PushRequest::DENSE)->Wait());
    }
    for (int server = 0; server < servers(); ++server) {
      const ShardRange shards = ShardsOf(server, servers());
      std::string expected;
      for (size_t t = 0; t < 2 && !freeze_shared; ++t) {
        const size_t dim = t == 0 ? 2 : 1;
        std::vector<float> rows;
        for (size_t k = 0; k < batch->tables[t].keys.size(); ++k) {
          if (!shards.Contains(ShardOf(batch->tables[t].keys[k]))) continue;
          for (size_t c = 0; c < dim; ++c) rows.push_back(sent[t][k * dim + c] * scale);
        }
        std::vector<uint32_t> bytes(RowWireBytes(GetParam().wire, rows.size()) / 4);
        NarrowRows(GetParam().wire, rows, reinterpret_cast<std::byte*>(bytes.data()));
        expected.append(reinterpret_cast<const char*>(bytes.data()), bytes.size() * 4);
      }
      for (const DenseBlock& block : client_->layout().BlocksOf(shards)) {
        expected.append(reinterpret_cast<const char*>(&gradients->dense[block.flat_begin]),
                        block.size * sizeof(float));
      }
      EXPECT_EQ(servers_[server]->pushed, expected) << server;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Servers, ParameterClientTest,
                         testing::Values(Params{1}, Params{2}, Params{5}, Params{1, BF16},
                                         Params{2, FP16}, Params{5, BF16}));

}  // namespace
}  // namespace primacy
