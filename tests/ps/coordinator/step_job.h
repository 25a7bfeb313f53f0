// A step board with two workers and two tasks, and the requests that workers send it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ps/coordinator/step_board.h"
#include "ps/priority/multipliers.h"
#include "tests/support/fake_responder.h"

namespace primacy::testing_support {

// Task "low" under task "top", whose bound is 1; λ starts at 1 and rises by half the violation.
class StepJob {
 public:
  static constexpr uint32_t kIncarnation = 3;

  explicit StepJob(RuntimeConfig::Consistency consistency, int workers = 2,
                   const StepSums& sums = {})
      : planes(1, 0, {"top", "low"}, [](const Error&) {}),
        board(workers, consistency, {"top", "low"}, planes, [this](const Error& error) {
          failure = error.message();
          board.Fail(error);
        }) {
    const Stage stage{"low", {1}, {1.0}, {0}, {{0}}};
    board.BeginStage(std::make_unique<Multipliers>(stage, std::vector<double>{1, 0}, 0.5,
                                                   InitialMultipliers(stage, 2, 1.0)),
                     {}, sums);
  }

  void Begin(Step first, Step end,
             std::chrono::steady_clock::time_point pause_at =
                 std::chrono::steady_clock::time_point::max()) {
    StepPhase phase;
    phase.incarnation = kIncarnation;
    phase.first_step = first;
    phase.end_step = end;
    phase.batch_rows = 8;
    phase.pause_at = pause_at;
    phase.warming_up = warming_up;
    board.BeginPhase(phase);
  }

  Answer Ask(int worker, Step step, const std::vector<double>& weights,
             uint32_t incarnation = kIncarnation, int64_t rows = 4) {
    StepRequest request;
    request.set_incarnation(incarnation);
    request.set_worker(worker);
    request.set_step(step);
    request.set_rows(rows);
    for (const double weight : weights) request.add_task_weight(weight);
    Answer answer;
    board.OnStep(request, answer.MakeResponder());
    return answer;
  }

  Answer Report(int worker, Step step, const std::vector<double>& losses,
                const std::vector<double>& weights, uint32_t incarnation = kIncarnation) {
    StepLosses report;
    report.set_incarnation(incarnation);
    report.set_worker(worker);
    report.set_step(step);
    for (const double loss : losses) report.add_loss_sum(loss);
    for (const double weight : weights) report.add_weight_sum(weight);
    Answer answer;
    board.OnLosses(report, answer.MakeResponder());
    return answer;
  }

  LeaseReply Lease(int worker) {
    LeaseRequest request;
    request.set_incarnation(kIncarnation);
    request.set_worker(worker);
    Answer answer;
    board.OnLease(request, answer.MakeResponder());
    return answer.proto<LeaseReply>();
  }

  std::string failure;
  GramBoard planes;
  StepBoard board;
  bool warming_up = false;  // the next phases are run as in BSP
};

inline std::vector<double> Factors(const Answer& answer) {
  const StepReply reply = answer.proto<StepReply>();
  return {reply.loss_factor().begin(), reply.loss_factor().end()};
}

}  // namespace primacy::testing_support
