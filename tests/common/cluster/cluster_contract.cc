#include "tests/common/cluster/cluster_contract.h"

#include <algorithm>
#include <cstring>

#include "common/base/hash.h"

namespace primacy::testing_support {
namespace {

void RanksAreDistinct(Cluster& member) {
  EXPECT_GE(member.rank(), 0);
  EXPECT_LT(member.rank(), member.size());
  const auto ranks = member.Gather(std::to_string(member.rank()), 0);
  EXPECT_OK(ranks);
  if (!ranks.ok() || member.rank() != 0) return;
  EXPECT_EQ(static_cast<int>(ranks->size()), member.size());
  for (size_t rank = 0; rank < ranks->size(); ++rank) {
    EXPECT_EQ((*ranks)[rank], std::to_string(rank));
  }
}

void GatherKeepsRankOrderForEveryRoot(Cluster& member) {
  for (int root = 0; root < member.size(); ++root) {
    // Sizes differ by rank, and rank 0 has nothing to say.
    const auto gathered =
        member.Gather(PatternBytes(member.rank(), size_t{100} * member.rank()), root);
    EXPECT_OK(gathered);
    if (!gathered.ok()) return;
    if (member.rank() != root) {
      EXPECT_TRUE(gathered->empty());
      continue;
    }
    EXPECT_EQ(static_cast<int>(gathered->size()), member.size());
    for (int rank = 0; rank < member.size(); ++rank) {
      EXPECT_EQ((*gathered)[rank], PatternBytes(rank, size_t{100} * rank)) << "root " << root;
    }
  }
}

void BroadcastReachesAllFromEveryRoot(Cluster& member) {
  for (int root = 0; root < member.size(); ++root) {
    // What members other than the root pass does not count.
    const auto received = member.Broadcast(PatternBytes(member.rank(), 1000), root);
    EXPECT_OK(received);
    if (!received.ok()) return;
    EXPECT_EQ(*received, PatternBytes(root, 1000)) << "root " << root;
  }
}

void EmptyBytesAreFine(Cluster& member) {
  const auto gathered = member.Gather("", 0);
  EXPECT_OK(gathered);
  if (gathered.ok() && member.rank() == 0) {
    EXPECT_EQ(*gathered, std::vector<std::string>(member.size()));
  }
  const auto received = member.Broadcast("", 0);
  EXPECT_OK(received);
  if (received.ok()) {
    EXPECT_EQ(*received, "");
  }
}

void LongBytesArriveWhole(Cluster& member) { CheckBytesArriveWhole(member, (1 << 20) + 13); }

// A member that ran ahead must not disturb the round that the others are still in.
void RoundsDoNotMix(Cluster& member) {
  for (int round = 0; round < 200; ++round) {
    const int root = round % member.size();
    const std::string text = std::to_string(round) + "/" + std::to_string(member.rank());
    const auto gathered = member.Gather(text, root);
    EXPECT_OK(gathered);
    if (!gathered.ok()) return;
    if (member.rank() == root) {
      EXPECT_EQ(gathered->back(), std::to_string(round) + "/" + std::to_string(member.size() - 1));
    }
    const auto received = member.Broadcast(text, root);
    EXPECT_OK(received);
    if (!received.ok()) return;
    EXPECT_EQ(*received, std::to_string(round) + "/" + std::to_string(root));
    if (round % 10 == 0) {
      EXPECT_OK(member.Barrier());
    }
  }
}

}  // namespace

std::string PatternBytes(int rank, size_t size) {
  std::string bytes(size, '\0');
  for (size_t begin = 0; begin < size; begin += sizeof(uint64_t)) {
    const uint64_t word = RandomBits(static_cast<uint64_t>(rank), begin);
    std::memcpy(bytes.data() + begin, &word, std::min(sizeof(word), size - begin));
  }
  return bytes;
}

const std::vector<ClusterCheck>& ClusterContract() {
  static const std::vector<ClusterCheck> checks = {
      {"RanksAreDistinct", RanksAreDistinct},
      {"GatherKeepsRankOrderForEveryRoot", GatherKeepsRankOrderForEveryRoot},
      {"BroadcastReachesAllFromEveryRoot", BroadcastReachesAllFromEveryRoot},
      {"EmptyBytesAreFine", EmptyBytesAreFine},
      {"LongBytesArriveWhole", LongBytesArriveWhole},
      {"RoundsDoNotMix", RoundsDoNotMix},
  };
  return checks;
}

void CheckBytesArriveWhole(Cluster& member, size_t size) {
  const int last = member.size() - 1;
  const std::string expected = PatternBytes(last, size);
  const std::string mine = member.rank() == last ? expected : "short";
  const auto received = member.Broadcast(mine, last);
  EXPECT_OK(received);
  if (!received.ok()) return;
  EXPECT_TRUE(*received == expected);
  const auto gathered = member.Gather(mine, 0);
  EXPECT_OK(gathered);
  if (!gathered.ok() || member.rank() != 0) return;
  EXPECT_TRUE(gathered->back() == expected);
}

void CheckAbort(Cluster& member) {
  EXPECT_OK(member.Barrier());
  const std::string reason = "the disk is full";
  if (member.rank() == member.size() - 1) {
    member.Abort(reason);
    // The first reason stays.
    member.Abort("something else");
  }
  for (int again = 0; again < 2; ++again) {
    const Status barrier = member.Barrier();
    EXPECT_FALSE(barrier.ok());
    if (barrier.ok()) return;
    EXPECT_EQ(barrier.error().message(), reason);
    EXPECT_EQ(barrier.error().kind(), ErrorKind::kFailure);
  }
  const auto gathered = member.Gather("x", member.rank());
  EXPECT_FALSE(gathered.ok());
  const auto received = member.Broadcast("x", member.rank());
  EXPECT_FALSE(received.ok());
}

}  // namespace primacy::testing_support
