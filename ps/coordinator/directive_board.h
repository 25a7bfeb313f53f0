// Tells processes what to do next and waits until they have done it. Every process asks
// (NextRequest, with the result of what it did before) and is answered when there is something to
// do; the coordinator's script speaks to a whole role at once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/agent/agent.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/protocol/messages.pb.h"
#include "common/transport/transport.h"

namespace primacy {

// Thread safe: requests come on the transport's thread, Run is called by the coordinator's script
// alone.
class DirectiveBoard {
 public:
  DirectiveBoard(int servers, int workers);

  // A process asks. A process that reports an error fails the board.
  void OnNext(NextRequest request, Responder responder);

  // Gives `directive` to every process of `role` once all of them ask, and returns what they report
  // when they ask again, by rank. Fails as soon as the board fails.
  Result<std::vector<NextRequest>> Run(Role role, const Directive& directive);

  // The job cannot go on: Run returns `error`, and whoever asks is told to finish with it. The
  // first error wins.
  void Fail(const Error& error);
  std::optional<Error> failure() const;

  // Tells every process that asks, now or later, to finish; waits for all of them until `seconds`
  // have passed.
  void Finish(const FinishDirective& finish, double seconds);

 private:
  struct Seat {
    std::string name;                    // "worker 1"
    std::optional<NextRequest> request;  // it asks, and this is what it reports
    Responder responder;
    bool told_to_finish = false;
  };
  std::vector<Seat>& SeatsOf(Role role) REQUIRES(mutex_);
  static bool AllAsk(const std::vector<Seat>& seats);
  Status WaitForAll(std::vector<Seat>& seats) REQUIRES(mutex_);
  void AnswerFinish(Seat& seat) REQUIRES(mutex_);

  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<Seat> servers_ GUARDED_BY(mutex_);
  std::vector<Seat> workers_ GUARDED_BY(mutex_);
  std::optional<Error> failure_ GUARDED_BY(mutex_);
  std::optional<FinishDirective> finish_ GUARDED_BY(mutex_);
};

}  // namespace primacy
