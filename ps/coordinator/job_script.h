// The course of a job, from the first parameter to the report, as one readable script over quiet
// points.
//
// Between two quiet points (all pushes applied, none issued) workers train freely; at a quiet point
// the script evaluates, judges candidates, saves generations, ends stages. Its whole memory is a
// JobState, which is saved with the parameters: a resumed job continues the script where the newest
// whole generation stood.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "ps/checkpoint/manifest.pb.h"
#include "ps/checkpoint/resume_point.h"
#include "ps/coordinator/directive_board.h"
#include "ps/coordinator/event_log.h"
#include "ps/coordinator/gram_board.h"
#include "ps/coordinator/job_saves.h"
#include "ps/coordinator/membership.h"
#include "ps/coordinator/status_board.h"
#include "ps/coordinator/step_board.h"
#include "ps/priority/multipliers.h"
#include "ps/priority/stage.h"

namespace primacy {

// What a job is asked to do.
struct JobOptions {
  Job job;              // checked, every field explicit
  std::string run_dir;  // exists; checkpoints/, events.jsonl and report.json go there
  int servers = 1;
  int workers = 1;
  bool resume = false;  // continue from the newest whole generation of run_dir
  std::string
      init_from;  // generation directory whose weights the job begins with; empty: initial values
  // Instead of training: forward passes of `restore_from` over one slice of the log.
  struct Evaluation {
    std::string restore_from;     // generation directory
    std::string slice;            // folder of the log
    std::string predictions_dir;  // empty: none
  };
  std::optional<Evaluation> evaluation;
  std::chrono::milliseconds join_timeout{30000};
};

enum class JobOutcome { kFinished, kStopped };

// Run on one thread; RequestStop from any.
class JobScript {
 public:
  JobScript(const JobOptions& options, Membership& membership, StepBoard& steps, GramBoard& planes,
            DirectiveBoard& directives, JobSaves& saves, StatusBoard& status, EventLog* events);

  // Returns when the job is finished, stopped on request (with a generation saved), or cannot go
  // on.
  Result<JobOutcome> Run();
  // The job stops at the next quiet point.
  void RequestStop();
  // A generation has become whole: the time until the next one begins. From any thread.
  void OnSaveWhole() { ScheduleSave(); }
  // Of an evaluation job, after Run.
  const EvaluateResult& evaluation() const { return evaluation_; }
  const JobState& state() const { return state_; }
  // [task] means over the steps since the last evaluation; progress: of the step board. Thread
  // safe.
  std::vector<double> GradientWeights(const StepProgress& progress) const;

 private:
  using Clock = std::chrono::steady_clock;

  Status Assemble();
  Status PlaceParameters();
  Status StartAnew();
  Status Resume();
  // Damaged generations are kept under another name; a warning and an event say what was lost.
  Status SetPassedOverAside(const ResumePoint& point);
  // "stage 2 of 3, step 1200".
  std::string PlaceOf(const JobState& state) const;
  // That the log is as long as the one that the job to be resumed was trained on.
  Status CheckRows() const;
  // An error where the run was saved by a version that did not keep the losses of a stage.
  Status CheckLosses() const;
  Result<JobOutcome> RunEvaluation();

  // One stage.
  Result<bool> TrainStage();  // false: stopped on request
  Status TrainPhase();
  Status EvaluateCandidate();
  // Notes how far the stage's objectives got, and moves the multipliers if the hold-out slice does.
  void FollowHoldout(const EvaluateResult& holdout);
  // How far a constraint's hold-out loss is from what it may be now (holdout_control.h); above: the
  // violation of the tier above its own.
  double ViolationOf(int task, double loss, double above) const;
  Status CloseStage();
  Status MeasureBounds();
  // The model's metrics on the test slice, and what its constraints' losses are against the bounds.
  Status TestStageModel(StageSummary& summary);
  // Has worker 0 remember the test losses of the models kept above. Leaves other parameters behind.
  Status RecallLosses();
  // One of those models is damaged: the job can do without, its verdict cannot.
  Status NoteLostBound(const StageSummary& earlier, const std::string& reason);
  uint64_t ConstraintTasks() const;
  Status BeginNextStage();
  void InitialiseStage(int stage);

