// From the texts of a record to a row of the log, as a spec says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/block.h"
#include "tools/convert/bad_rows.h"
#include "tools/convert/columns.h"
#include "tools/convert/convert.pb.h"
#include "tools/convert/label_reader.h"
#include "tools/convert/slot_reader.h"

namespace primacy {

// Has scratch space: one per thread.
class RowMapper {
 public:
  // Resolves every column the spec names. `columns` has those of joins already. Usage errors name
  // field and column.
  static Result<RowMapper> Make(const ConvertSpec& spec, Columns& columns);

  const LogSchema& schema() const { return schema_; }
  // Fills `row`; a fault leaves it half filled.
  std::optional<RowFault> Map(const RowView& record, LogRow& row);

 private:
  struct Dense {
    std::string name;
    ColumnRef column;
    MissingTexts missing;
    bool log1p = false;
    double subtract = 0;
    double divide_by = 1;
    double fill = 0;
  };

  explicit RowMapper(SlotReader slots) : slots_(std::move(slots)) {}
  Status AddDense(const ConvertSpec& spec, const DenseSpec& from, Columns& columns);
  Status AddIds(const ConvertSpec& spec, Columns& columns);
  Status AddOthers(const ConvertSpec& spec, Columns& columns);
  std::optional<RowFault> MapDense(const RowView& record, std::vector<float>& dense) const;
  std::optional<RowFault> MapIds(const RowView& record, LogRow& row) const;
  // The number in a column that must have one.
  std::optional<RowFault> Needed(const RowView& record, ColumnRef column, const char* field,
                                 double& number) const;

  LogSchema schema_;
  MissingTexts missing_;
  SlotReader slots_;
  LabelReader labels_;
  std::vector<Dense> dense_;
  std::optional<ColumnRef> weight_;
  std::optional<ColumnRef> timestamp_;
  std::optional<ColumnRef> row_id_;
  bool row_number_as_id_ = false;
  std::vector<ColumnRef> group_id_;
};

}  // namespace primacy
