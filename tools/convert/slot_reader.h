// Reads the categorical features of a row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/schema.pb.h"
#include "tools/convert/bad_rows.h"
#include "tools/convert/columns.h"
#include "tools/convert/convert.pb.h"
#include "tools/convert/values.h"

namespace primacy {

// From the text of one value to its key.
class ValueRule {
 public:
  ValueRule(const SlotSpec& slot, const MissingTexts& missing);

  enum class Outcome { kKey, kMissing, kBadNumber };
  Outcome Key(std::string_view text, uint64_t& key) const;
  // Trimmed, cut to the substring, empty when missing.
  std::string_view Cut(std::string_view text) const;

 private:
  MissingTexts missing_;
  size_t begin_ = 0;
  size_t length_ = std::string_view::npos;
  std::optional<Bucket> bucket_;
};

// Immutable after Make but for scratch space: one per thread.
class SlotReader {
 public:
  // Resolves the columns of all slots and adds them to `schema`. With other_columns: CATEGORICAL,
  // call AddOther after everything else of the spec has been resolved.
  static Result<SlotReader> Make(const ConvertSpec& spec, Columns& columns, LogSchema& schema);
  // One single-valued slot for a column.
  void AddOther(const ConvertSpec& spec, ColumnRef column, const Columns& columns,
                LogSchema& schema);

  // Fills one vector of keys per slot of the schema; a fault if the row has a bad value.
  std::optional<RowFault> Read(const RowView& row, std::vector<std::vector<uint64_t>>& slots);

 private:
  struct Slot {
    enum class Kind { kColumn, kCross, kValues, kField } kind = Kind::kColumn;
    std::string name;
    bool multi_valued = false;
    ValueRule rule;
    std::vector<ColumnRef> columns;
    std::optional<OpenRange> open;
    std::optional<char> separator;
  };
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const;
  };
  // "field:id" tokens, read once for all the slots that take fields of the same columns.
  struct TokenSource {
    std::vector<ColumnRef> columns;
    std::optional<OpenRange> open;
    std::optional<char> separator;
    char field_separator = ':';
    std::optional<char> id_end;
    std::unordered_map<std::string, std::vector<uint32_t>, TextHash, std::equal_to<>> fields;
  };

  Status AddSlot(const ConvertSpec& spec, const SlotSpec& slot, Columns& columns,
                 LogSchema& schema);
  void AddField(const SlotSpec& spec, const Slot& slot, uint32_t index);
  std::optional<RowFault> AddKey(const Slot& slot, std::string_view text,
                                 std::vector<uint64_t>& keys) const;
  std::optional<RowFault> ReadTokens(const TokenSource& source, const RowView& row,
                                     std::vector<std::vector<uint64_t>>& slots) const;
  uint64_t Cross(const Slot& slot, const RowView& row);

  std::vector<Slot> slots_;
  std::vector<TokenSource> tokens_;
  std::string crossed_;
};

}  // namespace primacy
