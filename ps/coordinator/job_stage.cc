// The training of one stage: phases, evaluations, candidates, patience.
#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "ps/coordinator/job_script.h"
#include "ps/coordinator/report.h"
#include "ps/coordinator/weight_sums.h"
#include "ps/priority/candidate.h"
#include "ps/priority/effective_tasks.h"
#include "ps/priority/holdout_control.h"
#include "ps/priority/loss_path.h"
#include "ps/priority/methods.h"
#include "ps/priority/stage_length.h"
#include "ps/priority/trial.h"

namespace primacy {
namespace {

void AddTimes(const StepTimes& more, StepTimes& sum) {
  sum.set_read(sum.read() + more.read());
  sum.set_build(sum.build() + more.build());
  sum.set_batch_wait(sum.batch_wait() + more.batch_wait());
  sum.set_row_wait(sum.row_wait() + more.row_wait());
  sum.set_forward(sum.forward() + more.forward());
  sum.set_backward(sum.backward() + more.backward());
  sum.set_push(sum.push() + more.push());
}

}  // namespace

Step JobScript::StepsPerPass() const {
  const int64_t batch = options_.job.training().batch_rows();
  return (view_.train_rows() + batch - 1) / batch;
}

Step JobScript::StepsMax() const { return StepsPerPass() * options_.job.training().passes_max(); }

Step JobScript::EvaluationEvery() const {
  const Step per_pass = std::max(1, options_.job.training().evaluations_per_pass());
  return std::max<Step>(10, StepsPerPass() / per_pass);
}

Step JobScript::NextEvaluation() const {
  return std::min(StepsMax(), (state_.evaluations() + 1) * EvaluationEvery());
}

int64_t JobScript::EvaluationAt(Step step) const {
  return (step + EvaluationEvery() - 1) / EvaluationEvery() - 1;
}

Step JobScript::LengthMax() const {
  std::vector<int64_t> finished;
  for (const StageSummary& above : state_.finished_stage()) finished.push_back(above.steps());
  const int64_t length = StageLengthMax(options_.job, static_cast<int>(stages_.size()), finished);
  return length < 0 ? StepsMax() : std::min<Step>(StepsMax(), length);
}

bool JobScript::LengthIsUsedUp() const {
  if (state_.step() >= StepsMax()) return true;
  if (state_.step() < LengthMax()) return false;
  if (IsTrial(options_.job, static_cast<int>(stages_.size()), state_.stage())) return true;
  const int patience = options_.job.training().patience();
  const auto& paths = state_.stage_path();
  return std::all_of(paths.begin(), paths.end(), [&](const LossPath& path) {
    return state_.evaluations() >= EvaluationsToMake(Losses(path), patience);
  });
}

Step JobScript::LongestWay() const {
  Step longest = 0;
  if (options_.job.priority().stage_start() != PriorityConfig::FRESH) return longest;
  for (const StageSummary& above : state_.finished_stage())
    longest = std::max<Step>(longest, above.model().step());
  return longest;
}

double JobScript::FirstLambda() const {
  const bool kept_before = state_.stage() > 0 && state_.finished_stage(state_.stage() - 1).kept();
  return LambdaStart(options_.job, static_cast<int>(stages_.size()), state_.stage(), kept_before);
}

Step JobScript::HeadSteps() const {
  const PriorityConfig& priority = options_.job.priority();
  if (priority.stage_start() != PriorityConfig::WARM || state_.stage() == 0) return 0;
  return std::min<Step>(
      StepsMax(), std::llround(priority.warm_head_passes() * static_cast<double>(StepsPerPass())));
}

bool JobScript::InHeadPhase() const { return state_.step() < HeadSteps(); }

bool JobScript::WarmingUp() const {
  const RuntimeConfig& runtime = options_.job.runtime();
  return runtime.consistency() != RuntimeConfig::BSP && state_.step() < runtime.bsp_warmup_steps();
}

Step JobScript::NextQuietStep() const {
  Step next = NextEvaluation();
  const auto consider = [&](Step step) {
    if (step > state_.step()) next = std::min(next, step);
  };
  if (const Step every = options_.job.runtime().checkpoint_every_steps(); every > 0) {
    consider((state_.step() / every + 1) * every);
  }
  if (options_.job.table().evict_after_passes() > 0) {
    consider((state_.step() / StepsPerPass() + 1) * StepsPerPass());
  }
  consider(HeadSteps());
  if (WarmingUp()) consider(options_.job.runtime().bsp_warmup_steps());
  return next;
}

bool JobScript::EvaluationDue() const { return state_.step() >= NextEvaluation(); }

bool JobScript::SaveDue() const {
  if (state_.step() == saved_step_) return false;
  if (const Step every = options_.job.runtime().checkpoint_every_steps();
      every > 0 && state_.step() % every == 0)
    return true;
  return Clock::now() >= NextTimedSave();
}

JobScript::Clock::time_point JobScript::NextTimedSave() const {
  const double every = options_.job.runtime().checkpoint_every_seconds();
  if (every <= 0 || saves_.in_flight()) return Clock::time_point::max();
  return saves_.whole_at() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(every));
}

