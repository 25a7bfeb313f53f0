// What the script does at quiet points: reset, restore, save, evict, evaluate.
#include <algorithm>
#include <cmath>
#include <utility>

#include "common/base/atomic_file.h"
#include "ps/checkpoint/generation.h"
#include "ps/coordinator/constraint_report.h"
#include "ps/coordinator/job_script.h"
#include "ps/coordinator/report.h"

namespace primacy {
namespace {

std::string OptimizerName(const OptimizerConfig& optimizer) {
  return OptimizerConfig::Kind_Name(optimizer.kind());
}

}  // namespace

Status JobScript::RunOnServers(const Directive& directive) {
  PRIMACY_ASSIGN(const std::vector<NextRequest> results, directives_.Run(ROLE_SERVER, directive));
  CountServers(results);
  return Ok();
}

void JobScript::CountServers(const std::vector<NextRequest>& results) {
  RunTotals& totals = *state_.mutable_totals();
  int64_t rows = 0, bytes = 0, refused = 0, evicted = 0;
  double gather = 0, apply = 0;
  for (const NextRequest& result : results) {
    rows += result.server().rows();
    bytes += result.server().row_bytes();
    refused += result.server().refused_keys();
    evicted += result.server().evicted_rows();
    gather += result.server().gather_seconds();
    apply += result.server().apply_seconds();
  }
  totals.set_gather_seconds(gather);
  totals.set_apply_seconds(apply);
  totals.set_table_rows(rows);
  totals.set_table_bytes(std::max(totals.table_bytes(), bytes));
  totals.set_refused_keys(refused_before_ + refused);
  totals.set_evicted_rows(evicted_before_ + evicted);
}

Status JobScript::ResetParameters(bool keep_weights) {
  Directive directive;
  if (!keep_weights) {
    ConfigureDirective& configure = *directive.mutable_configure();
    configure.set_incarnation(incarnation_);
    *configure.mutable_parameters() = view_.parameters();
    PRIMACY_TRY(RunOnServers(directive));
  }
  ResetDirective& reset = *directive.mutable_reset();
  reset.set_incarnation(incarnation_);
  reset.set_step(0);
  reset.set_keep_weights(keep_weights);
  return RunOnServers(directive);
}

Status JobScript::Restore(uint64_t generation, bool weights_only) {
  PRIMACY_TRY(FinishSave());
  return RestoreDirectory(CheckpointRoot(options_.run_dir) + "/" + GenerationName(generation),
                          weights_only, false);
}

Status JobScript::RestoreDirectory(const std::string& directory, bool weights_only, bool foreign) {
  status_.Update([](JobStatus& status) { status.set_activity("restoring"); });
  PRIMACY_ASSIGN(const Manifest manifest, ReadManifest(directory));
  if (foreign &&
      manifest.parameters().SerializeAsString() != view_.parameters().SerializeAsString()) {
    return UsageError(
        directory +
        " holds another model: its embedding dimensions or dense tensors differ from the job's");
  }
  Directive directive;
  ConfigureDirective& configure = *directive.mutable_configure();
  configure.set_incarnation(incarnation_);
  *configure.mutable_parameters() = view_.parameters();
  PRIMACY_TRY(RunOnServers(directive));
  RestoreDirective& restore = *directive.mutable_restore();
  restore.set_incarnation(incarnation_);
  restore.set_directory(directory);
  restore.set_step(weights_only ? 0 : manifest.state().step());
  restore.set_weights_only(weights_only);
  return RunOnServers(directive);
}

Status JobScript::Save(bool pinned) {
  status_.Update([](JobStatus& status) { status.set_activity("saving"); });
  const Clock::time_point began = Clock::now();
  PRIMACY_ASSIGN(const std::string directory, saves_.Begin(next_generation_));
  Directive directive;
  directive.mutable_save()->set_generation(next_generation_);
  directive.mutable_save()->set_directory(directory);
  PRIMACY_ASSIGN(const std::vector<NextRequest> results, directives_.Run(ROLE_SERVER, directive));
  CountServers(results);

  state_.set_seconds(seconds_before_ +
                     std::chrono::duration<double>(Clock::now() - began_).count());
  state_.set_stage_seconds(stage_seconds_before_ +
                           std::chrono::duration<double>(Clock::now() - stage_began_).count());
  RunTotals& totals = *state_.mutable_totals();
  totals.set_saves(totals.saves() + 1);
  JobSaves::Plan plan{directory, MakeManifest(pinned), {}, began};
  for (const NextRequest& result : results) {
    plan.files.push_back(result.server().has_file() ? std::optional(result.server().file())
                                                    : std::nullopt);
  }
  plan.pause_seconds = std::chrono::duration<double>(Clock::now() - began).count();
  totals.set_save_seconds(totals.save_seconds() + plan.pause_seconds);
  totals.set_save_pause_seconds_max(std::max(totals.save_pause_seconds_max(), plan.pause_seconds));
  saves_.Publish(std::move(plan));
  ++next_generation_;
  saved_step_ = state_.step();
  return Ok();
}

Manifest JobScript::MakeManifest(bool pinned) const {
  Manifest manifest;
  manifest.set_generation(next_generation_);
  manifest.set_job_hash(job_hash_);
  manifest.set_job_text(options_.job.DebugString());
  manifest.mutable_schema()->ParseFromString(view_.log_schema());
  *manifest.mutable_parameters() = view_.parameters();
  *manifest.mutable_state() = state_;
  manifest.set_incarnation(incarnation_);
  manifest.set_created(UtcNow());
  manifest.set_pinned(pinned);
  manifest.set_table_optimizer(OptimizerName(options_.job.table_optimizer()));
  manifest.set_dense_optimizer(OptimizerName(options_.job.dense_optimizer()));
  return manifest;
}

Status JobScript::FinishSave() {
  const Clock::time_point began = Clock::now();
  if (saves_.in_flight()) {
    status_.Update([](JobStatus& status) { status.set_activity("saving"); });
  }
  PRIMACY_TRY(saves_.Wait());
  RunTotals& totals = *state_.mutable_totals();
  totals.set_save_seconds(totals.save_seconds() +
                          std::chrono::duration<double>(Clock::now() - began).count());
  const JobSaves::Figures figures = saves_.TakeFigures();
  totals.set_save_write_seconds(totals.save_write_seconds() + figures.seconds);
  totals.set_save_bytes(totals.save_bytes() + figures.bytes);
  return Ok();
}

Status JobScript::EvictRows() {
  Directive directive;
  directive.mutable_evict()->set_pass(state_.step() / StepsPerPass());
  return RunOnServers(directive);
}

Result<EvaluateResult> JobScript::Evaluate(const std::string& slice, uint64_t active_tasks,
                                           bool losses_only) {
  EvaluateDirective evaluate;
  evaluate.set_slice(slice);
  evaluate.set_active_tasks(active_tasks);
  evaluate.set_losses_only(losses_only);
  return Evaluate(std::move(evaluate));
}

Result<EvaluateResult> JobScript::Evaluate(EvaluateDirective evaluate) {
  const std::string slice = evaluate.slice();
  const uint64_t active_tasks = evaluate.active_tasks();
  status_.Update([&](JobStatus& status) { status.set_activity("evaluating " + slice); });
  const Clock::time_point began = Clock::now();
  evaluate.set_incarnation(incarnation_);
  Directive directive;
  *directive.mutable_evaluate() = std::move(evaluate);
  PRIMACY_ASSIGN(const std::vector<NextRequest> results, directives_.Run(ROLE_WORKER, directive));
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  state_.mutable_totals()->set_evaluate_seconds(state_.totals().evaluate_seconds() + seconds);
  const EvaluateResult& result = results[0].evaluate();
  for (int t = 0; t < result.task_size(); ++t) {
    const TaskMetrics& task = result.task(t);
    // Test rows only describe; without hold-out and train losses there is nothing to choose or to
    // bound by.
    if (slice != "test" && (active_tasks >> t & 1) && !task.has_loss()) {
      return UsageError(options_.job.data().log() + "/" + slice + " has no label of task " +
                        task.task() + " with a weight above 0");
    }
    if (task.has_loss() && !std::isfinite(task.loss())) {
      return Failure("the " + slice + " loss of task " + task.task() + " is not finite at step " +
                     std::to_string(state_.step()));
    }
  }
  return result;
}

Status JobScript::WriteReport(bool finished) {
  state_.set_seconds(seconds_before_ +
                     std::chrono::duration<double>(Clock::now() - began_).count());
  const ReportContext context{options_.job, options_.servers, options_.workers, stages_,
                              view_,        finished};
  PRIMACY_TRY(WriteFileAtomically(options_.run_dir + "/report.json", MakeReport(context, state_)));
  status_.Update([](JobStatus& status) { status.set_activity("finished"); });
  JsonWriter event = EventLog::Begin("finish");
  event.Field("seconds", state_.seconds())
      .Field("rows", state_.totals().rows())
      .Field("requirement_met", RequirementMet(options_.job, state_, stages_.size()));
  return events_->Append(event);
}

}  // namespace primacy
