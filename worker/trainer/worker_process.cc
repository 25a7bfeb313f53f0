#include "worker/trainer/worker_process.h"

#include <memory>
#include <utility>

#include "common/agent/agent.h"
#include "common/config/job_config.h"
#include "worker/client/parameter_client.h"
#include "worker/model/model.h"
#include "worker/nn/matmul.h"
#include "worker/trainer/evaluation_phase.h"
#include "worker/trainer/training_phase.h"
#include "worker/trainer/worker_log.h"

namespace primacy {
namespace {

// Everything a worker has between joining and leaving.
class Worker {
 public:
  Worker(const WorkerOptions& options, Cluster& group)
      : options_(options),
        group_(group),
        log_(options.job.data().log(), static_cast<uint64_t>(options.job.data().cache_bytes())) {}

  // Opens the log and builds the model; fills in what the coordinator wants to know.
  Status Prepare(JoinRequest& join);
  Status Connect();
  Result<NextRequest> Do(const Directive& directive);

 private:
  const WorkerOptions& options_;
  Cluster& group_;
  WorkerLog log_;
  InputSpec input_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<ParameterClient> client_;
  std::unique_ptr<Trainer> trainer_;
  LossMemory losses_;
};

Status Worker::Prepare(JoinRequest& join) {
  const bool evaluates = !options_.evaluation_slice.empty();
  PRIMACY_ASSIGN(const WorkerLog::Slice first,
                 log_.Open(evaluates ? options_.evaluation_slice : "train"));
  const LogSchema& schema = first.directory->schema();
  const std::string schema_bytes = schema.SerializeAsString();
  if (!evaluates) {
    PRIMACY_ASSIGN(const WorkerLog::Slice holdout, log_.Open("holdout"));
    PRIMACY_ASSIGN(const WorkerLog::Slice test, log_.Open("test"));
    for (const WorkerLog::Slice& slice : {holdout, test}) {
      if (slice.directory->schema().SerializeAsString() == schema_bytes) continue;
      return UsageError(options_.job.data().log() +
                        ": train, holdout and test have different schemas");
    }
    join.set_train_rows(static_cast<int64_t>(first.directory->rows()));
    join.set_holdout_rows(static_cast<int64_t>(holdout.directory->rows()));
    join.set_test_rows(static_cast<int64_t>(test.directory->rows()));
  }
  PRIMACY_ASSIGN(input_, MakeInputSpec(schema, options_.job));
  PRIMACY_ASSIGN(model_, Model::Create(options_.job, input_));
  join.set_log_schema(schema_bytes);
  join.set_job_hash(JobHash(options_.job, schema_bytes));
  join.set_host(options_.host);
  *join.mutable_parameters() = model_->parameters();
  return Ok();
}

Status Worker::Connect() {
  PRIMACY_ASSIGN(client_,
                 ParameterClient::Connect({options_.rank, options_.servers, options_.transport,
                                           options_.job.runtime().wire()},
                                          model_->parameters()));
  if (!options_.evaluation_slice.empty()) return Ok();
  PRIMACY_ASSIGN(const WorkerLog::Slice train, log_.Open("train"));
  trainer_ =
      std::make_unique<Trainer>(TrainerOptions{options_.job, options_.rank, options_.workers},
                                input_, train, *model_, *client_);
  return Ok();
}

Result<NextRequest> Worker::Do(const Directive& directive) {
  NextRequest done;
  switch (directive.what_case()) {
    case Directive::kTrain: {
      PRIMACY_ASSIGN(*done.mutable_train(), trainer_->Run(directive.train()));
      return done;
    }
    case Directive::kEvaluate: {
      PRIMACY_ASSIGN(const WorkerLog::Slice slice, log_.Open(directive.evaluate().slice()));
      PRIMACY_ASSIGN(*done.mutable_evaluate(), RunEvaluation(directive.evaluate(), input_, slice,
                                                             group_, *model_, *client_, losses_));
      return done;
    }
    default:
      return Failure("the coordinator gives a directive that is not for workers");
  }
}

}  // namespace

Status RunWorker(const WorkerOptions& options, Cluster& group) {
  SetComputeThreads(options.job.runtime().compute_threads());
  AgentOptions agent_options;
  agent_options.role = ROLE_WORKER;
  agent_options.rank = options.rank;
  agent_options.coordinator = options.servers.front();
  agent_options.transport = options.transport;
  agent_options.heartbeat_ms = options.job.runtime().heartbeat_ms();
  agent_options.on_lost = options.on_lost;
  PRIMACY_ASSIGN(auto agent, Agent::Connect(agent_options));

  Worker worker(options, group);
  JoinRequest join;
  NextRequest done;
  const auto report = [&done](const Error& error) {
    done.Clear();
    done.set_error(error.message());
    done.set_usage_error(error.kind() == ErrorKind::kUsage);
  };
  Status ready = worker.Prepare(join);
  if (ready.ok()) ready = agent->Join(join);
  if (ready.ok()) ready = worker.Connect();
  if (!ready.ok()) report(ready.error());
  while (true) {
    PRIMACY_ASSIGN(const Directive directive, agent->Next(done));
    if (directive.has_finish()) {
      if (directive.finish().failed()) return Failure(directive.finish().reason());
      return Ok();
    }
    Result<NextRequest> outcome = worker.Do(directive);
    if (outcome.ok()) {
      done = *std::move(outcome);
    } else {
      report(outcome.error());
      group.Abort(ProcessName(ROLE_WORKER, options.rank) + ": " + outcome.error().message());
    }
  }
}

}  // namespace primacy
