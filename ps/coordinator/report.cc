#include "ps/coordinator/report.h"

#include <algorithm>

#include "ps/coordinator/constraint_report.h"

namespace primacy {
namespace {

bool Contains(const std::vector<int>& tasks, int task) {
  return std::find(tasks.begin(), tasks.end(), task) != tasks.end();
}

void OptionalField(JsonWriter& json, const char* name, bool present, double value) {
  if (present) {
    json.Field(name, value);
  } else {
    json.Key(name).Null();
  }
}

void WriteTotals(const ReportContext& context, const JobState& state, JsonWriter& json) {
  const RunTotals& totals = state.totals();
  const auto ratio = [](double a, double b) { return b > 0 ? a / b : 0.0; };
  const double rows = static_cast<double>(totals.rows());
  json.Field("rows", totals.rows())
      .Field("rows_measured", totals.rows_measured())
      .Field("train_rows", context.view.train_rows())
      .Field("row_passes", ratio(static_cast<double>(totals.rows() + totals.rows_measured()),
                                 static_cast<double>(context.view.train_rows())))
      .Field("seconds", state.seconds())
      .Field("train_seconds", totals.train_seconds())
      .Field("evaluate_seconds", totals.evaluate_seconds())
      .Field("save_seconds", totals.save_seconds())
      .Field("saves", totals.saves())
      .Field("save_pause_seconds_max", totals.save_pause_seconds_max())
      .Field("save_write_seconds", totals.save_write_seconds())
      .Field("save_bytes", totals.save_bytes())
      .Field("rows_per_s", ratio(rows, totals.train_seconds()))
      .Field("bytes_per_row",
             ratio(static_cast<double>(totals.bytes_sent() + totals.bytes_received()), rows))
      .Field("unique_key_ratio",
             ratio(static_cast<double>(totals.unique_keys()), static_cast<double>(totals.keys())))
      .Field("worker_wait_share", ratio(totals.times().batch_wait() + totals.times().row_wait(),
                                        totals.train_seconds() * context.workers))
      .Field("bad_records", totals.bad_records())
      .Field("resident_bytes_max", totals.resident_bytes_max())
      .Field("table_rows", totals.table_rows())
      .Field("table_bytes", totals.table_bytes())
      .Field("refused_keys", totals.refused_keys())
      .Field("evicted_rows", totals.evicted_rows());
  const StepTimes& times = totals.times();
  json.Key("step_seconds")
      .BeginObject()
      .Field("read", times.read())
      .Field("build", times.build())
      .Field("batch_wait", times.batch_wait())
      .Field("row_wait", times.row_wait())
      .Field("forward", times.forward())
      .Field("backward", times.backward())
      .Field("push", times.push())
      .Field("server_gather", totals.gather_seconds())
      .Field("server_apply", totals.apply_seconds())
      .EndObject();
}

}  // namespace

void WriteTaskMetrics(const TaskMetrics& metrics, JsonWriter& json) {
  json.BeginObject();
  OptionalField(json, "auc", metrics.has_auc(), metrics.auc());
  OptionalField(json, "gauc", metrics.has_gauc(), metrics.gauc());
  OptionalField(json, "loss", metrics.has_loss(), metrics.loss());
  OptionalField(json, "calibration", metrics.has_calibration(), metrics.calibration());
  OptionalField(json, "label_mean", metrics.has_label_mean(), metrics.label_mean());
  OptionalField(json, "squared_error", metrics.has_squared_error(), metrics.squared_error());
  json.Field("rows", metrics.rows()).Field("gauc_groups", metrics.gauc_groups()).EndObject();
}

void WriteStageSummary(const Job& job, const Stage& stage, const JobState& state,
                       const StageSummary& summary, JsonWriter& json) {
  json.Field("name", summary.name())
      .Field("kept", summary.kept())
      .Field("violation", summary.model().violation())
      .Field("candidate_step", summary.model().step())
      .Field("candidate_generation", summary.model().generation())
      .Field("steps", summary.steps())
      .Field("evaluations", summary.evaluations())
      .Field("seconds", summary.seconds())
      .Field("bound_seconds", summary.bound_seconds());
  json.Key("tasks").BeginArray();
  for (int task = 0; task < job.task_size(); ++task) {
    const bool objective = Contains(stage.objectives, task);
    if (!objective && !Contains(stage.constraints, task)) continue;
    json.BeginObject()
        .Field("task", job.task(task).name())
        .Field("role", objective ? "objective" : "constraint");
    OptionalField(json, "lambda", !objective, summary.model().lambda(task));
    OptionalField(json, "weight", task < summary.model().weight_size(),
                  task < summary.model().weight_size() ? summary.model().weight(task) : 0);
    OptionalField(json, "bound", state.has_bound(task), summary.bound(task));
    json.Key("holdout");
    WriteTaskMetrics(summary.model().holdout().task(task), json);
    json.Key("test");
    WriteTaskMetrics(summary.test().task(task), json);
    json.EndObject();
  }
  json.EndArray();
  WriteConstraints(job, state, summary, json);
}

void WriteEvaluation(const Job& job, const Stage& stage, const JobState& state,
                     const StepProgress& progress, const Candidate& candidate, bool better,
                     double pass, double rows_per_second, JsonWriter& json) {
  json.Field("stage", state.stage())
      .Field("stage_name", stage.name)
      .Field("step", state.step())
      .Field("pass", pass)
      .Field("rows_per_s", rows_per_second)
      .Field("feasible", candidate.feasible())
      .Field("violation", candidate.violation())
      .Field("objective", candidate.objective())
      .Field("candidate", better)
      .Field("patience_used", state.patience_used());
  json.Key("tasks").BeginArray();
  for (int task = 0; task < job.task_size(); ++task) {
    const bool constraint = Contains(stage.constraints, task);
    if (!constraint && !Contains(stage.objectives, task)) continue;
    json.BeginObject().Field("task", job.task(task).name());
    json.Field("train_loss", progress.loss_mean[task]);
    if (task < candidate.weight_size()) json.Field("weight_mean", candidate.weight(task));
    if (constraint) {
      json.Field("lambda", state.lambda(task))
          .Field("lambda_mean", progress.lambda_mean[task])
          .Field("bound", state.bound(task))
          .Field("violation", candidate.holdout().task(task).loss() - state.holdout_bound(task));
    }
    json.Key("holdout");
    WriteTaskMetrics(candidate.holdout().task(task), json);
    json.EndObject();
  }
  json.EndArray();
}

std::string MakeReport(const ReportContext& context, const JobState& state) {
  const Job& job = context.job;
  JsonWriter json(JsonStyle::kIndented);
  json.BeginObject()
      .Field("format", 1)
      .Field("name", job.name())
      .Field("method", PriorityConfig::Method_Name(job.priority().method()))
      .Field("model", ModelConfig::Kind_Name(job.model().kind()))
      .Field("seed", job.training().seed())
      .Field("consistency", RuntimeConfig::Consistency_Name(job.runtime().consistency()))
      .Field("servers", context.servers)
      .Field("workers", context.workers)
      .Field("finished", context.finished)
      .Field("fail_on", PriorityConfig::FailOn_Name(job.priority().fail_on()))
      .Field("requirement_met", RequirementMet(job, state, context.stages.size()));
  json.Key("tasks").BeginArray();
  for (const TaskConfig& task : job.task()) json.Value(task.name());
  json.EndArray();
  json.Key("stages").BeginArray();
  for (int i = 0; i < state.finished_stage_size(); ++i) {
    json.BeginObject();
    WriteStageSummary(job, context.stages[i], state, state.finished_stage(i), json);
    json.EndObject();
  }
  json.EndArray();
  if (state.finished_stage_size() == static_cast<int>(context.stages.size())) {
    const StageSummary& last = *state.finished_stage().rbegin();
    json.Key("final").BeginObject();
    for (int task = 0; task < job.task_size(); ++task) {
      if (!(context.stages.back().active_tasks() >> task & 1)) continue;
      json.Key(job.task(task).name()).BeginObject().Key("holdout");
      WriteTaskMetrics(last.model().holdout().task(task), json);
      json.Key("test");
      WriteTaskMetrics(last.test().task(task), json);
      json.EndObject();
    }
    json.EndObject();
  }
  WriteTotals(context, state, json);
  json.EndObject();
  return json.Take() + "\n";
}

}  // namespace primacy
