#include "worker/trainer/training_phase.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "common/agent/agent.h"
#include "common/base/hash.h"

namespace primacy {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

}  // namespace

Trainer::Trainer(const TrainerOptions& options, const InputSpec& input,
                 const WorkerLog::Slice& train, Model& model, ParameterClient& client)
    : options_(options),
      input_(input),
      train_(train),
      model_(model),
      client_(client),
      dense_(client.layout().flat_size()) {}

void Trainer::OpenReader(const TrainDirective& directive) {
  const bool goes_on = together() && reader_ != nullptr && reader_stage_ == directive.stage() &&
                       reader_incarnation_ == directive.incarnation() &&
                       reader_next_ == directive.first_step();
  if (goes_on) return;
  held_.reset();
  reader_.reset();
  reader_stage_ = directive.stage();
  reader_incarnation_ = directive.incarnation();
  reader_next_ = directive.first_step();
  BatchReaderOptions options;
  options.prefetch_batches = static_cast<size_t>(options_.job.runtime().prefetch_batches());
  options.servers = client_.servers();
  if (together()) options.slice = {options_.rank, options_.workers};
  const StepSource steps = together() ? ConsecutiveSteps(directive.first_step())
                                      : StepSource([this] { return client_.Lease(); });
  reader_ = std::make_unique<BatchReader>(
      train_.cached, input_, MakePlanOptions(options_.job, directive.stage()), steps, options);
}

Result<std::shared_ptr<Batch>> Trainer::NextBatch(Wait wait) {
  if (held_ != nullptr) return std::exchange(held_, nullptr);
  const Clock::time_point began = Clock::now();
  PRIMACY_ASSIGN(std::optional<Batch> next,
                 wait == Wait::kYes ? reader_->Next() : reader_->TryNext());
  times().set_batch_wait(times().batch_wait() + SecondsSince(began));
  if (!next.has_value()) return std::shared_ptr<Batch>();
  const auto recycle = [spare = reader_->spare()](Batch* batch) {
    spare->Give(std::move(*batch));
    delete batch;
  };
  return std::shared_ptr<Batch>(new Batch(*std::move(next)), recycle);
}

Result<std::optional<Trainer::OpenStep>> Trainer::Open(Wait wait) {
  PRIMACY_ASSIGN(const std::shared_ptr<Batch> batch, NextBatch(wait));
  if (batch == nullptr) return std::optional<OpenStep>();
  std::vector<double> task_weight(input_.tasks.size(), 0.0);
  for (size_t row = 0; row < batch->rows; ++row) {
    for (size_t t = 0; t < task_weight.size(); ++t) {
      task_weight[t] += batch->weights[row * task_weight.size() + t];
    }
  }
  OpenStep open{client_.BeginStep(batch, clock_, task_weight, /*keys_ahead=*/together()), batch};
  ++clock_;
  return std::optional<OpenStep>(std::move(open));
}

Result<TrainResult> Trainer::Run(const TrainDirective& directive) {
  result_.Clear();
  clock_ = 0;
  together_ = options_.job.runtime().consistency() == RuntimeConfig::BSP || directive.warming_up();
  const int64_t sent = client_.bytes_sent(), received = client_.bytes_received();
  client_.set_incarnation(directive.incarnation());
  OpenReader(directive);
  const double read = reader_->read_seconds(), build = reader_->build_seconds();
  PRIMACY_ASSIGN(std::optional<OpenStep> current, Open(Wait::kYes));
  while (current.has_value()) {
    const Clock::time_point began = Clock::now();
    PRIMACY_ASSIGN(const StepGrant grant, client_.AwaitGrant(current->pending));
    times().set_row_wait(times().row_wait() + SecondsSince(began));
    if (grant.phase_over) {
      held_ = current->batch;
      PRIMACY_TRY(client_.Abandon(current->pending));
      break;
    }
    std::optional<OpenStep> next;
    PRIMACY_TRY(TrainStep(directive, *current, grant, next));
    current = std::move(next);
  }
  PRIMACY_TRY(AwaitPushes(/*keep=*/0));
  times().set_read(reader_->read_seconds() - read);
  times().set_build(reader_->build_seconds() - build);
  if (!together()) {
    PRIMACY_TRY(client_.ReportIdle());
    reader_.reset();
  }
  result_.set_bytes_sent(client_.bytes_sent() - sent);
  result_.set_bytes_received(client_.bytes_received() - received);
  result_.set_resident_bytes_max(ResidentBytesMax());
  return result_;
}

