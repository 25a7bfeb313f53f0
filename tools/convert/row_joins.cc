#include "tools/convert/row_joins.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "tools/convert/values.h"

namespace primacy {
namespace {

std::string SideFilePath(const ConvertOptions& options, const std::string& file) {
  namespace fs = std::filesystem;
  if (fs::path(file).is_absolute()) return file;
  const std::string& input = options.inputs.front();
  if (input != "-") {
    const fs::path beside = fs::path(input).parent_path() / file;
    std::error_code error;
    if (fs::exists(beside, error)) return beside.string();
  }
  return (fs::path(options.schema_file).parent_path() / file).string();
}

}  // namespace

Result<RowJoins> RowJoins::Load(const ConvertOptions& options, const ConvertSpec& spec,
                                Columns& columns) {
  RowJoins joins;
  for (const Join& join : spec.join()) {
    Loaded loaded{.file = SideFilePath(options, join.file()), .begin = joins.columns_};
    auto on = columns.Resolve(join.on().empty() ? join.key() : join.on());
    if (!on.ok()) return Error("join " + join.file() + ": on", on.error());
    loaded.on = *on;
    auto table = SideTable::Load(loaded.file, join.has_source() ? join.source() : spec.source(),
                                 join, options.memory_bytes_max);
    if (!table.ok()) return Error("join", table.error());
    loaded.table = *std::move(table);
    for (const std::string& name : loaded.table->names()) {
      const Status added = columns.AddJoined(join.prefix() + name);
      if (!added.ok()) return Error("join " + join.file(), added.error());
    }
    joins.columns_ += loaded.table->names().size();
    joins.joins_.push_back(std::move(loaded));
  }
  return joins;
}

void RowJoins::Find(std::span<const std::string_view> own, std::vector<std::string_view>& joined,
                    std::vector<uint64_t>& misses) const {
  joined.assign(columns_, {});
  misses.resize(joins_.size());
  for (size_t j = 0; j < joins_.size(); ++j) {
    const Loaded& join = joins_[j];
    const RowView row{.own = own, .joined = joined};
    const auto texts = std::span(joined).subspan(join.begin, join.table->names().size());
    if (!join.table->Find(TrimField(row[join.on]), texts)) ++misses[j];
  }
}

std::vector<ConvertJoinReport> RowJoins::Report(const std::vector<uint64_t>& misses) const {
  std::vector<ConvertJoinReport> reports;
  for (size_t j = 0; j < joins_.size(); ++j) {
    reports.push_back({joins_[j].file, joins_[j].table->keys(), j < misses.size() ? misses[j] : 0});
  }
  return reports;
}

}  // namespace primacy
