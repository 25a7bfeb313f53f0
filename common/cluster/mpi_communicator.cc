#include "common/cluster/mpi_communicator.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <thread>

namespace primacy {
namespace {

constexpr int kLengthTag = 1;
constexpr int kDataTag = 2;
constexpr int kAbortTag = 3;

// Small against MPI's limit of 2 GiB and against the memory of a rank.
constexpr size_t kPieceBytesMax = size_t{16} << 20;
// Small enough to leave at once, without waiting for the receiver.
constexpr size_t kReasonBytesMax = 1000;
constexpr std::chrono::seconds kAbortWaitMax{1};

constexpr int kYields = 200;
constexpr std::chrono::microseconds kSleepMin{20};
constexpr std::chrono::microseconds kSleepMax{1000};

}  // namespace

Status MpiStatus(int code, const char* action) {
  if (code == MPI_SUCCESS) return Ok();
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  return Failure(std::string("MPI cannot ") + action + ": " + std::string(text, length));
}

Result<std::unique_ptr<MpiCommunicator>> MpiCommunicator::Create(MPI_Comm parent) {
  MPI_Comm communicator = MPI_COMM_NULL;
  PRIMACY_TRY(MpiStatus(MPI_Comm_dup(parent, &communicator), "duplicate a communicator"));
  MPI_Comm_set_errhandler(communicator, MPI_ERRORS_RETURN);
  int rank = 0;
  int size = 0;
  MPI_Comm_rank(communicator, &rank);
  MPI_Comm_size(communicator, &size);
  return std::unique_ptr<MpiCommunicator>(new MpiCommunicator(communicator, rank, size));
}

MpiCommunicator::MpiCommunicator(MPI_Comm communicator, int rank, int size)
    : communicator_(communicator), rank_(rank), size_(size) {}

MpiCommunicator::~MpiCommunicator() {
  if (aborted()) return;
  MPI_Comm communicator = communicator_;
  MPI_Comm_free(&communicator);
}

Status MpiCommunicator::Barrier() {
  PRIMACY_TRY(Gather("", 0));
  PRIMACY_TRY(Broadcast("", 0));
  return Ok();
}

Result<std::vector<std::string>> MpiCommunicator::Gather(const std::string& bytes, int root) {
  CHECK(root >= 0 && root < size_);
  PRIMACY_TRY(CheckAborted());
  if (rank_ != root) {
    PRIMACY_TRY(Send(bytes, root));
    return std::vector<std::string>();
  }
  std::vector<std::string> gathered(size_);
  for (int from = 0; from < size_; ++from) {
    if (from == root) {
      gathered[from] = bytes;
    } else {
      PRIMACY_ASSIGN(gathered[from], Receive(from));
    }
  }
  return gathered;
}

// A binomial tree over the ranks counted from the root: a member's parent is its number without the
// lowest set bit, its children are its number plus each power of two below that bit.
Result<std::string> MpiCommunicator::Broadcast(const std::string& bytes, int root) {
  CHECK(root >= 0 && root < size_);
  PRIMACY_TRY(CheckAborted());
  const auto rank_of = [&](unsigned number) { return static_cast<int>(number + root) % size_; };
  const unsigned number = static_cast<unsigned>(rank_ - root + size_) % size_;
  const unsigned lowest_bit =
      number == 0 ? std::bit_ceil(static_cast<unsigned>(size_)) : number & (~number + 1);
  std::string received;
  if (number == 0) {
    received = bytes;
  } else {
    PRIMACY_ASSIGN(received, Receive(rank_of(number - lowest_bit)));
  }
  for (unsigned step = lowest_bit >> 1; step > 0; step >>= 1) {
    if (number + step < static_cast<unsigned>(size_)) {
      PRIMACY_TRY(Send(received, rank_of(number + step)));
    }
  }
  return received;
}

void MpiCommunicator::Abort(const std::string& reason) {
  if (!Fail(reason)) return;
  // Left to MPI, like the pieces of a collective that is cut off.
  const std::string* text = new std::string(reason.substr(0, kReasonBytesMax));
  std::vector<MPI_Request> requests;
  for (int to = 0; to < size_; ++to) {
    if (to == rank_) continue;
    MPI_Isend(text->data(), static_cast<int>(text->size()), MPI_BYTE, to, kAbortTag, communicator_,
              &requests.emplace_back(MPI_REQUEST_NULL));
  }
  // A peer that does not listen is not waited for; MPI may read the text even after.
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks)
  const auto deadline = std::chrono::steady_clock::now() + kAbortWaitMax;
  for (int done = 0; done == 0 && std::chrono::steady_clock::now() < deadline;) {
    MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE);
    if (done == 0) std::this_thread::sleep_for(kSleepMin);
  }
}