Status Trainer::TrainStep(const TrainDirective& directive, OpenStep& open, const StepGrant& grant,
                          std::optional<OpenStep>& next) {
  const Batch& batch = *open.batch;
  step_ = batch.step;
  reader_next_ = batch.step + 1;
  if (together()) {
    PRIMACY_ASSIGN(next, Open(Wait::kNo));
  }
  Clock::time_point began = Clock::now();
  PRIMACY_ASSIGN(PulledRows rows, client_.AwaitRows(open.pending, dense_));
  times().set_row_wait(times().row_wait() + SecondsSince(began));

  began = Clock::now();
  const ParameterView parameters{rows.tables, dense_};
  ForwardOptions forward;
  forward.active_tasks = directive.active_tasks();
  forward.training = true;
  forward.dropout_seed =
      HashCombine(options_.job.training().seed(), static_cast<uint64_t>(directive.stage()));
  model_.Forward(batch, parameters, forward);
  LossSums losses = model_.Losses(batch);
  for (size_t t = 0; t < losses.loss.size(); ++t) {
    if (!(directive.active_tasks() >> t & 1)) losses.loss[t] = losses.weight[t] = 0;
  }
  client_.SendLosses(batch.step, losses.loss, losses.weight);
  times().set_forward(times().forward() + SecondsSince(began));
  if (!next.has_value()) {
    PRIMACY_ASSIGN(next, Open(Wait::kYes));
  }

  began = Clock::now();
  // One push under way while the next one is filled; planes of one worker come one after the other.
  PRIMACY_TRY(AwaitPushes(/*keep=*/directive.planes() ? 0 : 1));
  times().set_push(times().push() + SecondsSince(began));
  if (!directive.planes() || !BackwardInPlanes(directive, batch, parameters, grant)) {
    Backward(directive, batch, parameters, grant);
  }
  client_.Recycle(std::move(rows));
  Count(batch);
  return Ok();
}

void Trainer::Backward(const TrainDirective& directive, const Batch& batch,
                       const ParameterView& parameters, const StepGrant& grant) {
  const bool with_tables = !directive.freeze_shared();
  const ParameterClient::PushTerms terms{directive.active_tasks(), directive.freeze_shared()};
  std::shared_ptr<GradientBuffer> gradients = FreeGradients(batch, with_tables);
  std::vector<float*> tables;
  for (LargeFloats& table : gradients->tables) {
    if (with_tables) tables.push_back(table.data());
  }
  pushes_.push_back({{gradients}, {}});
  const auto push = [&](PushRequest::Part part) {
    const Clock::time_point began = Clock::now();
    pushes_.back().parts.push_back(client_.Push(batch, gradients, terms, part));
    times().set_push(times().push() + SecondsSince(began));
  };
  Clock::time_point began = Clock::now();
  const auto add_time = [&] { times().set_backward(times().backward() + SecondsSince(began)); };
  const bool in_parts = together() && with_tables;
  model_.BackwardRows(batch, parameters, grant.loss_factor, tables);
  if (in_parts) {
    add_time();
    push(PushRequest::TABLES);
    began = Clock::now();
  }
  model_.BackwardDense(gradients->dense);
  if (!together() && options_.job.training().clip_norm() > 0)
    ClipOwnUpdate(batch, *gradients, with_tables);
  add_time();
  push(in_parts ? PushRequest::DENSE : PushRequest::WHOLE);
}

void Trainer::Count(const Batch& batch) {
  result_.set_steps(result_.steps() + 1);
  result_.set_rows(result_.rows() + static_cast<int64_t>(batch.rows));
  result_.set_keys(result_.keys() + static_cast<int64_t>(batch.values));
  for (const BatchTable& table : batch.tables) {
    result_.set_unique_keys(result_.unique_keys() + static_cast<int64_t>(table.keys.size()));
  }
  result_.set_bad_records(result_.bad_records() + static_cast<int64_t>(batch.bad_records));
}

std::shared_ptr<GradientBuffer> Trainer::FreeGradients(const Batch& batch, bool with_tables) {
  std::shared_ptr<GradientBuffer> gradients;
  if (free_gradients_.empty()) {
    gradients = std::make_shared<GradientBuffer>();
    gradients->dense.resize(client_.layout().flat_size());
    gradients->tables.resize(batch.tables.size());
  } else {
    gradients = std::move(free_gradients_.back());
    free_gradients_.pop_back();
  }
  for (size_t t = 0; t < batch.tables.size() && with_tables; ++t) {
    const size_t floats = batch.tables[t].keys.size() * static_cast<size_t>(input_.table_dims[t]);
    if (gradients->tables[t].size() < floats) gradients->tables[t].resize(floats);
  }
  return gradients;
}

Status Trainer::AwaitPushes(size_t keep) {
  while (pushes_.size() > keep) {
    InFlight push = std::move(pushes_.front());
    pushes_.pop_front();
    for (const std::shared_ptr<Replies>& part : push.parts) PRIMACY_TRY(part->Wait());
    for (auto& gradients : push.gradients) free_gradients_.push_back(std::move(gradients));
  }
  return Ok();
}

void Trainer::ClipOwnUpdate(const Batch& batch, GradientBuffer& gradients, bool with_tables) const {
  std::vector<std::span<float>> parts;
  for (size_t t = 0; t < batch.tables.size() && with_tables; ++t) {
    // The buffer may be that of a batch with more keys.
    const size_t floats = batch.tables[t].keys.size() * static_cast<size_t>(input_.table_dims[t]);
    parts.push_back(std::span(gradients.tables[t]).first(floats));
  }
  parts.push_back(gradients.dense);
  double squares = 0;
  for (const std::span<float> part : parts) {
    for (const float value : part) squares += static_cast<double>(value) * value;
  }
  const double norm = std::sqrt(squares);
  if (norm <= options_.job.training().clip_norm()) return;
  const float scale = static_cast<float>(options_.job.training().clip_norm() / norm);
  for (const std::span<float> part : parts) {
    for (float& value : part) value *= scale;
  }
}

}  // namespace primacy