bool JobScript::UsesPlanes() const {
  return NeedsPlanes(options_.job.priority()) && !InHeadPhase();
}

uint64_t JobScript::ActiveTasks() const {
  return InHeadPhase() ? stage().objective_tasks() : stage().active_tasks();
}

std::unique_ptr<Multipliers> JobScript::MakeMultipliers() const {
  MultiplierState lambda{{state_.lambda().begin(), state_.lambda().end()}, state_.lambda_version()};
  std::vector<double> bounds = AimedShares(options_.job);
  for (int task = 0; task < state_.bound_size(); ++task) bounds[task] *= state_.bound(task);
  const double rate = MultiplierRate(options_.job.priority(), options_.job.training().batch_rows());
  if (!InHeadPhase())
    return std::make_unique<Multipliers>(stage(), bounds, rate, std::move(lambda));
  Stage head = stage();  // the new heads alone: λ rests
  head.constraints.clear();
  return std::make_unique<Multipliers>(head, bounds, rate, std::move(lambda));
}

WeighingState JobScript::SavedWeighing() const {
  return {{state_.weighing().begin(), state_.weighing().end()},
          state_.weighing_updates(),
          state_.weighing_fallbacks()};
}

std::unique_ptr<LossWeighing> JobScript::MakeWeighing() const {
  if (WeighingKindOf(options_.job.priority().method()) != WeighingKind::kLosses)
    return MakeMultipliers();
  return MakeLossWeighing(options_.job, StepsPerPass(), SavedWeighing());
}

void JobScript::StoreWeighing() {
  const WeighingKind kind = WeighingKindOf(options_.job.priority().method());
  const WeighingState saved =
      kind == WeighingKind::kGradients ? planes_.Saved() : steps_.weighing();
  if (kind == WeighingKind::kMultipliers) {
    state_.set_lambda_version(saved.updates);
    *state_.mutable_lambda() = {saved.values.begin(), saved.values.end()};
  } else {
    *state_.mutable_weighing() = {saved.values.begin(), saved.values.end()};
    state_.set_weighing_updates(saved.updates);
    state_.set_weighing_fallbacks(saved.fallbacks);
  }
  const LabelWeights weights = steps_.label_weights();
  *state_.mutable_label_weight() = {weights.sum.begin(), weights.sum.end()};
  state_.set_label_weight_rows(weights.rows);
  *state_.mutable_step_sums() = steps_.sums();
  *state_.mutable_plane_sums() = planes_.weights();
}

Result<bool> JobScript::TrainStage() {
  status_.Update([&](JobStatus& status) {
    status.set_stage(state_.stage());
    status.set_stage_name(stage().name);
    status.set_steps_max(StepsMax());
    status.set_step(state_.step());
    status.clear_bound();
    status.clear_holdout_auc();
    for (double bound : state_.bound()) status.add_bound(bound);
  });
  bool head = InHeadPhase();
  const PriorityConfig& priority = options_.job.priority();
  planes_.BeginStage(WeighingKindOf(priority.method()) == WeighingKind::kGradients
                         ? MakeUpdateWeigher(options_.job, SavedWeighing())
                         : nullptr,
                     state_.plane_sums());
  steps_.BeginStage(
      MakeWeighing(),
      {{state_.label_weight().begin(), state_.label_weight().end()}, state_.label_weight_rows()},
      state_.step_sums());
  while (true) {
    if (head != InHeadPhase()) {
      head = InHeadPhase();
      steps_.ReplaceWeighing(MakeWeighing());
    }
    if (!EvaluationDue()) PRIMACY_TRY(TrainPhase());
    if (options_.job.table().evict_after_passes() > 0 && state_.step() % StepsPerPass() == 0) {
      PRIMACY_TRY(EvictRows());
    }
    if (EvaluationDue()) PRIMACY_TRY(EvaluateCandidate());
    if (state_.point() != JobState::TRAIN) return true;
    if (SaveDue() || stop_requested_) PRIMACY_TRY(Save(/*pinned=*/false));
    if (stop_requested_) return false;
  }
}

