// The coordinator's directives, carried out by the owner thread.
#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "ps/checkpoint/generation.h"
#include "ps/checkpoint/shard_file.h"
#include "ps/service/parameter_service.h"

namespace primacy {

Result<ServerResult> ParameterService::Execute(const Directive& directive) {
  auto done = std::make_shared<std::promise<Result<ServerResult>>>();
  std::future<Result<ServerResult>> result = done->get_future();
  work_.Push([this, directive, done] { done->set_value(ExecuteOnOwner(directive)); });
  return result.get();
}

Result<ServerResult> ParameterService::ExecuteOnOwner(const Directive& directive) {
  const auto began = std::chrono::steady_clock::now();
  ServerResult result;
  if (!directive.has_configure() && store_ == nullptr) {
    return Failure("the coordinator gives a directive before the parameters are known");
  }
  switch (directive.what_case()) {
    case Directive::kConfigure:
      PRIMACY_TRY(Configure(directive.configure()));
      break;
    case Directive::kTrain:
      BeginPhase(directive.train());
      break;
    case Directive::kSave: {
      PRIMACY_ASSIGN(const auto file, Save(directive.save()));
      if (file.has_value()) *result.mutable_file() = *file;
      break;
    }
    case Directive::kRestore:
      PRIMACY_TRY(Restore(directive.restore()));
      FollowSize();
      break;
    case Directive::kReset:
      ClearRequests();
      ResetStore(directive.reset().keep_weights());
      incarnation_ = directive.reset().incarnation();
      updates_ = directive.reset().step();
      break;
    case Directive::kEvict:
      store_->Evict(directive.evict().pass());
      break;
    default:
      return Failure("the coordinator gives a directive that is not for servers");
  }
  const StoreStats stats = store_->stats();
  result.set_rows(stats.rows);
  result.set_row_bytes(stats.bytes);
  result.set_refused_keys(refused_before_ + stats.refused_keys);
  result.set_evicted_rows(evicted_before_ + stats.evicted_rows);
  result.set_waiting_keys(stats.waiting_keys);
  result.set_gather_seconds(gather_seconds_);
  result.set_apply_seconds(apply_seconds_);
  result.set_seconds(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  return result;
}

Status ParameterService::Configure(const ConfigureDirective& configure) {
  ClearRequests();
  incarnation_ = configure.incarnation();
  // The parameters of a job never change: a second configuration only renews the incarnation.
  if (store_ != nullptr && store_->options().parameters.SerializeAsString() ==
                               configure.parameters().SerializeAsString()) {
    return Ok();
  }
  StoreOptions options;
  options.parameters = configure.parameters();
  options.shards = shards_;
  options.seed = options_.job.training().seed();
  options.table_optimizer = options_.job.table_optimizer();
  options.dense_optimizer = options_.job.dense_optimizer();
  options.table = options_.job.table();
  PRIMACY_ASSIGN(store_, ParameterStore::Create(options));
  planes_.reset();
  dims_.clear();
  for (const TableSpec& table : options.parameters.table()) {
    dims_.push_back(static_cast<size_t>(table.dim()));
  }
  return Ok();
}

Result<std::optional<CheckpointFile>> ParameterService::Save(const SaveDirective& save) {
  if (saves_.busy()) return Failure("a save begins before the one before it has ended");
  if (options_.job.runtime().save_in_place() || !saves_.Take(*store_)) {
    PRIMACY_ASSIGN(CheckpointFile file, WriteInPlace(*store_, save.directory()));
    return std::optional(std::move(file));
  }
  saves_.Write(save.generation(), save.directory(), shards_, store_->options().parameters);
  return std::optional<CheckpointFile>();
}

void ParameterService::ReportSaved(uint64_t generation, Result<CheckpointFile> file) {
  SavedReport report;
  report.set_server(options_.server);
  report.set_generation(generation);
  if (file.ok()) {
    *report.mutable_file() = *std::move(file);
  } else {
    report.set_error(file.error().message());
    report.set_usage_error(file.error().kind() == ErrorKind::kUsage);
  }
  exchanges_.saved(report);
}

Status ParameterService::Restore(const RestoreDirective& restore) {
  ClearRequests();
  PRIMACY_ASSIGN(const Manifest manifest, ReadManifest(restore.directory()));
  ResetStore(/*keep_weights=*/false);
  for (const CheckpointFile& file : manifest.file()) {
    const ShardRange range{file.first_shard(), file.first_shard() + file.shard_count()};
    if (range.end <= shards_.begin || range.begin >= shards_.end) continue;
    PRIMACY_ASSIGN(auto reader, ShardFileReader::Open(restore.directory() + "/" + file.name()));
    PRIMACY_TRY(store_->Load(*reader, restore.weights_only()));
  }
  incarnation_ = restore.incarnation();
  updates_ = restore.step();
  return Ok();
}

void ParameterService::ResetStore(bool keep_weights) {
  const StoreStats stats = store_->stats();
  refused_before_ += stats.refused_keys;
  evicted_before_ += stats.evicted_rows;
  store_->Reset(keep_weights);
}

void ParameterService::BeginPhase(const TrainDirective& train) {
  ClearRequests();
  incarnation_ = train.incarnation();
  steps_per_pass_ = std::max<int64_t>(1, train.steps_per_pass());
  table_rate_ = train.table_rate();
  gate_.Reset(train.warming_up());
}

void ParameterService::ClearRequests() {
  failure_.reset();
  update_ = {};
  FailWaiting(Failure("the phase of this request is over"));
  for (WorkerState& worker : workers_) worker = WorkerState();
  touched_.Clear();
}

void ParameterService::FailWaiting(const Error& error) {
  for (WorkerState& worker : workers_) {
    for (std::optional<Pushed>* part : {&worker.tables, &worker.dense}) {
      if (part->has_value()) std::exchange(*part, std::nullopt)->responder.Fail(error);
    }
    for (auto& [number, step] : worker.steps) {
      for (std::optional<Responder>* waiting : {&step.waiting_keys, &step.waiting_pull}) {
        if (waiting->has_value()) std::exchange(*waiting, std::nullopt)->Fail(error);
      }
    }
  }
}

}  // namespace primacy
