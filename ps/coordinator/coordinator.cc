#include "ps/coordinator/coordinator.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "ps/checkpoint/generation.h"

namespace primacy {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

std::vector<std::string> TaskNames(const Job& job) {
  std::vector<std::string> names;
  for (const TaskConfig& task : job.task()) names.push_back(task.name());
  return names;
}

// Time that processes have to ask for their last directive once the job has ended.
constexpr double kFinishSeconds = 5;

// A phase as long as this has a speed of its own; before, that of the phase before is shown.
constexpr double kSpeedSeconds = 1;

// What is lost so soon after this process stood still may have been lost because of it.
constexpr milliseconds kJustAwake{5000};

milliseconds Beat(const Job& job) {
  return milliseconds(std::max(1, job.runtime().heartbeat_ms()));
}

// Two beats have been missed, and the job ends before the third is due.
milliseconds Silence(const Job& job) { return Beat(job) * 9 / 4; }

}  // namespace

Result<std::unique_ptr<Coordinator>> Coordinator::Create(const JobOptions& options) {
  std::unique_ptr<EventLog> events;
  if (!options.evaluation.has_value()) {
    PRIMACY_ASSIGN(events, EventLog::Open(options.run_dir + "/events.jsonl"));
  }
  return std::unique_ptr<Coordinator>(new Coordinator(options, std::move(events)));
}

Coordinator::Coordinator(const JobOptions& options, std::unique_ptr<EventLog> events)
    : options_(options),
      events_(std::move(events)),
      membership_(options.servers, options.workers),
      directives_(options.servers, options.workers),
      planes_(options.servers, options.job.training().clip_norm(), TaskNames(options.job),
              [this](const Error& error) { Fail(error); }),
      steps_(options.workers, options.job.runtime().consistency(), TaskNames(options.job), planes_,
             [this](const Error& error) { Fail(error); }),
      clip_(options.servers, options.job.training().clip_norm()),
      script_(std::make_unique<JobScript>(options, membership_, steps_, planes_, directives_,
                                          saves_, status_, events_.get())),
      saves_({.root = CheckpointRoot(options.run_dir),
              .servers = options.servers,
              .keep_generations = options.job.runtime().keep_generations(),
              .events = events_.get(),
              .on_failure = [this](const Error& error) { Fail(error); },
              .on_whole = [this] { script_->OnSaveWhole(); }}),
      began_(Clock::now()),
      looked_up_at_(began_),
      awake_since_(began_),
      watch_([this] { Watch(); }) {}

Coordinator::~Coordinator() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
    ending_changed_.NotifyAll();
  }
  watch_.join();
}

bool Coordinator::IsFor(MessageType type) {
  return type != MessageType::kKeys && type != MessageType::kPull && type != MessageType::kPush &&
         type != MessageType::kWorkerIdle;
}

// Decodes `request` as a T and hands it on; what does not decode is refused.
#define DELEGATE(T, call)                                    \
  {                                                          \
    Result<T> parsed = ParseProto<T>(request);               \
    if (!parsed.ok()) return responder.Fail(parsed.error()); \
    T& message = *parsed; /* NOLINT: T is a type */          \
    call;                                                    \
    return;                                                  \
  }

void Coordinator::Handle(const std::string& peer, Message request, Responder responder) {
  switch (request.header.type) {
    case MessageType::kStep:
      DELEGATE(StepRequest, steps_.OnStep(message, std::move(responder)));
    case MessageType::kStepLosses:
      DELEGATE(StepLosses, steps_.OnLosses(message, std::move(responder)));
    case MessageType::kLease:
      DELEGATE(LeaseRequest, steps_.OnLease(message, std::move(responder)));
    case MessageType::kNorm:
      DELEGATE(NormRequest, clip_.OnNorm(message, request.raw, std::move(responder)));
    case MessageType::kGram:
      DELEGATE(GramRequest, planes_.OnGram(message, request.raw, std::move(responder)));
    case MessageType::kSaved:
      DELEGATE(SavedReport, {
        responder.Reply(Empty());
        saves_.OnSaved(message);
      });
    case MessageType::kNext:
      DELEGATE(NextRequest, {
        const bool failed = message.has_error();
        directives_.OnNext(std::move(message), std::move(responder));
        if (failed) {
          if (const auto failure = directives_.failure()) Fail(*failure);
        }
      });
    case MessageType::kHeartbeat:
      DELEGATE(Heartbeat, membership_.Beat(message); responder.Reply(Empty()));
    case MessageType::kJoin:
      DELEGATE(JoinRequest, {
        const Status joined = membership_.Join(message);
        if (!joined.ok()) {
          responder.Fail(joined.error());
          Fail(joined.error());
          return;
        }
        responder.Reply(JoinReply());
      });
    case MessageType::kStatus:
      return responder.Reply(status());
    case MessageType::kStop:
      script_->RequestStop();
      return responder.Reply(Empty());
    default:
      return responder.Fail(Failure(peer + " sent a request that the coordinator does not know"));
  }
}

#undef DELEGATE

