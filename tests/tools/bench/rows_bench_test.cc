#include "tools/bench/rows_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/result_matchers.h"
#include "tools/bench/rows_server.h"
#include "tools/bench/step_work.h"
#include "worker/client/parameter_client.h"

namespace primacy {
namespace {

using testing::HasSubstr;

RowsBenchOptions Small() {
  RowsBenchOptions options;
  options.step.batch = 64;
  options.step.slots = 2;
  options.step.dim = 4;
  options.step.table_rows = 500;
  options.step.runs = 3;
  options.step.seconds = 0.02;
  return options;
}

TEST(RowsBench, MeasuresBothWays) {
  for (const Precision wire : {FP32, FP16}) {
    RowsBenchOptions options = Small();
    options.wire = wire;
    const Result<BenchRecord> record = RowsBench(options);
    ASSERT_OK(record);
    EXPECT_EQ(record->name, "rows");
    EXPECT_THAT(BenchText(*record), HasSubstr("unix " + Precision_Name(wire)));
    std::map<std::string, double> numbers(record->numbers.begin(), record->numbers.end());
    // 64 rows of two single values and ten more, of 500 ids.
    EXPECT_GT(numbers["unique_keys"], 64);
    EXPECT_LT(numbers["unique_keys"], 500);
    for (const std::string way : {"pull", "push"}) {
      EXPECT_GT(numbers[way + "_rows_per_s_min"], 0);
      EXPECT_LE(numbers[way + "_rows_per_s_min"], numbers[way + "_rows_per_s"]);
      EXPECT_LE(numbers[way + "_rows_per_s"], numbers[way + "_rows_per_s_max"]);
      EXPECT_GE(numbers[way + "_server_busy"], 0);
    }
  }
}

TEST(RowsBench, OptionsAreChecked) {
  RowsBenchOptions wrong = Small();
  wrong.step.dim = 0;
  const Result<BenchRecord> refused = RowsBench(wrong);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(refused.error().message(), HasSubstr("--dim"));
}

// What is pushed through it is applied, and its threads' time is counted.
TEST(RowsServer, IsAServer) {
  const Job job = [] {
    Job made = bench::StepJob(Small().step);
    made.mutable_runtime()->set_consistency(RuntimeConfig::ASP);
    made.mutable_table_optimizer()->set_kind(OptimizerConfig::SGD);
    made.mutable_table_optimizer()->set_learning_rate(1);
    return made;
  }();
  ParameterSpec parameters;
  parameters.add_table()->set_dim(1);
  ClientOptions connect;
  connect.transport.secret = "secret";
  const auto server = bench::RowsServer::Start(job, parameters, connect.transport, 0);
  ASSERT_OK(server);
  connect.servers = {(*server)->endpoint()};
  const auto client = ParameterClient::Connect(connect, parameters);
  ASSERT_OK(client);
  const auto batch = std::make_shared<Batch>();
  batch->tables = {{.keys = {3, 5}, .server_begin = {0, 2}}};
  const auto read = [&] {
    PendingStep step = (*client)->BeginStep(batch, batch->step, {}, /*keys_ahead=*/false);
    EXPECT_OK((*client)->AwaitGrant(step));
    const Result<PulledRows> rows = (*client)->AwaitRows(step, {});
    EXPECT_OK(rows);
    return std::vector<float>(rows->tables[0], rows->tables[0] + 2);
  };
  EXPECT_THAT(read(), testing::ElementsAre(0, 0));
  auto gradients = std::make_shared<GradientBuffer>();
  gradients->tables = {{1, 2}};
  ASSERT_OK((*client)->Push(*batch, gradients, {.active_tasks = 1}, PushRequest::WHOLE)->Wait());
  batch->step = 1;
  EXPECT_THAT(read(), testing::ElementsAre(-1, -2));
  const Result<double> busy = (*server)->CpuSeconds();
  ASSERT_OK(busy);
  EXPECT_GT(*busy, 0);
}

}  // namespace
}  // namespace primacy
