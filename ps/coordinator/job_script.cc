#include "ps/coordinator/job_script.h"

#include <algorithm>
#include <utility>

#include "common/base/atomic_file.h"
#include "common/config/job_config.h"
#include "ps/checkpoint/generation.h"
#include "ps/coordinator/report.h"
#include "ps/priority/loss_path.h"

namespace primacy {

JobScript::JobScript(const JobOptions& options, Membership& membership, StepBoard& steps,
                     GramBoard& planes, DirectiveBoard& directives, JobSaves& saves,
                     StatusBoard& status, EventLog* events)
    : options_(options),
      membership_(membership),
      steps_(steps),
      planes_(planes),
      directives_(directives),
      saves_(saves),
      status_(status),
      events_(events),
      stages_(MakeStages(options.job)) {}

void JobScript::RequestStop() {
  stop_requested_ = true;
  steps_.RequestPause();
}

Result<JobOutcome> JobScript::Run() {
  began_ = stage_began_ = Clock::now();
  PRIMACY_TRY(Assemble());
  if (options_.evaluation.has_value()) return RunEvaluation();
  PRIMACY_TRY(PlaceParameters());
  while (state_.point() != JobState::FINISHED) {
    if (state_.point() == JobState::TRAIN) {
      PRIMACY_ASSIGN(const bool trained, TrainStage());
      if (!trained) {
        PRIMACY_TRY(FinishSave());
        return JobOutcome::kStopped;
      }
    } else {
      PRIMACY_TRY(CloseStage());
    }
  }
  PRIMACY_TRY(FinishSave());
  PRIMACY_TRY(WriteReport(true));
  return JobOutcome::kFinished;
}

Status JobScript::Assemble() {
  status_.Update([&](JobStatus& status) {
    status.set_activity("starting");
    status.set_stages(static_cast<int>(stages_.size()));
    for (const TaskConfig& task : options_.job.task()) status.add_task(task.name());
  });
  PRIMACY_TRY(membership_.WaitForAll(options_.join_timeout));
  view_ = membership_.worker_view();
  job_hash_ = view_.job_hash();
  if (!options_.evaluation.has_value() && view_.train_rows() == 0) {
    return UsageError("data.log has no rows in train/: " + options_.job.data().log());
  }
  if (!options_.evaluation.has_value() && view_.holdout_rows() == 0) {
    return UsageError("data.log has no rows in holdout/: " + options_.job.data().log());
  }
  return Ok();
}

Result<JobOutcome> JobScript::RunEvaluation() {
  PRIMACY_TRY(RestoreDirectory(options_.evaluation->restore_from, /*weights_only=*/true, true));
  PRIMACY_ASSIGN(const Manifest manifest, ReadManifest(options_.evaluation->restore_from));
  const int stage = manifest.state().stage();
  if (stage < 0 || stage >= static_cast<int>(stages_.size()))
    return Failure(options_.evaluation->restore_from + "/MANIFEST has no stage " +
                   std::to_string(stage));
  EvaluateDirective evaluate;
  evaluate.set_incarnation(incarnation_);
  evaluate.set_slice(options_.evaluation->slice);
  // The towers of other tasks have their initial values still.
  evaluate.set_active_tasks(stages_[stage].active_tasks());
  evaluate.set_predictions_dir(options_.evaluation->predictions_dir);
  Directive directive;
  *directive.mutable_evaluate() = evaluate;
  PRIMACY_ASSIGN(const std::vector<NextRequest> results, directives_.Run(ROLE_WORKER, directive));
  evaluation_ = results[0].evaluate();
  return JobOutcome::kFinished;
}

Status JobScript::PlaceParameters() {
  PRIMACY_TRY(options_.resume ? Resume() : StartAnew());
  JsonWriter event = EventLog::Begin(options_.resume ? "resume" : "start");
  event.Field("job", options_.job.name())
      .Field("method", PriorityConfig::Method_Name(options_.job.priority().method()))
      .Field("servers", options_.servers)
      .Field("workers", options_.workers)
      .Field("train_rows", view_.train_rows())
      .Field("holdout_rows", view_.holdout_rows())
      .Field("test_rows", view_.test_rows())
      .Field("stage", state_.stage())
      .Field("step", state_.step())
      .Field("incarnation", incarnation_);
  PRIMACY_TRY(events_->Append(event));
  if (options_.resume) return Ok();
  PRIMACY_TRY(Save(/*pinned=*/state_.base_generation() != 0));
  return FinishSave();  // from here on there is something to resume
}

Status JobScript::StartAnew() {
  PRIMACY_TRY(MakeDirectories(options_.run_dir + "/checkpoints"));
  state_.Clear();
  for (int task = 0; task < options_.job.task_size(); ++task) {
    state_.add_bound(0);
    state_.add_has_bound(false);
    state_.add_holdout_bound(0);
    state_.add_loss_path();
    state_.add_stage_path();
  }
  state_.set_train_rows(view_.train_rows());
  state_.set_holdout_rows(view_.holdout_rows());
  InitialiseStage(0);
  if (options_.init_from.empty()) return ResetParameters(/*keep_weights=*/false);
  PRIMACY_TRY(RestoreDirectory(options_.init_from, /*weights_only=*/true, true));
  state_.set_base_generation(next_generation_);  // the one that PlaceParameters saves
  return Ok();
}

void JobScript::InitialiseStage(int stage) {
  state_.set_point(JobState::TRAIN);
  state_.set_stage(stage);
  state_.set_step(0);
  state_.set_evaluations(0);
  state_.set_patience_used(0);
  state_.clear_best();
  for (LossPath& path : *state_.mutable_stage_path()) path.Clear();
  state_.clear_label_weight();
  state_.clear_label_weight_rows();
  state_.clear_step_sums();
  state_.clear_plane_sums();
  state_.set_lambda_version(0);
  state_.clear_lambda();
  const MultiplierState lambda =
      InitialMultipliers(stages_[stage], options_.job.task_size(), FirstLambda());
  for (double value : lambda.lambda) state_.add_lambda(value);
  *state_.mutable_lambda_integral() = state_.lambda();
  state_.clear_weighing();
  state_.set_weighing_updates(0);
  state_.set_weighing_fallbacks(0);
  saved_step_ = 0;
  stage_began_ = Clock::now();
  stage_seconds_before_ = 0;
}

Status JobScript::CloseStage() {
  PRIMACY_TRY(RecallLosses());
  PRIMACY_TRY(Restore(state_.best().generation(), /*weights_only=*/false));
  const Candidate best = state_.best();
  StageSummary& summary = *state_.add_finished_stage();
  summary.set_name(stage().name);
  for (int task : stage().objectives) summary.add_objective_task(options_.job.task(task).name());
  *summary.mutable_model() = best;
  summary.set_steps(state_.step());
  summary.set_evaluations(state_.evaluations());
  summary.set_kept(best.feasible());
  PRIMACY_TRY(TestStageModel(summary));
  if (state_.stage() + 1 < static_cast<int>(stages_.size())) PRIMACY_TRY(MeasureBounds());
  *summary.mutable_bound() = state_.bound();
  summary.set_seconds(stage_seconds_before_ +
                      std::chrono::duration<double>(Clock::now() - stage_began_).count());
  JsonWriter event = EventLog::Begin("stage_end");
  WriteStageSummary(options_.job, stage(), state_, summary, event);
  PRIMACY_TRY(events_->Append(event));
  return BeginNextStage();
}

Status JobScript::MeasureBounds() {
  for (int task : stage().objectives) {
    const double bound =
        HoldoutBound(Losses(state_.loss_path(task)), EvaluationAt(state_.best().step()));
    state_.set_holdout_bound(task, bound);
    state_.set_bound(task, bound);
    state_.set_has_bound(task, true);
  }
  if (options_.job.priority().signal() == PriorityConfig::HOLDOUT) return Ok();
  const Clock::time_point began = Clock::now();
  PRIMACY_ASSIGN(const EvaluateResult train,
                 Evaluate("train", stage().objective_tasks(), /*losses_only=*/true));
  for (int task : stage().objectives) state_.set_bound(task, train.task(task).loss());
  StageSummary& summary = *state_.mutable_finished_stage()->rbegin();
  summary.set_bound_seconds(std::chrono::duration<double>(Clock::now() - began).count());
  state_.mutable_totals()->set_rows_measured(state_.totals().rows_measured() + train.rows());
  return Ok();
}

Status JobScript::BeginNextStage() {
  if (state_.stage() + 1 == static_cast<int>(stages_.size())) {
    state_.set_point(JobState::FINISHED);
    return Save(/*pinned=*/true);
  }
  InitialiseStage(state_.stage() + 1);
  ++incarnation_;
  if (options_.job.priority().stage_start() == PriorityConfig::WARM) {
    PRIMACY_TRY(ResetParameters(/*keep_weights=*/true));
  } else if (state_.base_generation() != 0) {
    PRIMACY_TRY(Restore(state_.base_generation(), /*weights_only=*/true));
  } else {
    PRIMACY_TRY(ResetParameters(/*keep_weights=*/false));
  }
  return Save(/*pinned=*/false);
}

}  // namespace primacy
