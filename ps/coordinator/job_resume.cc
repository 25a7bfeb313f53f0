// How a job goes on from what an earlier run of it has saved.
#include "ps/checkpoint/generation.h"
#include "ps/checkpoint/resume_point.h"
#include "ps/coordinator/job_script.h"

namespace primacy {

Status JobScript::CheckRows() const {
  if (state_.train_rows() == view_.train_rows() && state_.holdout_rows() == view_.holdout_rows())
    return Ok();
  return UsageError(
      "--resume: data.log has " + std::to_string(view_.train_rows()) + " train and " +
      std::to_string(view_.holdout_rows()) + " hold-out rows, where " + options_.run_dir +
      " was trained on " + std::to_string(state_.train_rows()) + " and " +
      std::to_string(state_.holdout_rows()) +
      "; bring back that log, or begin a new job with --init_from=" + options_.run_dir);
}

std::string JobScript::PlaceOf(const JobState& state) const {
  return "stage " + std::to_string(state.stage() + 1) + " of " + std::to_string(stages_.size()) +
         ", step " + std::to_string(state.step());
}

Status JobScript::CheckLosses() const {
  if (state_.point() == JobState::FINISHED ||
      state_.stage_path_size() == options_.job.task_size()) {
    return Ok();
  }
  return UsageError(
      "--resume: " + options_.run_dir +
      " was saved by an older version, which did not keep the losses of a stage; use another "
      "--run_dir, or --init_from=" +
      options_.run_dir + " to begin a new job from its parameters");
}

Status JobScript::SetPassedOverAside(const ResumePoint& point) {
  const std::string root = CheckpointRoot(options_.run_dir);
  for (const ResumePoint::PassedOver& passed : point.passed_over) {
    PRIMACY_ASSIGN(const std::string kept_as, SetAside(root, passed.generation));
    const std::string lost =
        passed.manifest.has_state() ? " (" + PlaceOf(passed.manifest.state()) + ")" : std::string();
    const std::string message =
        "damaged: " + passed.reason + "; " + GenerationName(passed.generation) + lost +
        " is set aside as " + kept_as + ", and the job goes on from " +
        GenerationName(point.generation) + " (" + PlaceOf(point.manifest.state()) + ")";
    LOG(WARNING) << message;
    JsonWriter event = EventLog::Begin(kSetAsideEvent);
    event.Field("generation", passed.generation)
        .Field("resumed_generation", point.generation)
        .Field("message", message);
    PRIMACY_TRY(events_->Append(event));
  }
  return Ok();
}

Status JobScript::Resume() {
  status_.Update([](JobStatus& status) { status.set_activity("checking what was saved"); });
  const std::string root = CheckpointRoot(options_.run_dir);
  PRIMACY_ASSIGN(const ResumePoint point, FindResumePoint(root, CheckDepth::kEveryByte));
  const Manifest& manifest = point.manifest;
  if (manifest.job_hash() != job_hash_) {
    return UsageError(
        "--resume: the job or the log's schema is not the one that " + options_.run_dir +
        " was trained with; use another --run_dir, or --init_from=" + options_.run_dir +
        " to begin a new job from its parameters");
  }
  state_ = manifest.state();
  PRIMACY_TRY(CheckRows());
  PRIMACY_TRY(CheckLosses());
  PRIMACY_TRY(SetPassedOverAside(point));
  incarnation_ = manifest.incarnation() + 1;
  PRIMACY_ASSIGN(next_generation_, NextGeneration(root));
  seconds_before_ = state_.seconds();
  stage_seconds_before_ = state_.stage_seconds();
  refused_before_ = state_.totals().refused_keys();
  evicted_before_ = state_.totals().evicted_rows();
  saved_step_ = state_.step();
  return Restore(point.generation, /*weights_only=*/false);
}

}  // namespace primacy
