#include "tools/convert/label_reader.h"

#include <cmath>
#include <utility>

namespace primacy {

Result<LabelReader> LabelReader::Make(const ConvertSpec& spec, Columns& columns,
                                      LogSchema& schema) {
  LabelReader reader;
  reader.missing_ = MissingTexts(spec.missing());
  for (const LabelSpec& from : spec.label()) {
    const std::string where = from.name().empty() ? "label" : "label " + from.name();
    Label label{.name = from.name()};
    if (from.has_column()) {
      const auto column = columns.Resolve(from.column());
      if (!column.ok()) return Error(where, column.error());
      label.column = *column;
      if (label.name.empty()) label.name = columns.name(*column);
    }
    for (const auto& [conditions, tests] :
         {std::pair(&from.is(), &label.is), std::pair(&from.present_if(), &label.present_if)}) {
      for (const Condition& condition : *conditions) {
        auto test = ConditionTest::Make(condition, reader.missing_, columns);
        if (!test.ok()) return Error(where, test.error());
        tests->push_back(*std::move(test));
      }
    }
    schema.add_label()->set_name(label.name);
    reader.labels_.push_back(std::move(label));
  }
  return reader;
}

Truth LabelReader::Value(const Label& label, const RowView& row, float& value) const {
  if (label.column) {
    const std::string_view text = TrimField(row[*label.column]);
    if (missing_.Contains(text)) return Truth::kMissing;
    const auto number = ParseNumber(text);
    if (!number) return Truth::kBadNumber;
    value = static_cast<float>(*number);
    return std::isfinite(value) ? Truth::kTrue : Truth::kBadNumber;
  }
  const Truth holds = AllHold(label.is, row);
  if (holds == Truth::kMissing || holds == Truth::kBadNumber) return holds;
  value = holds == Truth::kTrue ? 1 : 0;
  return Truth::kTrue;
}

std::optional<RowFault> LabelReader::Read(const RowView& row, std::vector<float>& labels,
                                          std::vector<uint8_t>& masks) const {
  labels.assign(labels_.size(), 0);
  masks.assign(labels_.size(), 0);
  for (size_t i = 0; i < labels_.size(); ++i) {
    const Label& label = labels_[i];
    const Truth present = AllHold(label.present_if, row);
    Truth known = Truth::kMissing;
    if (present == Truth::kTrue) known = Value(label, row, labels[i]);
    if (present == Truth::kBadNumber || known == Truth::kBadNumber) {
      return RowFault{kBadNumberText,
                      "label " + label.name +
                          (label.column ? ": " + Quoted(row[*label.column]) : std::string())};
    }
    masks[i] = known == Truth::kTrue ? 1 : 0;
  }
  return std::nullopt;
}

}  // namespace primacy
