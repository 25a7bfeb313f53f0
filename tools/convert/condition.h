// A comparison on a row: a column against a number, a text or another column.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "tools/convert/columns.h"
#include "tools/convert/convert.pb.h"
#include "tools/convert/values.h"

namespace primacy {

enum class Truth { kFalse, kTrue, kMissing, kBadNumber };

class ConditionTest {
 public:
  // Usage errors name the column.
  static Result<ConditionTest> Make(const Condition& condition, const MissingTexts& missing,
                                    Columns& columns);

  // kMissing: a number to compare is missing. kBadNumber: it is not a number.
  Truth Evaluate(const RowView& row) const;
  ColumnRef column() const { return left_; }

 private:
  enum class Op { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };
  template <typename T>
  bool Holds(const T& left, const T& right) const;
  Truth Number(const RowView& row, ColumnRef column, double& number) const;

  explicit ConditionTest(const MissingTexts& missing) : missing_(missing) {}

  MissingTexts missing_;
  ColumnRef left_;
  Op op_ = Op::kEqual;
  Condition::RightCase right_ = Condition::kNumber;
  double number_ = 0;
  std::string text_;
  ColumnRef other_;
};

// Whether all hold. False wins over bad over missing; true when there is none.
Truth AllHold(const std::vector<ConditionTest>& conditions, const RowView& row);

}  // namespace primacy