Status JobScript::TrainPhase() {
  status_.Update([](JobStatus& status) { status.set_activity("training"); });
  const StepPhase phase{incarnation_,    state_.step(),
                        NextQuietStep(), options_.job.training().batch_rows(),
                        UsesPlanes(),    WarmingUp()};
  Directive directive;
  TrainDirective& train = *directive.mutable_train();
  train.set_incarnation(incarnation_);
  train.set_stage(state_.stage());
  train.set_first_step(state_.step());
  train.set_active_tasks(ActiveTasks());
  train.set_freeze_shared(InHeadPhase());
  train.set_steps_per_pass(StepsPerPass());
  train.set_planes(phase.planes);
  train.set_warming_up(phase.warming_up);
  train.set_table_rate(TableRate(options_.job, stage(), FirstLambda()));
  PRIMACY_TRY(RunOnServers(directive));
  planes_.BeginPhase();
  steps_.BeginPhase(phase);
  ScheduleSave();
  if (stop_requested_) steps_.RequestPause();
  const Clock::time_point began = Clock::now();
  PRIMACY_ASSIGN(const std::vector<NextRequest> results, directives_.Run(ROLE_WORKER, directive));
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  const StepProgress progress = steps_.progress();
  state_.set_step(progress.next_step);
  StoreWeighing();
  CountTraining(results);
  RunTotals& totals = *state_.mutable_totals();
  totals.set_rows(totals.rows() + progress.rows);
  totals.set_train_seconds(totals.train_seconds() + seconds);
  phase_rows_per_second_ = seconds > 0 ? static_cast<double>(progress.rows) / seconds : 0;
  status_.Update([&](JobStatus& status) {
    status.set_rows_per_second(phase_rows_per_second_);
    status.set_step(state_.step());
  });
  return CheckBadRecords();
}

void JobScript::CountTraining(const std::vector<NextRequest>& results) {
  RunTotals& totals = *state_.mutable_totals();
  for (const NextRequest& result : results) {
    const TrainResult& train = result.train();
    AddTimes(train.times(), *totals.mutable_times());
    totals.set_keys(totals.keys() + train.keys());
    totals.set_unique_keys(totals.unique_keys() + train.unique_keys());
    totals.set_bytes_sent(totals.bytes_sent() + train.bytes_sent());
    totals.set_bytes_received(totals.bytes_received() + train.bytes_received());
    totals.set_bad_records(totals.bad_records() + train.bad_records());
    totals.set_resident_bytes_max(
        std::max(totals.resident_bytes_max(), train.resident_bytes_max()));
  }
  totals.set_resident_bytes_max(
      std::max(totals.resident_bytes_max(), membership_.resident_bytes_max()));
}

std::vector<double> JobScript::GradientWeights(const StepProgress& progress) const {
  std::vector<double> weights = MeanWeights(planes_.weights());
  return weights.empty() ? progress.weight_mean : weights;
}

void JobScript::ClearSums() {
  state_.clear_step_sums();
  state_.clear_plane_sums();
  steps_.ClearSums();
  planes_.ClearWeights();
}

Status JobScript::CheckBadRecords() const {
  const RunTotals& totals = state_.totals();
  const double share = options_.job.runtime().bad_record_share_max();
  if (static_cast<double>(totals.bad_records()) <= share * static_cast<double>(totals.rows()))
    return Ok();
  return UsageError(
      "bad records: " + std::to_string(totals.bad_records()) + " of " +
      std::to_string(totals.rows()) + " rows have a label that does not suit its task's loss, " +
      "more than runtime.bad_record_share_max allows; mend the log or the task's loss");
}

