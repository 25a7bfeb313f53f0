// A Cluster over one MPI communicator. For the sources of this folder only: it shows MPI's types.
//
// Collectives are made of point-to-point messages and waits that look for an abort in between,
// because a blocking MPI collective cannot be left. They are rare and off the data path; waits
// sleep instead of spinning on a core that computes.
#pragma once

#include <mpi.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/cluster/cluster.h"

namespace primacy {

// Failure with MPI's own text, or Ok for MPI_SUCCESS.
Status MpiStatus(int code, const char* action);

class MpiCommunicator : public Cluster {
 public:
  // Works on a duplicate of `parent`, so that its messages meet no others. Collective over
  // `parent`.
  static Result<std::unique_ptr<MpiCommunicator>> Create(MPI_Comm parent);
  // Collective, unless the group was aborted: then what MPI may still be sending is left to the end
  // of the process.
  ~MpiCommunicator() override;

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  Status Barrier() override;
  Result<std::vector<std::string>> Gather(const std::string& bytes, int root) override;
  Result<std::string> Broadcast(const std::string& bytes, int root) override;
  void Abort(const std::string& reason) override;

  bool aborted() const { return failure().has_value(); }

 private:
  using Piece = std::unique_ptr<std::string>;

  MpiCommunicator(MPI_Comm communicator, int rank, int size);

  // A message of any size: its length, then pieces.
  Status Send(const std::string& bytes, int to);
  Result<std::string> Receive(int from);
  // A piece's bytes are MPI's until it is done. They are given away rather than borrowed, so that
  // an abort in between can leave them to MPI.
  Result<Piece> SendPiece(Piece piece, int to, int tag);
  Result<Piece> ReceivePiece(Piece piece, int from, int tag);

  // Until `request` is done or the group is aborted.
  Status Wait(MPI_Request request);
  // The group's error, when this member or a peer has aborted.
  Status CheckAborted();
  // Records the first failure only; false when there was one.
  bool Fail(const std::string& reason);
  std::optional<Error> failure() const;

  const MPI_Comm communicator_;
  const int rank_;
  const int size_;
  mutable Mutex mutex_;
  std::optional<Error> failure_ GUARDED_BY(mutex_);
};

}  // namespace primacy
