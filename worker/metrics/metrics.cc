#include "worker/metrics/metrics.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>
#include <vector>

namespace primacy {
namespace {

// Unsigned numbers in the order of the floats; both zeros are one.
uint32_t OrderOf(float score) {
  const uint32_t bits = std::bit_cast<uint32_t>(score + 0.0f);
  return (bits >> 31) != 0 ? ~bits : bits | 0x80000000u;
}

// A row's place in the ranking: by group, then score, then position, so that sums have one order.
struct Ranked {
  uint64_t group;
  uint32_t score;
  uint32_t row;
};

bool Before(const Ranked& a, const Ranked& b) {
  return std::tie(a.group, a.score, a.row) < std::tie(b.group, b.score, b.row);
}

// The rows of weight > 0, ranked. No groups: all rows are of one.
std::vector<Ranked> Rank(std::span<const float> scores, std::span<const float> weights,
                         std::span<const uint64_t> groups) {
  CHECK_LE(scores.size(), std::numeric_limits<uint32_t>::max());
  std::vector<Ranked> ranked;
  ranked.reserve(scores.size());
  for (size_t i = 0; i < scores.size(); ++i) {
    if (!(weights[i] > 0)) continue;
    ranked.push_back(
        {groups.empty() ? 0 : groups[i], OrderOf(scores[i]), static_cast<uint32_t>(i)});
  }
  std::sort(ranked.begin(), ranked.end(), Before);
  return ranked;
}

// AUC of rows that are sorted by score. For each run of equal scores: its positives win over the
// negatives before the run, and half over those in it.
std::optional<double> AucOfRanked(std::span<const Ranked> ranked, std::span<const float> labels,
                                  std::span<const float> weights) {
  double positives = 0;
  double negatives = 0;
  double wins = 0;
  for (size_t begin = 0; begin < ranked.size();) {
    double run_positives = 0;
    double run_negatives = 0;
    size_t end = begin;
    for (; end < ranked.size() && ranked[end].score == ranked[begin].score; ++end) {
      const uint32_t row = ranked[end].row;
      (labels[row] > 0.5f ? run_positives : run_negatives) += static_cast<double>(weights[row]);
    }
    wins += run_positives * (negatives + 0.5 * run_negatives);
    positives += run_positives;
    negatives += run_negatives;
    begin = end;
  }
  if (positives == 0 || negatives == 0) return std::nullopt;
  return wins / (positives * negatives);
}

}  // namespace

std::optional<double> Auc(std::span<const float> scores, std::span<const float> labels,
                          std::span<const float> weights) {
  CHECK_EQ(scores.size(), labels.size());
  CHECK_EQ(scores.size(), weights.size());
  return AucOfRanked(Rank(scores, weights, {}), labels, weights);
}

GroupAuc Gauc(std::span<const float> scores, std::span<const float> labels,
              std::span<const float> weights, std::span<const uint64_t> groups) {
  CHECK_EQ(scores.size(), labels.size());
  CHECK_EQ(scores.size(), weights.size());
  CHECK_EQ(scores.size(), groups.size());
  const std::vector<Ranked> ranked = Rank(scores, weights, groups);
  GroupAuc result;
  double sum = 0;
  double rows = 0;
  for (size_t begin = 0; begin < ranked.size();) {
    size_t end = begin;
    while (end < ranked.size() && ranked[end].group == ranked[begin].group) ++end;
    const std::span<const Ranked> group(ranked.data() + begin, end - begin);
    if (const std::optional<double> auc = AucOfRanked(group, labels, weights)) {
      sum += *auc * static_cast<double>(group.size());
      rows += static_cast<double>(group.size());
      ++result.groups;
    }
    begin = end;
  }
  if (result.groups > 0) result.value = sum / rows;
  return result;
}

}  // namespace primacy