Status JobScript::EvaluateCandidate() {
  PRIMACY_ASSIGN(const EvaluateResult holdout, Evaluate("holdout", stage().active_tasks(), false));
  const std::vector<double> allowed = AllowedLosses(
      {state_.holdout_bound().data(), static_cast<size_t>(state_.holdout_bound_size())},
      options_.job);
  Candidate candidate = JudgeCandidate(stage(), allowed, holdout);
  candidate.set_step(state_.step());
  *candidate.mutable_lambda() = state_.lambda();
  const StepProgress progress = steps_.progress();
  const std::vector<double> weights = GradientWeights(progress);
  *candidate.mutable_weight() = {weights.begin(), weights.end()};
  candidate.set_generation(next_generation_);
  const bool better = !state_.has_best() || IsBetter(stage(), allowed, candidate, state_.best());
  const bool promising = ReachesNewLow(stage(), state_.stage_path(), candidate);
  state_.set_patience_used(better || promising ? 0 : state_.patience_used() + 1);
  if (better) *state_.mutable_best() = candidate;
  for (const std::vector<int>& tasks : {stage().objectives, stage().constraints}) {
    for (int task : tasks) state_.mutable_stage_path(task)->add_loss(holdout.task(task).loss());
  }
  FollowHoldout(holdout);
  state_.set_evaluations(state_.evaluations() + 1);
  const int patience = options_.job.training().patience();
  const bool out_of_patience = patience > 0 && state_.patience_used() >= patience;
  const bool done = out_of_patience && state_.step() >= LongestWay();
  if (done || LengthIsUsedUp()) {
    state_.set_point(JobState::END_STAGE);
    for (int task : stage().objectives) {
      *state_.mutable_loss_path(task) = state_.stage_path(task);
      state_.mutable_loss_path(task)->set_cut_short(patience > 0 && !out_of_patience);
    }
  }
  status_.Update([&](JobStatus& status) {
    status.clear_holdout_auc();
    for (const TaskMetrics& task : holdout.task()) {
      status.add_holdout_auc(task.has_auc() ? task.auc() : std::nan(""));
    }
    status.set_patience_left(std::max(0, patience - state_.patience_used()));
  });
  JsonWriter event = EventLog::Begin("evaluation");
  WriteEvaluation(options_.job, stage(), state_, progress, candidate, better,
                  static_cast<double>(state_.step()) / static_cast<double>(StepsPerPass()),
                  phase_rows_per_second_, event);
  PRIMACY_TRY(events_->Append(event));
  ClearSums();
  if (better) return Save(/*pinned=*/true);
  return Ok();
}

double JobScript::ViolationOf(int task, double loss, double above) const {
  const LossPath& path = state_.loss_path(task);
  const double share = AimedShares(options_.job)[task];
  const double bound = state_.holdout_bound(task);
  // A warm stage begins where the bound was reached: nothing to wait for.
  if (options_.job.priority().stage_start() == PriorityConfig::WARM) {
    return Violation(loss, share * bound, share * bound);
  }
  const double paced = PacedBound(bound, Losses(path), state_.evaluations());
  const double violation = Violation(loss, share * bound, share * paced);
  // The bound of a stage that was cut short says nothing of what the task can reach.
  return path.cut_short() ? std::max(violation, std::min(above, 0.0)) : violation;
}

void JobScript::FollowHoldout(const EvaluateResult& holdout) {
  const PriorityConfig& priority = options_.job.priority();
  if (priority.signal() != PriorityConfig::HOLDOUT || stage().constraints.empty() || InHeadPhase())
    return;
  const HoldoutGains gains{.rate = priority.holdout_rate() *
                                   static_cast<double>(EvaluationEvery()) /
                                   static_cast<double>(StepsPerPass()),
                           .gain = priority.holdout_gain(),
                           .lambda_min = std::min(1.0, priority.lambda_start()),
                           .lambda_max = priority.lambda_max()};
  double above = 0;  // violation of the tier above
  for (const std::vector<int>& tier : stage().tiers_above) {
    double worst = -1;  // no loss is further below its bound
    for (int task : tier) {
      if (!holdout.task(task).has_loss()) continue;
      const double violation = ViolationOf(task, holdout.task(task).loss(), above);
      worst = std::max(worst, violation);
      const HoldoutControl control =
          Steer({state_.lambda_integral(task), state_.lambda(task)}, violation, gains);
      state_.set_lambda_integral(task, control.integral);
      state_.set_lambda(task, control.lambda);
    }
    above = worst;
  }
  steps_.ReplaceWeighing(MakeWeighing());
}

}  // namespace primacy
