// A side file of a join in memory: key -> texts of the joined columns.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "tools/convert/columns.h"
#include "tools/convert/convert.pb.h"

namespace primacy {

// Immutable once loaded.
class SideTable {
 public:
  // Reads the file at `path`, whose form is `source`. Usage errors: the file is not there, a column
  // is unknown, a key is there twice. Failures: a bad row, more than `bytes_max` of texts.
  static Result<std::unique_ptr<SideTable>> Load(const std::string& path, const Source& source,
                                                 const Join& join, uint64_t bytes_max);

  // Names of the joined columns, without the join's prefix.
  const std::vector<std::string>& names() const { return names_; }
  uint64_t keys() const { return rows_.size(); }
  // Writes the texts of `key`'s row, empty ones when it is not there. False: it is not.
  bool Find(std::string_view key, std::span<std::string_view> texts) const;

 private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const;
  };
  struct Piece {
    uint64_t begin;
    uint32_t size;
  };

  Status AddRow(std::string_view key, std::span<const std::string_view> fields,
                std::span<const ColumnRef> columns);

  std::vector<std::string> names_;
  std::unordered_map<std::string, uint64_t, TextHash, std::equal_to<>> rows_;
  std::vector<Piece> pieces_;  // [row, column]
  std::string texts_;
};

}  // namespace primacy
