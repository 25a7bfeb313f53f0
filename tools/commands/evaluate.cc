// eval and predict.
#include "tools/evaluate/evaluate.h"

#include <cstdio>

#include "common/base/json.h"
#include "common/base/strings.h"
#include "ps/coordinator/report.h"
#include "tools/commands/command.h"
#include "tools/commands/flags.h"
#include "tools/launch/interrupt.h"

DEFINE_string(slice, "test",
              "train, holdout or test of the job's own log; read when --log is not given");

namespace primacy {
namespace {

EvaluateOptions OptionsOfFlags() {
  EvaluateOptions options;
  options.checkpoint = FLAGS_checkpoint;
  options.log = FLAGS_log;
  options.slice = FLAGS_slice;
  options.servers = FLAGS_servers;
  options.workers = FLAGS_workers;
  return options;
}

std::string AsJson(const EvaluateReport& report) {
  JsonWriter json;
  json.BeginObject().Field("generation", report.generation).Field("rows", report.result.rows());
  json.Key("tasks").BeginObject();
  for (const TaskMetrics& task : report.result.task()) {
    json.Key(task.task());
    WriteTaskMetrics(task, json);
  }
  json.EndObject().EndObject();
  return json.Take() + "\n";
}

}  // namespace

Result<int> RunEval(const std::vector<std::string>&) {
  PRIMACY_TRY(RequireFlag("checkpoint", FLAGS_checkpoint, "a run directory or a generation of it"));
  PRIMACY_TRY(RequireProcesses());
  PRIMACY_ASSIGN(const EvaluateReport report, EvaluateCheckpoint(OptionsOfFlags()));
  std::fputs((FLAGS_json ? AsJson(report) : FormatEvaluation(report)).c_str(), stdout);
  return 0;
}

Result<int> RunPredict(const std::vector<std::string>&) {
  PRIMACY_TRY(RequireFlag("checkpoint", FLAGS_checkpoint, "a run directory or a generation of it"));
  PRIMACY_TRY(RequireFlag("out", FLAGS_out, "the CSV file to write"));
  PRIMACY_TRY(RequireProcesses());
  EvaluateOptions options = OptionsOfFlags();
  options.predictions = FLAGS_out;
  options.cancelled = [] { return Interrupts() > 0; };
  CountInterrupts();
  const Result<EvaluateReport> report = EvaluateCheckpoint(options);
  if (!report.ok() && Interrupts() > 0) {
    std::fprintf(stderr, "stopped: nothing was written to %s\n", FLAGS_out.c_str());
    return kStoppedExitCode;
  }
  if (!report.ok()) return report.error();
  std::printf("%s rows scored in %s\n",
              WithCommas(static_cast<uint64_t>(report->result.rows())).c_str(), FLAGS_out.c_str());
  return 0;
}

}  // namespace primacy
