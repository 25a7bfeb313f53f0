#include "tools/convert/side_table.h"

#include "common/base/hash.h"
#include "tools/convert/bad_rows.h"
#include "tools/convert/record_reader.h"
#include "tools/convert/spec.h"
#include "tools/convert/values.h"

namespace primacy {
namespace {

constexpr uint64_t kRowOverheadBytes = 96;  // of the map, about

}  // namespace

size_t SideTable::TextHash::operator()(std::string_view text) const { return HashBytes(text); }

Status SideTable::AddRow(std::string_view key, std::span<const std::string_view> fields,
                         std::span<const ColumnRef> columns) {
  if (!rows_.emplace(std::string(key), rows_.size()).second) {
    return UsageError("the key " + Quoted(key) + " is there twice");
  }
  for (const ColumnRef column : columns) {
    const std::string_view text = TrimField(fields[column.index]);
    pieces_.push_back({texts_.size(), static_cast<uint32_t>(text.size())});
    texts_ += text;
  }
  return Ok();
}

Result<std::unique_ptr<SideTable>> SideTable::Load(const std::string& path, const Source& source,
                                                   const Join& join, uint64_t bytes_max) {
  PRIMACY_ASSIGN(auto bytes, OpenFileSource(path));
  RecordReader reader(std::move(bytes), FormatOf(source));
  PRIMACY_ASSIGN(RecordKind kind, reader.Next());
  if (kind != RecordKind::kRecord) return UsageError(path + ": no readable first row");
  auto names = ColumnNames(source, reader.fields());
  if (!names.ok()) return Error(path, names.error());
  Columns columns(*std::move(names));

  auto table = std::make_unique<SideTable>();
  auto key = columns.Resolve(join.key());
  if (!key.ok()) return Error(path, key.error());
  std::vector<ColumnRef> joined;
  for (const std::string& text : join.columns()) {
    const auto some = columns.ResolveSome(text);
    if (!some.ok()) return Error(path, some.error());
    joined.insert(joined.end(), some->begin(), some->end());
  }
  for (const ColumnRef column : joined) table->names_.push_back(columns.name(column));

  if (source.header()) {
    PRIMACY_ASSIGN(kind, reader.Next());
  }
  while (kind != RecordKind::kEnd) {
    const std::string place = path + ":" + std::to_string(reader.line());
    const size_t width = reader.fields().size();
    if (kind != RecordKind::kRecord || width < columns.own_count() ||
        (width > columns.own_count() && !source.extra_columns())) {
      return Failure(place + ": bad row " + Quoted(reader.text()));
    }
    const Status added =
        table->AddRow(TrimField(reader.fields()[key->index]), reader.fields(), joined);
    if (!added.ok()) return Error(place, added.error());
    const uint64_t used = table->texts_.size() + table->pieces_.size() * sizeof(Piece) +
                          table->rows_.size() * kRowOverheadBytes;
    if (used > bytes_max) return Failure(path + ": does not fit the memory allowed for joins");
    PRIMACY_ASSIGN(kind, reader.Next());
  }
  return table;
}

bool SideTable::Find(std::string_view key, std::span<std::string_view> texts) const {
  CHECK_EQ(texts.size(), names_.size());
  const auto found = rows_.find(key);
  for (size_t i = 0; i < texts.size(); ++i) {
    if (found == rows_.end()) {
      texts[i] = {};
      continue;
    }
    const Piece& piece = pieces_[found->second * texts.size() + i];
    texts[i] = std::string_view(texts_).substr(piece.begin, piece.size);
  }
  return found != rows_.end();
}

}  // namespace primacy