  // Quiet-point actions.
  Status ResetParameters(bool keep_weights);
  Status Restore(uint64_t generation, bool weights_only);
  Status RestoreDirectory(const std::string& directory, bool weights_only, bool foreign);
  // Begins to save; training may go on when it returns. Waits for the save before it.
  Status Save(bool pinned);
  Manifest MakeManifest(bool pinned) const;
  // Waits until what Save began is whole: before anything is restored, and before the job ends.
  Status FinishSave();
  Status EvictRows();
  Result<EvaluateResult> Evaluate(const std::string& slice, uint64_t active_tasks,
                                  bool losses_only);
  // The directive lacks the incarnation only.
  Result<EvaluateResult> Evaluate(EvaluateDirective evaluate);
  Status RunOnServers(const Directive& directive);
  void CountServers(const std::vector<NextRequest>& results);
  Status WriteReport(bool finished);

  // The schedule of a stage, in steps.
  Step StepsPerPass() const;
  Step StepsMax() const;
  Step EvaluationEvery() const;
  // Number of the stage's evaluation at `step`, from 0.
  int64_t EvaluationAt(Step step) const;
  Step NextEvaluation() const;
  Step NextQuietStep() const;
  bool EvaluationDue() const;
  bool SaveDue() const;
  // When a save is due by time; never while one is in flight. From any thread.
  Clock::time_point NextTimedSave() const;
  // Ends the phase when that time comes. Called when a phase has begun and when a save has ended,
  // whichever is later: while one is in flight there is nothing to schedule.
  void ScheduleSave() {
    if (!saves_.in_flight()) steps_.PauseAt(NextTimedSave());
  }
  bool InHeadPhase() const;
  // SSP, ASP: whether the stage's steps are still taken as in BSP.
  bool WarmingUp() const;
  Step HeadSteps() const;
  // After so many steps the stage ends even if it still gets anywhere, …
  Step LengthMax() const;
  // … unless it is the last one and learnt fast until lately.
  bool LengthIsUsedUp() const;
  // The step of the stage models above: a fresh stage that is to be no worse has as long a way to
  // go, and is not given up before.
  Step LongestWay() const;
  // Where the first tier's multiplier begins in the stage.
  double FirstLambda() const;
  uint64_t ActiveTasks() const;
  // The phase's gradients come in planes. Heads alone share nothing, so they need none.
  bool UsesPlanes() const;

  const Stage& stage() const { return stages_[state_.stage()]; }
  void StoreWeighing();
  // An evaluation has stated the means since the one before.
  void ClearSums();
  // How losses are weighed from here on; with a method of gradients, equally.
  std::unique_ptr<LossWeighing> MakeWeighing() const;
  // What the method remembers; methods with multipliers have λ for it.
  WeighingState SavedWeighing() const;
  std::unique_ptr<Multipliers> MakeMultipliers() const;
  void CountTraining(const std::vector<NextRequest>& results);
  Status CheckBadRecords() const;

  const JobOptions options_;
  Membership& membership_;
  StepBoard& steps_;
  GramBoard& planes_;
  DirectiveBoard& directives_;
  JobSaves& saves_;
  StatusBoard& status_;
  EventLog* const events_;  // null for evaluations
  const std::vector<Stage> stages_;

  std::atomic<bool> stop_requested_ = false;
  JobState state_;
  JoinRequest view_;  // what the workers found
  uint64_t job_hash_ = 0;
  uint32_t incarnation_ = 1;
  uint64_t next_generation_ = 1;
  Step saved_step_ = 0;  // step of this stage's newest save
  Clock::time_point stage_began_;
  Clock::time_point began_;
  double seconds_before_ = 0;
  int64_t refused_before_ = 0;  // by the servers of earlier runs of this job
  int64_t evicted_before_ = 0;
  double stage_seconds_before_ = 0;
  double phase_rows_per_second_ = 0;
  // Bit t: worker 0 remembers the test losses of task t under the model of its own stage.
  uint64_t losses_remembered_ = 0;
  EvaluateResult evaluation_;
};

}  // namespace primacy
