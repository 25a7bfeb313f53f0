// MakeLocalCluster: members meet in rounds. Each leaves its bytes with the group; the last to
// arrive completes the round.
#include <optional>

#include "common/base/mutex.h"
#include "common/cluster/cluster.h"

namespace primacy {
namespace {

using Round = std::vector<std::string>;  // [rank] what each member brought

// What all members of a round must agree on.
struct Collective {
  enum class Kind { kBarrier, kGather, kBroadcast };
  Kind kind = Kind::kBarrier;
  int root = 0;
  bool operator==(const Collective&) const = default;
};

// Thread safe.
class Group {
 public:
  explicit Group(int size) : size_(size), brought_(size) {}

  int size() const { return size_; }

  // Returns what all members brought, once all have come.
  Result<std::shared_ptr<const Round>> Meet(int rank, Collective collective, std::string bytes) {
    MutexLock lock(mutex_);
    if (failure_.has_value()) return *failure_;
    if (arrived_ == 0) collective_ = collective;
    CHECK(collective == collective_) << "members are in different collectives";
    brought_[rank] = std::move(bytes);
    const uint64_t round = round_;
    if (++arrived_ == size_) Complete();
    while (round_ == round && !failure_.has_value()) changed_.Wait(mutex_);
    // A complete round counts, even when the group failed since.
    if (round_ == round) return *failure_;
    std::shared_ptr<const Round> complete = complete_;
    if (--readers_ == 0) complete_.reset();
    return complete;
  }

  // The first failure stays.
  void Fail(const std::string& reason) {
    MutexLock lock(mutex_);
    if (!failure_.has_value()) failure_ = Failure(reason);
    changed_.NotifyAll();
  }

 private:
  void Complete() REQUIRES(mutex_) {
    complete_ = std::make_shared<const Round>(std::move(brought_));
    brought_ = Round(size_);
    readers_ = size_;
    arrived_ = 0;
    ++round_;
    changed_.NotifyAll();
  }

  const int size_;
  Mutex mutex_;
  CondVar changed_;
  Round brought_ GUARDED_BY(mutex_);
  Collective collective_ GUARDED_BY(mutex_);
  int arrived_ GUARDED_BY(mutex_) = 0;
  uint64_t round_ GUARDED_BY(mutex_) = 0;
  // The last complete round. No member reaches the next one before it has read this one.
  std::shared_ptr<const Round> complete_ GUARDED_BY(mutex_);
  int readers_ GUARDED_BY(mutex_) = 0;  // members that have yet to read it
  std::optional<Error> failure_ GUARDED_BY(mutex_);
};

class LocalMember : public Cluster {
 public:
  LocalMember(std::shared_ptr<Group> group, int rank) : group_(std::move(group)), rank_(rank) {}

  // Whoever waits for a member that is gone would wait for ever.
  ~LocalMember() override {
    group_->Fail("member " + std::to_string(rank_) + " has left its cluster");
  }

  int rank() const override { return rank_; }
  int size() const override { return group_->size(); }

  Status Barrier() override {
    PRIMACY_TRY(group_->Meet(rank_, {Collective::Kind::kBarrier, 0}, ""));
    return Ok();
  }

  Result<std::vector<std::string>> Gather(const std::string& bytes, int root) override {
    CHECK(root >= 0 && root < size());
    PRIMACY_ASSIGN(const std::shared_ptr<const Round> round,
                   group_->Meet(rank_, {Collective::Kind::kGather, root}, bytes));
    return rank_ == root ? *round : Round();
  }

  Result<std::string> Broadcast(const std::string& bytes, int root) override {
    CHECK(root >= 0 && root < size());
    PRIMACY_ASSIGN(const std::shared_ptr<const Round> round,
                   group_->Meet(rank_, {Collective::Kind::kBroadcast, root},
                                rank_ == root ? bytes : std::string()));
    return (*round)[root];
  }

  void Abort(const std::string& reason) override { group_->Fail(reason); }

 private:
  const std::shared_ptr<Group> group_;
  const int rank_;
};

}  // namespace

std::vector<std::unique_ptr<Cluster>> MakeLocalCluster(int size) {
  CHECK_GT(size, 0);
  auto group = std::make_shared<Group>(size);
  std::vector<std::unique_ptr<Cluster>> members;
  for (int rank = 0; rank < size; ++rank) {
    members.push_back(std::make_unique<LocalMember>(group, rank));
  }
  return members;
}

}  // namespace primacy
