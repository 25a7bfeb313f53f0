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
  if (together()) options.slice = {options_.rank, options_.workers};
  const StepSource steps = together() ? ConsecutiveSteps(directive.first_step())
                                      : StepSource([this] { return client_.Lease(); });
  reader_ = std::make_unique<BatchReader>(
      train_.cached, input_, MakePlanOptions(options_.job, directive.stage()), steps, options);
}

Result<std::optional<Trainer::OpenStep>> Trainer::Open() {
  std::shared_ptr<Batch> batch = std::exchange(held_, nullptr);
  if (batch == nullptr) {
    const Clock::time_point began = Clock::now();
    PRIMACY_ASSIGN(std::optional<Batch> next, reader_->Next());
    result_.set_wait_seconds(result_.wait_seconds() + SecondsSince(began));
    if (!next.has_value()) return std::optional<OpenStep>();
    batch = std::make_shared<Batch>(*std::move(next));
  }
  std::vector<double> task_weight(input_.tasks.size(), 0.0);
  for (size_t row = 0; row < batch->rows; ++row) {
    for (size_t t = 0; t < task_weight.size(); ++t) {
      task_weight[t] += batch->weights[row * task_weight.size() + t];
    }
  }
  OpenStep open{client_.BeginStep(batch, clock_, task_weight), batch};
  ++clock_;
  return std::optional<OpenStep>(std::move(open));
}

Result<TrainResult> Trainer::Run(const TrainDirective& directive) {
  result_.Clear();
  clock_ = 0;
  const int64_t sent = client_.bytes_sent(), received = client_.bytes_received();
  client_.set_incarnation(directive.incarnation());
  OpenReader(directive);
  PRIMACY_ASSIGN(std::optional<OpenStep> current, Open());
  while (current.has_value()) {
    const Clock::time_point began = Clock::now();
    PRIMACY_ASSIGN(const StepGrant grant, client_.AwaitGrant(current->pending));
    result_.set_wait_seconds(result_.wait_seconds() + SecondsSince(began));
    if (grant.phase_over) {
      held_ = current->batch;
      break;
    }
    std::optional<OpenStep> next;
    PRIMACY_TRY(TrainStep(directive, *current, grant, next));
    current = std::move(next);
  }
  PRIMACY_TRY(AwaitPush(/*all=*/true));
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
  Clock::time_point began = Clock::now();
  PRIMACY_ASSIGN(const PulledParameters rows, client_.AwaitRows(open.pending, dense_));
  result_.set_wait_seconds(result_.wait_seconds() + SecondsSince(began));

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
  PRIMACY_ASSIGN(next, Open());

  const bool with_tables = !directive.freeze_shared();
  PRIMACY_TRY(AwaitPush(/*all=*/false));
  std::shared_ptr<GradientBuffer> gradients = FreeGradients(batch, with_tables);
  GradientView view;
  for (std::vector<float>& table : gradients->tables) {
    if (with_tables) view.tables.push_back(table.data());
  }
  view.dense = gradients->dense;
  model_.Backward(batch, parameters, grant.loss_factor, view);
  if (!together() && options_.job.training().clip_norm() > 0)
    ClipOwnUpdate(*gradients, with_tables);
  pushes_.push_back({gradients, client_.Push(batch, gradients, directive.active_tasks(),
                                             directive.freeze_shared())});

  result_.set_steps(result_.steps() + 1);
  result_.set_rows(result_.rows() + static_cast<int64_t>(batch.rows));
  result_.set_keys(result_.keys() + static_cast<int64_t>(batch.values));
  for (const BatchTable& table : batch.tables) {
    result_.set_unique_keys(result_.unique_keys() + static_cast<int64_t>(table.keys.size()));
  }
  result_.set_bad_records(result_.bad_records() + static_cast<int64_t>(batch.bad_records));
  return Ok();
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

Status Trainer::AwaitPush(bool all) {
  // Two buffers: one under way, one being filled.
  const size_t keep = all ? 0 : 1;
  while (pushes_.size() > keep) {
    InFlight push = std::move(pushes_.front());
    pushes_.pop_front();
    PRIMACY_TRY(push.replies->Wait());
    free_gradients_.push_back(std::move(push.gradients));
  }
  return Ok();
}

void Trainer::ClipOwnUpdate(GradientBuffer& gradients, bool with_tables) const {
  double squares = 0;
  const auto visit = [&](auto&& action) {
    for (std::vector<float>& table : gradients.tables) {
      if (with_tables) action(table);
    }
    action(gradients.dense);
  };
  visit([&](std::vector<float>& values) {
    for (float value : values) squares += static_cast<double>(value) * value;
  });
  const double norm = std::sqrt(squares);
  if (norm <= options_.job.training().clip_norm()) return;
  const float scale = static_cast<float>(options_.job.training().clip_norm() / norm);
  visit([&](std::vector<float>& values) {
    for (float& value : values) value *= scale;
  });
}

}  // namespace primacy
