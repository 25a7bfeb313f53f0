#include "tools/bench/rows_bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/protocol/sharding.h"
#include "tools/bench/cores.h"
#include "tools/bench/rows_server.h"
#include "tools/bench/step_work.h"
#include "worker/client/parameter_client.h"
#include "worker/data/batch_builder.h"

namespace primacy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kBatches = 24;
constexpr size_t kUnderWay = 4;
constexpr uint64_t kFillKeys = 65536;

using Batches = std::vector<std::shared_ptr<Batch>>;

Result<Batches> BatchesOfSteps(const StepBenchOptions& options, const InputSpec& input) {
  const bench::StepRows source(options);
  BatchBuilder builder(input, /*servers=*/1);
  Batches batches;
  for (size_t b = 0; b < kBatches; ++b) {
    const LogBlock block = source.Block(b * options.batch, static_cast<uint32_t>(options.batch));
    std::vector<RowAt> rows(options.batch);
    for (uint32_t i = 0; i < rows.size(); ++i) rows[i] = {&block, i};
    batches.push_back(std::make_shared<Batch>());
    builder.Build(0, 0, rows, *batches.back());
  }
  return batches;
}

// Every key of the table, in pieces.
Batches BatchesOfAllKeys(const StepBenchOptions& options, uint64_t group_hash) {
  Batches batches;
  for (uint64_t begin = 0; begin < options.table_rows; begin += kFillKeys) {
    batches.push_back(std::make_shared<Batch>());
    BatchTable& table = batches.back()->tables.emplace_back();
    std::vector<Key>& keys = table.keys;
    for (uint64_t id = begin; id < std::min(begin + kFillKeys, options.table_rows); ++id) {
      keys.push_back(TableKey(group_hash, id));
    }
    table.server_begin = {0, keys.size()};
  }
  return batches;
}

size_t MostKeys(const Batches& batches) {
  size_t most = 0;
  for (const auto& batch : batches) most = std::max(most, batch->tables[0].keys.size());
  return most;
}

// A worker without a model.
class RowsClient {
 public:
  RowsClient(std::unique_ptr<ParameterClient> client, size_t floats_max)
      : client_(std::move(client)), gradients_(kUnderWay) {
    for (std::shared_ptr<GradientBuffer>& buffer : gradients_) {
      buffer = std::make_shared<GradientBuffer>();
      buffer->tables.emplace_back(floats_max, 0.001f);
    }
  }

  // Each batch as a step of its own.
  Status Pull(const Batches& batches);
  // Gradients of the steps that were pulled last.
  Status Push(const Batches& batches);

 private:
  const std::unique_ptr<ParameterClient> client_;
  std::vector<std::shared_ptr<GradientBuffer>> gradients_;
  Step next_step_ = 0;
};

Status RowsClient::Pull(const Batches& batches) {
  std::deque<PendingStep> under_way;
  const auto await = [&](size_t keep) -> Status {
    while (under_way.size() > keep) {
      PRIMACY_TRY(client_->AwaitGrant(under_way.front()));
      PRIMACY_ASSIGN(PulledRows rows, client_->AwaitRows(under_way.front(), {}));
      client_->Recycle(std::move(rows));
      under_way.pop_front();
    }
    return Ok();
  };
  for (const std::shared_ptr<Batch>& batch : batches) {
    PRIMACY_TRY(await(kUnderWay - 1));
    batch->step = next_step_++;
    under_way.push_back(client_->BeginStep(batch, batch->step, {}, /*keys_ahead=*/false));
  }
  return await(0);
}

Status RowsClient::Push(const Batches& batches) {
  std::deque<std::shared_ptr<Replies>> under_way;
  const auto await = [&](size_t keep) -> Status {
    while (under_way.size() > keep) {
      PRIMACY_TRY(under_way.front()->Wait());
      under_way.pop_front();
    }
    return Ok();
  };
  for (size_t b = 0; b < batches.size(); ++b) {
    PRIMACY_TRY(await(kUnderWay - 1));
    under_way.push_back(client_->Push(*batches[b], gradients_[b % kUnderWay], {.active_tasks = 1},
                                      PushRequest::WHOLE));
  }
  return await(0);
}

// What one direction of a run came to.
struct Tally {
  double rows = 0;
  double seconds = 0;
  double server_seconds = 0;  // of its processor
};

