// What a run leaves for people and programs: DIR/report.json, and the bodies of the larger events.
// docs/report.md describes the fields.
#pragma once

#include <string>
#include <vector>

#include "common/base/json.h"
#include "common/config/job.pb.h"
#include "ps/checkpoint/manifest.pb.h"
#include "ps/coordinator/step_board.h"
#include "ps/priority/stage.h"

namespace primacy {

struct ReportContext {
  const Job& job;
  int servers;
  int workers;
  const std::vector<Stage>& stages;
  const JoinRequest& view;
  bool finished;
};

// The whole report as indented JSON.
std::string MakeReport(const ReportContext& context, const JobState& state);

// Fields of an open JSON object.
void WriteStageSummary(const Job& job, const Stage& stage, const JobState& state,
                       const StageSummary& summary, JsonWriter& json);
void WriteEvaluation(const Job& job, const Stage& stage, const JobState& state,
                     const StepProgress& progress, const Candidate& candidate, bool better,
                     double pass, double rows_per_second, JsonWriter& json);
// An object: loss, auc, gauc, log_loss, calibration, rows, …
void WriteTaskMetrics(const TaskMetrics& metrics, JsonWriter& json);

}  // namespace primacy
