#include "tools/convert/splitter.h"

#include <algorithm>
#include <cmath>

#include "common/base/hash.h"

namespace primacy {

Slice Splitter::OfRow(const RowView& record, const LogRow& row) const {
  if (split_.by() == SplitSpec::NONE) return kTrain;
  uint64_t hash = 0;
  switch (split_.hash_of()) {
    case SplitSpec::LINE:
      hash = HashBytes(record.line);
      break;
    case SplitSpec::ROW_ID:
      hash = row.row_id;
      break;
    case SplitSpec::GROUP_ID:
      hash = row.group_id;
      break;
  }
  const double u = RandomUniform(split_.seed(), hash);
  if (u < split_.train_share()) return kTrain;
  if (split_.test_share() == 0) return kHoldout;
  return u < split_.train_share() + split_.holdout_share() ? kHoldout : kTest;
}

std::array<uint64_t, 3> Splitter::Cut(uint64_t rows) const {
  // The small addend keeps 0.8 + 0.1 of a round number from falling below it.
  const auto upto = [&](double share) {
    const double place = std::floor(share * static_cast<double>(rows) + 1e-6);
    return std::min(rows, static_cast<uint64_t>(place));
  };
  const uint64_t train = upto(split_.train_share());
  const uint64_t holdout =
      split_.test_share() == 0 ? rows : upto(split_.train_share() + split_.holdout_share());
  return {train, holdout - train, rows - holdout};
}

bool Splitter::Wanted(Slice slice) const {
  if (slice == kTrain) return true;
  if (split_.by() == SplitSpec::NONE) return false;
  return (slice == kHoldout ? split_.holdout_share() : split_.test_share()) > 0;
}

}  // namespace primacy
