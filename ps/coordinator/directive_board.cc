#include "ps/coordinator/directive_board.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace primacy {

DirectiveBoard::DirectiveBoard(int servers, int workers) : servers_(servers), workers_(workers) {
  for (int rank = 0; rank < servers; ++rank) servers_[rank].name = ProcessName(ROLE_SERVER, rank);
  for (int rank = 0; rank < workers; ++rank) workers_[rank].name = ProcessName(ROLE_WORKER, rank);
}

std::vector<DirectiveBoard::Seat>& DirectiveBoard::SeatsOf(Role role) {
  return role == ROLE_SERVER ? servers_ : workers_;
}

void DirectiveBoard::OnNext(NextRequest request, Responder responder) {
  MutexLock lock(mutex_);
  std::vector<Seat>& seats = SeatsOf(request.role());
  if (request.rank() < 0 || request.rank() >= static_cast<int>(seats.size())) {
    return responder.Fail(
        Failure("no such process: " + ProcessName(request.role(), request.rank())));
  }
  Seat& seat = seats[request.rank()];
  if (request.has_error() && !failure_.has_value()) {
    failure_ = Error(request.usage_error() ? ErrorKind::kUsage : ErrorKind::kFailure,
                     seat.name + ": " + request.error());
  }
  seat.responder = std::move(responder);
  seat.request = std::move(request);
  if (finish_.has_value()) AnswerFinish(seat);
  changed_.NotifyAll();
}

bool DirectiveBoard::AllAsk(const std::vector<Seat>& seats) {
  return std::all_of(seats.begin(), seats.end(),
                     [](const Seat& seat) { return seat.request.has_value(); });
}

Status DirectiveBoard::WaitForAll(std::vector<Seat>& seats) {
  while (!failure_.has_value() && !AllAsk(seats)) changed_.Wait(mutex_);
  if (failure_.has_value()) return *failure_;
  return Ok();
}

Result<std::vector<NextRequest>> DirectiveBoard::Run(Role role, const Directive& directive) {
  MutexLock lock(mutex_);
  std::vector<Seat>& seats = SeatsOf(role);
  PRIMACY_TRY(WaitForAll(seats));
  for (Seat& seat : seats) {
    seat.request.reset();
    Responder responder = std::move(seat.responder);
    responder.Reply(directive);
  }
  PRIMACY_TRY(WaitForAll(seats));
  std::vector<NextRequest> results;
  for (const Seat& seat : seats) results.push_back(*seat.request);
  return results;
}

void DirectiveBoard::Fail(const Error& error) {
  MutexLock lock(mutex_);
  if (!failure_.has_value()) failure_ = error;
  changed_.NotifyAll();
}

std::optional<Error> DirectiveBoard::failure() const {
  MutexLock lock(mutex_);
  return failure_;
}

void DirectiveBoard::AnswerFinish(Seat& seat) {
  if (!seat.responder.pending()) return;
  Directive directive;
  *directive.mutable_finish() = *finish_;
  seat.responder.Reply(directive);
  seat.told_to_finish = true;
}

void DirectiveBoard::Finish(const FinishDirective& finish, double seconds) {
  MutexLock lock(mutex_);
  finish_ = finish;
  for (std::vector<Seat>* seats : {&servers_, &workers_}) {
    for (Seat& seat : *seats) AnswerFinish(seat);
  }
  const auto deadline = std::chrono::steady_clock::now() +
                        std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                            std::chrono::duration<double>(seconds));
  const auto told = [](const Seat& seat) { return seat.told_to_finish; };
  while (!std::all_of(servers_.begin(), servers_.end(), told) ||
         !std::all_of(workers_.begin(), workers_.end(), told)) {
    if (!changed_.WaitUntil(mutex_, deadline)) return;
  }
}

}  // namespace primacy
