#include "tools/convert/slot_reader.h"

#include <algorithm>
#include <utility>

#include "common/base/hash.h"

namespace primacy {
namespace {

// Calls `visit` with every value of the columns until it returns a fault.
template <typename Visit>
std::optional<RowFault> ForEachValue(const RowView& row, const std::vector<ColumnRef>& columns,
                                     const std::optional<OpenRange>& open,
                                     std::optional<char> separator, Visit visit) {
  const auto each = [&](std::string_view text) -> std::optional<RowFault> {
    if (!separator) return visit(text);
    while (true) {
      const size_t end = text.find(*separator);
      if (auto fault = visit(text.substr(0, end))) return fault;
      if (end == std::string_view::npos) return std::nullopt;
      text.remove_prefix(end + 1);
    }
  };
  for (const ColumnRef column : columns) {
    if (auto fault = each(row[column])) return fault;
  }
  for (size_t i = open ? open->begin : row.own.size(); i < row.own.size(); ++i) {
    if (auto fault = each(row.own[i])) return fault;
  }
  return std::nullopt;
}

std::optional<char> OneByte(bool there, const std::string& text) {
  if (!there) return std::nullopt;
  return text[0];
}

}  // namespace

ValueRule::ValueRule(const SlotSpec& slot, const MissingTexts& missing) : missing_(missing) {
  begin_ = static_cast<size_t>(slot.substring().begin());
  if (slot.substring().has_length()) length_ = static_cast<size_t>(slot.substring().length());
  if (slot.has_bucket()) bucket_ = slot.bucket();
}

std::string_view ValueRule::Cut(std::string_view text) const {
  text = TrimField(text);
  if (missing_.Contains(text) || begin_ >= text.size()) return {};
  if (begin_ > 0 || length_ < text.size()) text = TrimField(text.substr(begin_, length_));
  return text;
}

ValueRule::Outcome ValueRule::Key(std::string_view text, uint64_t& key) const {
  text = Cut(text);
  if (text.empty()) return Outcome::kMissing;
  if (!bucket_) {
    key = KeyOfText(text);
    return Outcome::kKey;
  }
  const auto number = ParseNumber(text);
  if (!number) return Outcome::kBadNumber;
  key = KeyOfBucket(BucketOf(*bucket_, *number));
  return Outcome::kKey;
}

size_t SlotReader::TextHash::operator()(std::string_view text) const { return HashBytes(text); }

Result<SlotReader> SlotReader::Make(const ConvertSpec& spec, Columns& columns, LogSchema& schema) {
  SlotReader reader;
  for (const SlotSpec& slot : spec.slot()) {
    const Status added = reader.AddSlot(spec, slot, columns, schema);
    if (!added.ok()) {
      return Error(slot.name().empty() ? "slot" : "slot " + slot.name(), added.error());
    }
  }
  return reader;
}

Status SlotReader::AddSlot(const ConvertSpec& spec, const SlotSpec& from, Columns& columns,
                           LogSchema& schema) {
  Slot slot{.rule = ValueRule(from, MissingTexts(spec.missing(), from.missing()))};
  for (const std::string& text : from.column()) {
    if (!Columns::IsOpenRange(text)) {
      PRIMACY_ASSIGN(const std::vector<ColumnRef> some, columns.ResolveSome(text));
      slot.columns.insert(slot.columns.end(), some.begin(), some.end());
      continue;
    }
    if (from.combine() != SlotSpec::JOIN || slot.open) {
      return UsageError("\"" + text + "\" can stand once, in a slot that JOINs its columns");
    }
    PRIMACY_ASSIGN(slot.open, columns.ResolveOpenRange(text));
  }
  slot.separator = OneByte(from.has_value_separator(), from.value_separator());
  const bool several = slot.columns.size() > 1 || slot.open;
  slot.multi_valued =
      from.multi_valued() ||
      (!from.has_field() && (slot.separator || (several && from.combine() == SlotSpec::JOIN)));
  const auto add = [&](Slot one, const std::string& name) {
    one.name = name;
    LogSchema::Slot* column = schema.add_slot();
    column->set_name(name);
    if (from.has_group()) column->set_group(from.group());
    column->set_multi_valued(one.multi_valued);
    if (from.has_field()) AddField(from, one, static_cast<uint32_t>(slots_.size()));
    slots_.push_back(std::move(one));
  };
  if (from.combine() == SlotSpec::EACH) {
    for (const ColumnRef column : slot.columns) {
      Slot one = slot;
      one.columns = {column};
      one.kind = one.multi_valued ? Slot::Kind::kValues : Slot::Kind::kColumn;
      add(std::move(one), from.name() + columns.name(column));
    }
    return Ok();
  }
  slot.kind = from.has_field()                    ? Slot::Kind::kField
              : from.combine() == SlotSpec::CROSS ? Slot::Kind::kCross
              : slot.multi_valued || several      ? Slot::Kind::kValues
                                                  : Slot::Kind::kColumn;
  if (from.name().empty() && (slot.columns.size() != 1 || slot.open)) {
    return UsageError("a slot of several columns needs a name");
  }
  const std::string name = from.name().empty() ? columns.name(slot.columns[0]) : from.name();
  add(std::move(slot), name);
  return Ok();
}

void SlotReader::AddField(const SlotSpec& spec, const Slot& slot, uint32_t index) {
  const char field_separator = spec.field_separator()[0];
  const std::optional<char> id_end = OneByte(spec.has_id_end(), spec.id_end());
  const auto same = [&](const TokenSource& source) {
    return source.columns == slot.columns && source.open.has_value() == slot.open.has_value() &&
           (!source.open || source.open->begin == slot.open->begin) &&
           source.separator == slot.separator && source.field_separator == field_separator &&
           source.id_end == id_end;
  };
  auto source = std::find_if(tokens_.begin(), tokens_.end(), same);
  if (source == tokens_.end()) {
    tokens_.push_back({slot.columns, slot.open, slot.separator, field_separator, id_end, {}});
    source = tokens_.end() - 1;
  }
  source->fields[spec.field()].push_back(index);
}

void SlotReader::AddOther(const ConvertSpec& spec, ColumnRef column, const Columns& columns,
                          LogSchema& schema) {
  Slot slot{.rule = ValueRule(SlotSpec(), MissingTexts(spec.missing()))};
  slot.name = columns.name(column);
  slot.columns = {column};
  schema.add_slot()->set_name(slot.name);
  slots_.push_back(std::move(slot));
}

std::optional<RowFault> SlotReader::AddKey(const Slot& slot, std::string_view text,
                                           std::vector<uint64_t>& keys) const {
  uint64_t key = 0;
  switch (slot.rule.Key(text, key)) {
    case ValueRule::Outcome::kKey:
      keys.push_back(key);
      break;
    case ValueRule::Outcome::kMissing:
      break;
    case ValueRule::Outcome::kBadNumber:
      return RowFault{kBadNumberText, "slot " + slot.name + ": " + Quoted(text)};
  }
  return std::nullopt;
}

std::optional<RowFault> SlotReader::ReadTokens(const TokenSource& source, const RowView& row,
                                               std::vector<std::vector<uint64_t>>& slots) const {
  return ForEachValue(row, source.columns, source.open, source.separator,
                      [&](std::string_view token) -> std::optional<RowFault> {
                        const size_t colon = token.find(source.field_separator);
                        if (colon == std::string_view::npos) return std::nullopt;
                        const auto found = source.fields.find(TrimField(token.substr(0, colon)));
                        if (found == source.fields.end()) return std::nullopt;
                        std::string_view id = token.substr(colon + 1);
                        if (source.id_end) id = id.substr(0, id.find(*source.id_end));
                        for (const uint32_t slot : found->second) {
                          if (auto fault = AddKey(slots_[slot], id, slots[slot])) return fault;
                        }
                        return std::nullopt;
                      });
}

// The texts of all columns, kept apart by a byte that texts do not hold, as one value.
uint64_t SlotReader::Cross(const Slot& slot, const RowView& row) {
  crossed_.clear();
  for (const ColumnRef column : slot.columns) {
    crossed_ += slot.rule.Cut(row[column]);
    crossed_ += '\x1f';
  }
  crossed_.pop_back();
  return KeyOfText(crossed_);
}

std::optional<RowFault> SlotReader::Read(const RowView& row,
                                         std::vector<std::vector<uint64_t>>& slots) {
  slots.resize(slots_.size());
  for (auto& keys : slots) keys.clear();
  for (const TokenSource& source : tokens_) {
    if (auto fault = ReadTokens(source, row, slots)) return fault;
  }
  for (size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    std::vector<uint64_t>& keys = slots[i];
    std::optional<RowFault> fault;
    if (slot.kind == Slot::Kind::kColumn) {
      fault = AddKey(slot, row[slot.columns[0]], keys);
    } else if (slot.kind == Slot::Kind::kCross) {
      keys.push_back(Cross(slot, row));
    } else if (slot.kind == Slot::Kind::kValues) {
      fault = ForEachValue(row, slot.columns, slot.open, slot.separator,
                           [&](std::string_view text) { return AddKey(slot, text, keys); });
    }
    if (fault) return fault;
    if (slot.multi_valued) continue;
    if (keys.empty()) keys.push_back(KeyOfMissing());
    if (keys.size() > 1) {
      return RowFault{kBadValues,
                      "slot " + slot.name + " has " + std::to_string(keys.size()) + " values"};
    }
  }
  return std::nullopt;
}

}  // namespace primacy