void Coordinator::OnDisconnected(const std::string& peer) {
  {
    MutexLock lock(mutex_);
    if (ending_) return;
  }
  for (const Role role : {ROLE_SERVER, ROLE_WORKER}) {
    const int count = role == ROLE_SERVER ? options_.servers : options_.workers;
    for (int rank = 0; rank < count; ++rank) {
      if (ProcessName(role, rank) == peer) {
        return Fail(Failure("lost " + membership_.Describe(role, rank) + ": its connection closed" +
                            OwnSilence()));
      }
    }
  }
}

void Coordinator::Fail(const Error& error) {
  directives_.Fail(error);
  const Error first = *directives_.failure();
  membership_.Interrupt(first);
  steps_.Fail(first);
  clip_.Fail(first);
  planes_.Fail(first);
  saves_.Fail(first);
}

void Coordinator::LookUp() {
  MutexLock lock(mutex_);
  const Clock::time_point now = Clock::now();
  const auto gap = std::chrono::duration_cast<milliseconds>(now - looked_up_at_);
  if (gap > Silence(options_.job)) {
    stood_still_ = gap;
    awake_since_ = now;
  }
  looked_up_at_ = now;
}

std::string Coordinator::OwnSilence() const {
  MutexLock lock(mutex_);
  const Clock::time_point now = Clock::now();
  milliseconds silence = std::chrono::duration_cast<milliseconds>(now - looked_up_at_);
  // The watch may not have been the first to wake, or was so a moment ago.
  if (silence <= Silence(options_.job) && now - awake_since_ < kJustAwake) silence = stood_still_;
  if (silence <= Silence(options_.job)) return "";
  return ", after server 0 itself had stood still for " + std::to_string(silence.count()) + " ms";
}

void Coordinator::Watch() {
  const milliseconds beat = Beat(options_.job);
  const milliseconds stall(options_.job.runtime().request_timeout_ms());
  while (true) {
    {
      MutexLock lock(mutex_);
      if (!ending_) ending_changed_.WaitUntil(mutex_, Clock::now() + beat / 4);
      if (ending_) return;
    }
    LookUp();
    const milliseconds silence = Silence(options_.job);
    if (const auto silent = membership_.FindSilent(silence)) {
      Fail(Failure("lost " + *silent + ": no heartbeat for " + std::to_string(silence.count()) +
                   " ms" + OwnSilence()));
    }
    if (status_.Get().activity() == "training" && stall.count() > 0) {
      const std::vector<int> stalled = steps_.StalledWorkers(Clock::now() - stall);
      if (!stalled.empty()) {
        const bool all = static_cast<int>(stalled.size()) == options_.workers;
        Fail(Failure(membership_.Describe(ROLE_WORKER, stalled.front()) + " has not moved for " +
                     std::to_string(stall.count()) +
                     (all ? " ms, and no other worker has" : " ms while the others wait for it")));
      }
    }
    if (const auto failure = directives_.failure()) Fail(*failure);
  }
}

Result<JobOutcome> Coordinator::Run() {
  Result<JobOutcome> outcome = script_->Run();
  {
    MutexLock lock(mutex_);
    ending_ = true;
    ending_changed_.NotifyAll();
  }
  FinishDirective finish;
  finish.set_failed(!outcome.ok());
  if (!outcome.ok()) {
    finish.set_reason(outcome.error().message());
    Fail(outcome.error());
    if (events_ != nullptr) {
      JsonWriter event = EventLog::Begin("failure");
      event.Field("reason", outcome.error().message());
      const Status written = events_->Append(event);
      if (!written.ok()) LOG(WARNING) << written.error().message();
    }
  } else if (*outcome == JobOutcome::kStopped && events_ != nullptr) {
    JsonWriter event = EventLog::Begin("stopped");
    event.Field("stage", script_->state().stage()).Field("step", script_->state().step());
    PRIMACY_TRY(events_->Append(event));
  }
  directives_.Finish(finish, outcome.ok() ? kFinishSeconds : 1.0);
  return outcome;
}

JobStatus Coordinator::status() const {
  JobStatus status = status_.Get();
  const StepProgress progress = steps_.progress();
  if (status.activity() == "training") {
    status.set_step(progress.next_step);
    if (progress.seconds >= kSpeedSeconds) {
      status.set_rows_per_second(static_cast<double>(progress.rows) / progress.seconds);
    }
  }
  for (double loss : progress.loss_mean) status.add_loss(loss);
  for (double lambda : progress.lambda) status.add_lambda(lambda);
  for (double weight : script_->GradientWeights(progress)) status.add_weight(weight);
  status.set_seconds(std::chrono::duration<double>(Clock::now() - began_).count());
  if (status.rows_per_second() > 0 && status.steps_max() > status.step()) {
    status.set_seconds_left(static_cast<double>(status.steps_max() - status.step()) *
                            options_.job.training().batch_rows() / status.rows_per_second());
  }
  if (status.steps_max() > 0) {
    status.set_pass(static_cast<double>(status.step()) * options_.job.training().passes_max() /
                    static_cast<double>(status.steps_max()));
  }
  return status;
}

}  // namespace primacy
