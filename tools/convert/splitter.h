// Which slice a row belongs to.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "common/clicklog/block.h"
#include "tools/convert/columns.h"
#include "tools/convert/convert.pb.h"

namespace primacy {

enum Slice : uint32_t { kTrain = 0, kHoldout = 1, kTest = 2 };

// Immutable.
class Splitter {
 public:
  explicit Splitter(const SplitSpec& split) : split_(split) {}

  // TIME and ORDER: the slice follows from the place among all rows, else from the row alone.
  bool by_place() const {
    return split_.by() == SplitSpec::TIME || split_.by() == SplitSpec::ORDER;
  }
  bool by_time() const { return split_.by() == SplitSpec::TIME; }
  // REQUIRES: !by_place().
  Slice OfRow(const RowView& record, const LogRow& row) const;
  // Rows of each slice when `rows` are cut by place: train is the first share of them, rounded
  // down.
  std::array<uint64_t, 3> Cut(uint64_t rows) const;
  // Whether the split wants rows in that slice.
  bool Wanted(Slice slice) const;

 private:
  const SplitSpec split_;
};

}  // namespace primacy
