#include "tools/convert/condition.h"

#include "common/base/strings.h"

namespace primacy {

Result<ConditionTest> ConditionTest::Make(const Condition& condition, const MissingTexts& missing,
                                          Columns& columns) {
  ConditionTest test(missing);
  PRIMACY_ASSIGN(test.left_, columns.Resolve(condition.column()));
  const std::string& op = condition.op();
  test.op_ = op == "=="   ? Op::kEqual
             : op == "!=" ? Op::kNotEqual
             : op == "<"  ? Op::kLess
             : op == "<=" ? Op::kLessEqual
             : op == ">"  ? Op::kGreater
                          : Op::kGreaterEqual;
  test.right_ = condition.right_case();
  test.number_ = condition.number();
  test.text_ = std::string(Trim(condition.text()));
  if (condition.has_other_column()) {
    PRIMACY_ASSIGN(test.other_, columns.Resolve(condition.other_column()));
  }
  return test;
}

template <typename T>
bool ConditionTest::Holds(const T& left, const T& right) const {
  switch (op_) {
    case Op::kEqual:
      return left == right;
    case Op::kNotEqual:
      return left != right;
    case Op::kLess:
      return left < right;
    case Op::kLessEqual:
      return left <= right;
    case Op::kGreater:
      return left > right;
    case Op::kGreaterEqual:
      return left >= right;
  }
  return false;
}

Truth ConditionTest::Number(const RowView& row, ColumnRef column, double& number) const {
  const std::string_view text = TrimField(row[column]);
  if (missing_.Contains(text)) return Truth::kMissing;
  const auto parsed = ParseNumber(text);
  if (!parsed) return Truth::kBadNumber;
  number = *parsed;
  return Truth::kTrue;
}

Truth ConditionTest::Evaluate(const RowView& row) const {
  if (right_ == Condition::kText) {
    return Holds(TrimField(row[left_]), std::string_view(text_)) ? Truth::kTrue : Truth::kFalse;
  }
  double left = 0;
  double right = number_;
  if (const Truth there = Number(row, left_, left); there != Truth::kTrue) return there;
  if (right_ == Condition::kOtherColumn) {
    if (const Truth there = Number(row, other_, right); there != Truth::kTrue) return there;
  }
  return Holds(left, right) ? Truth::kTrue : Truth::kFalse;
}

Truth AllHold(const std::vector<ConditionTest>& conditions, const RowView& row) {
  Truth all = Truth::kTrue;
  for (const ConditionTest& condition : conditions) {
    const Truth one = condition.Evaluate(row);
    if (one == Truth::kFalse) return one;
    if (one == Truth::kBadNumber || all == Truth::kTrue) all = one;
  }
  return all;
}

}  // namespace primacy