Status MpiCommunicator::Send(const std::string& bytes, int to) {
  const uint64_t length = bytes.size();
  auto piece = std::make_unique<std::string>(sizeof(length), '\0');
  std::memcpy(piece->data(), &length, sizeof(length));
  PRIMACY_ASSIGN(piece, SendPiece(std::move(piece), to, kLengthTag));
  for (size_t begin = 0; begin < bytes.size(); begin += kPieceBytesMax) {
    piece->assign(bytes, begin, kPieceBytesMax);
    PRIMACY_ASSIGN(piece, SendPiece(std::move(piece), to, kDataTag));
  }
  return Ok();
}

Result<std::string> MpiCommunicator::Receive(int from) {
  uint64_t length = 0;
  auto piece = std::make_unique<std::string>(sizeof(length), '\0');
  PRIMACY_ASSIGN(piece, ReceivePiece(std::move(piece), from, kLengthTag));
  std::memcpy(&length, piece->data(), sizeof(length));
  std::string bytes;
  while (bytes.size() < length) {
    piece->resize(std::min<uint64_t>(kPieceBytesMax, length - bytes.size()));
    PRIMACY_ASSIGN(piece, ReceivePiece(std::move(piece), from, kDataTag));
    bytes += *piece;
  }
  return bytes;
}

Result<MpiCommunicator::Piece> MpiCommunicator::SendPiece(Piece piece, int to, int tag) {
  MPI_Request request = MPI_REQUEST_NULL;
  PRIMACY_TRY(MpiStatus(MPI_Isend(piece->data(), static_cast<int>(piece->size()), MPI_BYTE, to, tag,
                                  communicator_, &request),
                        "send"));
  const Status waited = Wait(request);
  if (waited.ok()) return piece;
  static_cast<void>(piece.release());
  return waited.error();
}

Result<MpiCommunicator::Piece> MpiCommunicator::ReceivePiece(Piece piece, int from, int tag) {
  MPI_Request request = MPI_REQUEST_NULL;
  PRIMACY_TRY(MpiStatus(MPI_Irecv(piece->data(), static_cast<int>(piece->size()), MPI_BYTE, from,
                                  tag, communicator_, &request),
                        "receive"));
  const Status waited = Wait(request);
  if (waited.ok()) return piece;
  static_cast<void>(piece.release());
  return waited.error();
}

Status MpiCommunicator::Wait(MPI_Request request) {
  auto sleep = kSleepMin;
  for (int turn = 0;; ++turn) {
    int done = 0;
    PRIMACY_TRY(MpiStatus(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "complete a message"));
    if (done != 0) return Ok();
    PRIMACY_TRY(CheckAborted());
    if (turn < kYields) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(sleep);
      sleep = std::min(sleep * 2, kSleepMax);
    }
  }
}

Status MpiCommunicator::CheckAborted() {
  if (const std::optional<Error> known = failure()) return *known;
  int there = 0;
  MPI_Status status;
  PRIMACY_TRY(MpiStatus(MPI_Iprobe(MPI_ANY_SOURCE, kAbortTag, communicator_, &there, &status),
                        "look for an abort"));
  if (there == 0) return Ok();
  std::string reason(kReasonBytesMax, '\0');
  PRIMACY_TRY(MpiStatus(MPI_Recv(reason.data(), static_cast<int>(reason.size()), MPI_BYTE,
                                 status.MPI_SOURCE, kAbortTag, communicator_, &status),
                        "receive an abort"));
  int size = 0;
  MPI_Get_count(&status, MPI_BYTE, &size);
  Fail(reason.substr(0, static_cast<size_t>(size)));
  return *failure();
}

bool MpiCommunicator::Fail(const std::string& reason) {
  MutexLock lock(mutex_);
  if (failure_.has_value()) return false;
  failure_ = Failure(reason);
  return true;
}

std::optional<Error> MpiCommunicator::failure() const {
  MutexLock lock(mutex_);
  return failure_;
}

}  // namespace primacy
