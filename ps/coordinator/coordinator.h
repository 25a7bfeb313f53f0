// The coordinator of a job: it runs beside server 0, answers every process's questions, and watches
// that all are alive.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "common/base/result.h"
#include "common/transport/transport.h"
#include "ps/coordinator/clip_board.h"
#include "ps/coordinator/directive_board.h"
#include "ps/coordinator/event_log.h"
#include "ps/coordinator/gram_board.h"
#include "ps/coordinator/job_saves.h"
#include "ps/coordinator/job_script.h"
#include "ps/coordinator/membership.h"
#include "ps/coordinator/status_board.h"
#include "ps/coordinator/step_board.h"

namespace primacy {

// Thread safe. Requests are decoded, delegated and answered; decisions live in the boards and in
// the script.
class Coordinator {
 public:
  static Result<std::unique_ptr<Coordinator>> Create(const JobOptions& options);
  ~Coordinator();

  // Handles a request for the coordinator; false when the type is none of its own (the responder is
  // untouched then).
  static bool IsFor(MessageType type);
  void Handle(const std::string& peer, Message request, Responder responder);
  // A connection ended. A process that leaves before it was told to finish fails the job.
  void OnDisconnected(const std::string& peer);

  // Runs the job's script to its end and tells all processes to finish. Call once.
  Result<JobOutcome> Run();
  // The job cannot go on: Run returns `error`, every process is told.
  void Fail(const Error& error);
  void RequestStop() { script_->RequestStop(); }
  JobStatus status() const;
  const JobScript& script() const { return *script_; }

 private:
  explicit Coordinator(const JobOptions& options, std::unique_ptr<EventLog> events);
  void Watch();
  // Notes that the watch is awake.
  void LookUp();
  // ", after server 0 itself had stood still for …" when this process was stopped until a moment
  // ago, so that the others had to leave it; else nothing.
  std::string OwnSilence() const;

  const JobOptions options_;
  std::unique_ptr<EventLog> events_;
  Membership membership_;
  DirectiveBoard directives_;
  GramBoard planes_;
  StepBoard steps_;
  ClipBoard clip_;
  StatusBoard status_;
  std::unique_ptr<JobScript> script_;
  JobSaves saves_;  // its thread calls the script
  const std::chrono::steady_clock::time_point began_;

  mutable Mutex mutex_;
  CondVar ending_changed_;
  bool ending_ GUARDED_BY(mutex_) = false;
  std::chrono::steady_clock::time_point looked_up_at_ GUARDED_BY(mutex_);  // by the watch
  std::chrono::steady_clock::time_point awake_since_ GUARDED_BY(mutex_);
  std::chrono::milliseconds stood_still_ GUARDED_BY(mutex_){0};  // before that
  std::thread watch_;
};

}  // namespace primacy
