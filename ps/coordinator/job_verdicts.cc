// The test slice at the end of a stage: the model's metrics, and its losses against those of the
// models that were kept for the tasks above it.
//
// Worker 0 remembers the losses of a stage's objectives by groups of rows (worker/metrics) until a
// later stage is compared with them. A resumed job has other workers, who remember nothing: the
// earlier stages' models, which are kept anyway, are evaluated once more. So nothing is saved for
// it, and a resumed job reports the same bits.
#include <utility>

#include "ps/checkpoint/generation.h"
#include "ps/coordinator/job_script.h"

namespace primacy {

uint64_t JobScript::ConstraintTasks() const {
  return stage().active_tasks() & ~stage().objective_tasks();
}

Status JobScript::RecallLosses() {
  for (int earlier = 0; earlier < state_.stage(); ++earlier) {
    const uint64_t missing =
        stages_[earlier].objective_tasks() & ConstraintTasks() & ~losses_remembered_;
    if (missing == 0) continue;
    const uint64_t generation = state_.finished_stage(earlier).model().generation();
    const Status whole =
        VerifyGeneration(CheckpointRoot(options_.run_dir) + "/" + GenerationName(generation));
    if (!whole.ok()) {
      PRIMACY_TRY(NoteLostBound(state_.finished_stage(earlier), whole.error().message()));
      continue;
    }
    PRIMACY_TRY(Restore(generation, /*weights_only=*/true));
    EvaluateDirective evaluate;
    evaluate.set_slice("test");
    evaluate.set_active_tasks(stages_[earlier].active_tasks());
    evaluate.set_losses_only(true);
    evaluate.set_remember_losses(missing);
    PRIMACY_TRY(Evaluate(std::move(evaluate)));
    losses_remembered_ |= missing;
  }
  return Ok();
}

Status JobScript::NoteLostBound(const StageSummary& earlier, const std::string& reason) {
  const std::string message = "damaged: " + reason + "; the job goes on, but cannot tell whether " +
                              stage().name + " keeps " + earlier.name();
  LOG(WARNING) << message;
  JsonWriter event = EventLog::Begin("bound_lost");
  event.Field("stage", state_.stage())
      .Field("bound_stage", earlier.name())
      .Field("generation", earlier.model().generation())
      .Field("message", message);
  return events_->Append(event);
}

Status JobScript::TestStageModel(StageSummary& summary) {
  EvaluateDirective evaluate;
  evaluate.set_slice("test");
  evaluate.set_active_tasks(stage().active_tasks());
  const bool last = state_.stage() + 1 == static_cast<int>(stages_.size());
  if (!last) evaluate.set_remember_losses(stage().objective_tasks());
  evaluate.set_compare_losses(ConstraintTasks() & losses_remembered_);
  PRIMACY_ASSIGN(*summary.mutable_test(), Evaluate(std::move(evaluate)));
  if (!last) losses_remembered_ |= stage().objective_tasks();
  for (int earlier = 0; earlier < state_.stage(); ++earlier) {
    for (int task : stages_[earlier].objectives) {
      const TaskMetrics& bound = state_.finished_stage(earlier).test().task(task);
      TaskMetrics& reached = *summary.mutable_test()->mutable_task(task);
      TestedConstraint& constraint = *summary.add_constraint();
      constraint.set_task(task);
      constraint.set_bound_stage(earlier);
      if (bound.has_loss()) constraint.set_bound(bound.loss());
      if (reached.has_loss()) constraint.set_reached(reached.loss());
      *constraint.mutable_difference() = reached.difference();
      constraint.set_rows(reached.rows());
      reached.clear_difference();
    }
  }
  return Ok();
}

}  // namespace primacy
