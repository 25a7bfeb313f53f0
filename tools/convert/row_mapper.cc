#include "tools/convert/row_mapper.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "common/base/hash.h"
#include "common/base/strings.h"
#include "common/clicklog/schema.h"

namespace primacy {
namespace {

// A whole number is kept, any other text is hashed.
uint64_t IdOf(std::string_view text) {
  uint64_t id = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (code == std::errc() && end == text.data() + text.size()) return id;
  return HashBytes(text);
}

// Resolves the column of an optional field.
Status ResolveIf(bool there, const std::string& text, const char* field, Columns& columns,
                 std::optional<ColumnRef>& column) {
  if (!there) return Ok();
  const auto resolved = columns.Resolve(text);
  if (!resolved.ok()) return Error(field, resolved.error());
  column = *resolved;
  return Ok();
}

}  // namespace

Result<RowMapper> RowMapper::Make(const ConvertSpec& spec, Columns& columns) {
  LogSchema schema;
  PRIMACY_ASSIGN(SlotReader slots, SlotReader::Make(spec, columns, schema));
  RowMapper mapper(std::move(slots));
  mapper.schema_ = std::move(schema);
  mapper.missing_ = MissingTexts(spec.missing());
  PRIMACY_ASSIGN(mapper.labels_, LabelReader::Make(spec, columns, mapper.schema_));
  for (const DenseSpec& dense : spec.dense()) {
    const Status added = mapper.AddDense(spec, dense, columns);
    if (!added.ok()) {
      return Error(dense.name().empty() ? "dense" : "dense " + dense.name(), added.error());
    }
  }
  PRIMACY_TRY(mapper.AddIds(spec, columns));
  PRIMACY_TRY(mapper.AddOthers(spec, columns));
  PRIMACY_TRY(CheckSchema(mapper.schema_));
  return mapper;
}

Status RowMapper::AddDense(const ConvertSpec& spec, const DenseSpec& from, Columns& columns) {
  std::vector<ColumnRef> all;
  for (const std::string& text : from.column()) {
    PRIMACY_ASSIGN(const std::vector<ColumnRef> some, columns.ResolveSome(text));
    all.insert(all.end(), some.begin(), some.end());
  }
  for (const ColumnRef column : all) {
    Dense dense{.name = from.name(),
                .column = column,
                .missing = MissingTexts(spec.missing(), from.missing()),
                .log1p = from.transform() == DenseSpec::LOG1P,
                .subtract = from.subtract(),
                .divide_by = from.divide_by(),
                .fill = from.fill()};
    if (all.size() > 1 || dense.name.empty()) dense.name += columns.name(column);
    schema_.add_dense()->set_name(dense.name);
    dense_.push_back(std::move(dense));
  }
  return Ok();
}

Status RowMapper::AddIds(const ConvertSpec& spec, Columns& columns) {
  PRIMACY_TRY(ResolveIf(spec.has_weight(), spec.weight(), "weight", columns, weight_));
  PRIMACY_TRY(ResolveIf(spec.has_timestamp(), spec.timestamp(), "timestamp", columns, timestamp_));
  PRIMACY_TRY(ResolveIf(spec.has_row_id(), spec.row_id(), "row_id", columns, row_id_));
  for (const std::string& text : spec.group_id()) {
    const auto column = columns.Resolve(text);
    if (!column.ok()) return Error("group_id", column.error());
    group_id_.push_back(*column);
  }
  row_number_as_id_ = spec.row_number_as_id();
  schema_.set_has_weight(weight_.has_value());
  schema_.set_has_timestamp(timestamp_.has_value());
  schema_.set_has_row_id(row_id_.has_value() || row_number_as_id_);
  schema_.set_has_group_id(!group_id_.empty());
  return Ok();
}

Status RowMapper::AddOthers(const ConvertSpec& spec, Columns& columns) {
  for (const std::string& text : spec.ignore()) {
    const auto some = columns.ResolveSome(text);
    if (!some.ok()) return Error("ignore", some.error());
  }
  if (spec.other_columns() == ConvertSpec::LEAVE_OUT) return Ok();
  for (const ColumnRef column : columns.Unmentioned()) {
    if (spec.other_columns() == ConvertSpec::REFUSE) {
      return UsageError("nothing is said about column \"" + columns.name(column) +
                        "\", and other_columns is REFUSE");
    }
    slots_.AddOther(spec, column, columns, schema_);
  }
  return Ok();
}

std::optional<RowFault> RowMapper::MapDense(const RowView& record,
                                            std::vector<float>& features) const {
  features.clear();
  for (const Dense& dense : dense_) {
    const std::string_view text = TrimField(record[dense.column]);
    if (dense.missing.Contains(text)) {
      features.push_back(static_cast<float>(dense.fill));
      continue;
    }
    const auto number = ParseNumber(text);
    if (!number) return RowFault{kBadNumberText, "dense " + dense.name + ": " + Quoted(text)};
    const double value = dense.log1p ? SignedLog1p(*number) : *number;
    const auto feature = static_cast<float>((value - dense.subtract) / dense.divide_by);
    if (!std::isfinite(feature)) {
      return RowFault{kBadNumberText, "dense " + dense.name + " is too large: " + Quoted(text)};
    }
    features.push_back(feature);
  }
  return std::nullopt;
}

std::optional<RowFault> RowMapper::Needed(const RowView& record, ColumnRef column,
                                          const char* field, double& number) const {
  const std::string_view text = TrimField(record[column]);
  if (missing_.Contains(text)) return RowFault{kBadMissing, field};
  const auto parsed = ParseNumber(text);
  if (!parsed) return RowFault{kBadNumberText, std::string(field) + ": " + Quoted(text)};
  number = *parsed;
  return std::nullopt;
}

std::optional<RowFault> RowMapper::MapIds(const RowView& record, LogRow& row) const {
  if (weight_) {
    double weight = 0;
    if (auto fault = Needed(record, *weight_, "weight", weight)) return fault;
    row.weight = static_cast<float>(weight);
    if (!(row.weight >= 0 && std::isfinite(row.weight))) {
      return RowFault{kBadNumberText, "weight: " + Quoted(record[*weight_])};
    }
  }
  if (timestamp_) {
    const std::string_view text = TrimField(record[*timestamp_]);
    const auto whole = ParseInt(text);
    double time = 0;
    if (whole && !missing_.Contains(text)) {
      row.timestamp = *whole;
    } else {
      if (auto fault = Needed(record, *timestamp_, "timestamp", time)) return fault;
      if (!(std::abs(time) < 0x1.0p63)) {
        return RowFault{kBadNumberText, "timestamp: " + Quoted(text)};
      }
      row.timestamp = static_cast<int64_t>(std::floor(time));
    }
  }
  if (row_number_as_id_) row.row_id = record.number;
  if (row_id_) {
    const std::string_view text = TrimField(record[*row_id_]);
    if (text.empty()) return RowFault{kBadMissing, "row_id"};
    row.row_id = IdOf(text);
  }
  for (size_t i = 0; i < group_id_.size(); ++i) {
    const uint64_t one = HashBytes(TrimField(record[group_id_[i]]));
    row.group_id = i == 0 ? one : HashCombine(row.group_id, one);
  }
  return std::nullopt;
}

std::optional<RowFault> RowMapper::Map(const RowView& record, LogRow& row) {
  if (auto fault = slots_.Read(record, row.slots)) return fault;
  if (auto fault = labels_.Read(record, row.labels, row.masks)) return fault;
  if (auto fault = MapDense(record, row.dense)) return fault;
  return MapIds(record, row);
}

}  // namespace primacy
