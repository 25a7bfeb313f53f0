// The side files of a conversion: columns that are added to every row.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "tools/convert/columns.h"
#include "tools/convert/convert.h"
#include "tools/convert/convert.pb.h"
#include "tools/convert/side_table.h"

namespace primacy {

// Immutable once loaded.
class RowJoins {
 public:
  // Loads the side files and adds their columns. Usage errors and failures: those of
  // SideTable::Load, a column that is there already.
  static Result<RowJoins> Load(const ConvertOptions& options, const ConvertSpec& spec,
                               Columns& columns);

  size_t columns() const { return columns_; }
  size_t count() const { return joins_.size(); }
  // The joined columns of a row with the texts `own`, empty where a join has no match; adds to
  // `misses`, [join], where it has none.
  void Find(std::span<const std::string_view> own, std::vector<std::string_view>& joined,
            std::vector<uint64_t>& misses) const;
  std::vector<ConvertJoinReport> Report(const std::vector<uint64_t>& misses) const;

 private:
  struct Loaded {
    std::string file;
    std::unique_ptr<SideTable> table;
    ColumnRef on;
    size_t begin = 0;  // of its columns among the joined ones
  };
  std::vector<Loaded> joins_;
  size_t columns_ = 0;
};

}  // namespace primacy