template <typename Work>
Status Measure(const bench::RowsServer& server, const Batches& batches, Tally& tally,
               const Work& work) {
  PRIMACY_ASSIGN(const double cpu_before, server.CpuSeconds());
  const Clock::time_point began = Clock::now();
  PRIMACY_TRY(work());
  tally.seconds += std::chrono::duration<double>(Clock::now() - began).count();
  PRIMACY_ASSIGN(const double cpu_after, server.CpuSeconds());
  tally.server_seconds += cpu_after - cpu_before;
  for (const auto& batch : batches) {
    tally.rows += static_cast<double>(batch->tables[0].keys.size());
  }
  return Ok();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void AddTallies(const std::string& name, const std::vector<Tally>& runs, BenchRecord& record) {
  std::vector<double> rates, busy;
  for (const Tally& run : runs) {
    rates.push_back(run.rows / run.seconds);
    busy.push_back(run.server_seconds / run.seconds);
  }
  const auto [lowest, highest] = std::minmax_element(rates.begin(), rates.end());
  record.numbers.emplace_back(name + "_rows_per_s", std::round(Median(rates)));
  record.numbers.emplace_back(name + "_rows_per_s_min", std::round(*lowest));
  record.numbers.emplace_back(name + "_rows_per_s_max", std::round(*highest));
  record.numbers.emplace_back(name + "_server_busy", Median(busy));
}

Job ServersJob(const RowsBenchOptions& options) {
  Job job = bench::StepJob(options.step);
  job.mutable_runtime()->set_consistency(RuntimeConfig::ASP);
  job.mutable_runtime()->set_wire(options.wire);
  return job;
}

ParameterSpec OneTable(int dim) {
  ParameterSpec parameters;
  TableSpec& table = *parameters.add_table();
  table.set_dim(dim);
  table.set_init_stddev(0.01f);
  return parameters;
}

}  // namespace

Result<BenchRecord> RowsBench(const RowsBenchOptions& options) {
  const StepBenchOptions& step = options.step;
  PRIMACY_TRY(CheckStepBenchOptions(step));
  const Job job = ServersJob(options);
  PRIMACY_ASSIGN(const InputSpec input, MakeInputSpec(bench::StepSchema(step), job));
  PRIMACY_ASSIGN(const Batches batches, BatchesOfSteps(step, input));
  const Batches all_keys = BatchesOfAllKeys(step, input.slots[0].group_hash);

  const std::vector<int> cores = bench::AllowedCores();
  const ParameterSpec parameters = OneTable(step.dim);
  ClientOptions connect;
  connect.transport.secret = "bench rows";
  connect.wire = options.wire;
  PRIMACY_ASSIGN(const auto server,
                 bench::RowsServer::Start(job, parameters, connect.transport, cores.back()));
  if (server->endpoint().unix_path.empty()) return Failure("the server has no Unix socket");
  connect.servers = {server->endpoint()};
  const bench::OnCore on_core(cores.front());
  PRIMACY_ASSIGN(auto connected, ParameterClient::Connect(connect, parameters));
  RowsClient client(std::move(connected), std::max(MostKeys(batches), MostKeys(all_keys)) *
                                              static_cast<size_t>(step.dim));
  PRIMACY_TRY(client.Pull(all_keys));
  PRIMACY_TRY(client.Push(all_keys));

  std::vector<Tally> pulls, pushes;
  for (int run = 0; run <= step.runs; ++run) {  // the first one is not counted
    Tally pull, push;
    do {
      PRIMACY_TRY(Measure(*server, batches, pull, [&] { return client.Pull(batches); }));
      PRIMACY_TRY(Measure(*server, batches, push, [&] { return client.Push(batches); }));
    } while (run > 0 && pull.seconds + push.seconds < step.seconds);
    if (run == 0) continue;
    pulls.push_back(pull);
    pushes.push_back(push);
  }
  BenchRecord record;
  record.name = "rows";
  record.labels = {{"socket", "unix"}, {"wire", Precision_Name(options.wire)}};
  record.numbers = {{"batch", static_cast<double>(step.batch)},
                    {"dim", step.dim},
                    {"table_rows", static_cast<double>(step.table_rows)},
                    {"unique_keys", static_cast<double>(batches.back()->tables[0].keys.size())},
                    {"cores", static_cast<double>(std::min<size_t>(cores.size(), 2))}};
  AddTallies("pull", pulls, record);
  AddTallies("push", pushes, record);
  return record;
}

}  // namespace primacy
