#include "tools/inspect/render.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "common/base/strings.h"

namespace primacy {
namespace {

constexpr size_t kTableRowsMax = 32;

bool IsScalarList(const JsonValue& value) {
  return value.array() != nullptr && std::all_of(value.array()->begin(), value.array()->end(),
                                                 [](const JsonValue& v) { return v.is_scalar(); });
}

// Characters, not bytes: what begins a UTF-8 sequence counts.
size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

std::string Padded(const std::string& text, size_t width) {
  return text + std::string(width > Width(text) ? width - Width(text) : 0, ' ');
}

std::string Label(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string IntegerText(int64_t value) {
  if (value > -10000 && value < 10000) return std::to_string(value);
  std::string text = value < 0 ? "-" : "";
  text += WithCommas(value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
  return text;
}

std::string BytesText(double bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < std::size(kUnits)) {
    bytes /= 1000;
    ++unit;
  }
  return Format(unit == 0 ? "%.0f %s" : "%.3g %s", bytes, kUnits[unit]);
}

std::string ScalarText(std::string_view name, const JsonValue& value) {
  if (value.text() != nullptr) return value.text()->empty() ? "-" : *value.text();
  if (value.boolean()) return *value.boolean() ? "yes" : "no";
  if (value.number() && name.ends_with("bytes")) return BytesText(*value.number());
  if (value.integer()) return IntegerText(*value.integer());
  if (value.natural()) return WithCommas(*value.natural());
  if (value.number()) return Format("%.6g", *value.number());
  return "-";
}

std::string ListText(std::string_view name, const JsonValue::Array& values) {
  std::string text;
  for (const JsonValue& value : values) {
    if (!text.empty()) text += ", ";
    text += ScalarText(name, value);
  }
  return text.empty() ? "none" : text;
}

std::string CellText(std::string_view name, const JsonValue& value) {
  return value.array() != nullptr ? ListText(name, *value.array()) : ScalarText(name, value);
}

// Numbers stand right, everything else left.
struct Column {
  std::string name;
  size_t width = 0;
  bool right = true;
};

std::vector<Column> ColumnsOf(const JsonValue::Array& rows) {
  std::vector<Column> columns;
  for (const JsonValue& row : rows) {
    if (row.object() == nullptr) continue;
    for (const JsonMember& member : *row.object()) {
      if (!member.value.is_scalar() && !IsScalarList(member.value)) continue;
      auto column = std::find_if(columns.begin(), columns.end(),
                                 [&member](const Column& c) { return c.name == member.name; });
      if (column == columns.end())
        column = columns.insert(columns.end(), {member.name, Width(member.name)});
      column->width = std::max(column->width, Width(CellText(member.name, member.value)));
      column->right = column->right && (member.value.number() || member.value.is_null());
    }
  }
  return columns;
}

void AppendTable(const JsonValue::Array& rows, const std::string& indent, std::string& text) {
  const std::vector<Column> columns = ColumnsOf(rows);
  const auto append_row = [&](const auto& cell_of) {
    std::string line = indent;
    for (const Column& column : columns) {
      const std::string cell = cell_of(column);
      const std::string space(column.width > Width(cell) ? column.width - Width(cell) : 0, ' ');
      line +=
          (&column == columns.data() ? "" : "  ") + (column.right ? space + cell : cell + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  append_row([](const Column& column) { return Label(column.name); });
  for (size_t i = 0; i < std::min(rows.size(), kTableRowsMax); ++i) {
    append_row([&](const Column& column) {
      const JsonValue* value = rows[i].Find(column.name);
      return value == nullptr ? std::string() : CellText(column.name, *value);
    });
  }
  if (rows.size() > kTableRowsMax)
    text += indent + Format("… and %zu more\n", rows.size() - kTableRowsMax);
}

void AppendObject(const JsonValue::Object& members, const std::string& indent, std::string& text) {
  size_t width = 0;
  for (const JsonMember& member : members) {
    if (member.value.is_scalar() || IsScalarList(member.value))
      width = std::max(width, Width(member.name));
  }
  for (const JsonMember& member : members) {
    if (member.value.is_scalar() || IsScalarList(member.value)) {
      text += indent + Padded(Label(member.name), width + 2) + CellText(member.name, member.value) +
              "\n";
      continue;
    }
    text += indent + Label(member.name) + "\n";
    if (member.value.object() != nullptr) {
      AppendObject(*member.value.object(), indent + "  ", text);
    } else {
      AppendTable(*member.value.array(), indent + "  ", text);
    }
  }
}

}  // namespace

std::string RenderText(const JsonValue& value) {
  std::string text;
  if (value.object() != nullptr) AppendObject(*value.object(), "", text);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace primacy
