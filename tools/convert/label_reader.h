// Reads the labels of a row and whether it has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/schema.pb.h"
#include "tools/convert/bad_rows.h"
#include "tools/convert/columns.h"
#include "tools/convert/condition.h"
#include "tools/convert/convert.pb.h"

namespace primacy {

// Immutable after Make.
class LabelReader {
 public:
  // Resolves the columns of all labels and adds them to `schema`.
  static Result<LabelReader> Make(const ConvertSpec& spec, Columns& columns, LogSchema& schema);

  // Fills labels and masks, [label]; an absent label is 0 with mask 0.
  std::optional<RowFault> Read(const RowView& row, std::vector<float>& labels,
                               std::vector<uint8_t>& masks) const;

 private:
  struct Label {
    std::string name;
    std::optional<ColumnRef> column;
    std::vector<ConditionTest> is;
    std::vector<ConditionTest> present_if;
  };
  // kTrue with the value, kMissing or kBadNumber.
  Truth Value(const Label& label, const RowView& row, float& value) const;

  MissingTexts missing_;
  std::vector<Label> labels_;
};

}  // namespace primacy
