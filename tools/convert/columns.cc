#include "tools/convert/columns.h"

#include <utility>

#include "common/base/strings.h"

namespace primacy {
namespace {

constexpr size_t kNamesShown = 12;

}  // namespace

Columns::Columns(std::vector<std::string> names)
    : names_(std::move(names)), own_count_(names_.size()), mentioned_(names_.size(), 0) {
  for (size_t i = 0; i < names_.size(); ++i) {
    if (names_[i].empty()) names_[i] = Format("c%zu", i);
    const auto [at, inserted] = places_.emplace(names_[i], static_cast<int64_t>(i));
    if (!inserted) at->second = -1;
  }
}

Status Columns::AddJoined(const std::string& name) {
  if (!places_.emplace(name, static_cast<int64_t>(names_.size())).second) {
    return UsageError("a column \"" + name + "\" is there already; give the join a prefix");
  }
  names_.push_back(name);
  mentioned_.push_back(0);
  return Ok();
}

// A place from "#7".
Result<uint32_t> Columns::Place(std::string_view text) const {
  const auto place = ParseInt(text.substr(1));
  if (!place || *place < 0) return UsageError("column \"" + std::string(text) + "\": not a place");
  if (static_cast<uint64_t>(*place) >= own_count_) {
    return UsageError("column \"" + std::string(text) + "\": rows have " +
                      std::to_string(own_count_) + " columns, counted from 0");
  }
  return static_cast<uint32_t>(*place);
}

Result<ColumnRef> Columns::Resolve(std::string_view text) {
  const auto found = places_.find(std::string(text));
  size_t place = 0;
  if (found != places_.end()) {
    if (found->second < 0) {
      return UsageError("column \"" + std::string(text) +
                        "\" is there twice; use its place (\"#0\")");
    }
    place = static_cast<size_t>(found->second);
  } else if (text.size() > 1 && text[0] == '#') {
    PRIMACY_ASSIGN(place, Place(text));
  } else {
    std::string known;
    for (size_t i = 0; i < names_.size() && i < kNamesShown; ++i) known += " " + names_[i];
    if (names_.size() > kNamesShown) known += " ...";
    return UsageError("unknown column \"" + std::string(text) + "\"; there are:" + known);
  }
  mentioned_[place] = 1;
  if (place < own_count_) return ColumnRef{static_cast<uint32_t>(place), false};
  return ColumnRef{static_cast<uint32_t>(place - own_count_), true};
}

Result<std::vector<ColumnRef>> Columns::ResolveSome(std::string_view text) {
  const size_t dots = text.find("..");
  if (dots == std::string_view::npos || places_.contains(std::string(text))) {
    PRIMACY_ASSIGN(const ColumnRef one, Resolve(text));
    return std::vector<ColumnRef>{one};
  }
  PRIMACY_ASSIGN(const ColumnRef first, Resolve(text.substr(0, dots)));
  PRIMACY_ASSIGN(const ColumnRef last, Resolve(text.substr(dots + 2)));
  if (first.joined != last.joined || first.index > last.index) {
    return UsageError("columns \"" + std::string(text) +
                      "\": the first must stand before the last");
  }
  std::vector<ColumnRef> range;
  for (uint32_t i = first.index; i <= last.index; ++i) {
    range.push_back({i, first.joined});
    mentioned_[first.joined ? own_count_ + i : i] = 1;
  }
  return range;
}

bool Columns::IsOpenRange(std::string_view text) {
  return text.size() > 3 && text[0] == '#' && text.ends_with("..");
}

Result<OpenRange> Columns::ResolveOpenRange(std::string_view text) {
  const auto place = ParseInt(text.substr(1, text.size() - 3));
  if (!place || *place < 0 || *place > UINT32_MAX) {
    return UsageError("columns \"" + std::string(text) + "\": not a place");
  }
  for (size_t i = static_cast<size_t>(*place); i < own_count_; ++i) mentioned_[i] = 1;
  return OpenRange{static_cast<uint32_t>(*place)};
}

std::vector<ColumnRef> Columns::Unmentioned() const {
  std::vector<ColumnRef> left;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (mentioned_[i]) continue;
    const bool joined = i >= own_count_;
    left.push_back({static_cast<uint32_t>(joined ? i - own_count_ : i), joined});
  }
  return left;
}

Result<std::vector<std::string>> ColumnNames(const Source& source,
                                             std::span<const std::string_view> first) {
  std::vector<std::string> names;
  if (source.header()) {
    for (const std::string_view name : first) names.emplace_back(Trim(name));
    return names;
  }
  names.assign(source.name().begin(), source.name().end());
  if (names.empty()) {
    names.resize(source.has_columns() ? static_cast<size_t>(source.columns()) : first.size());
  }
  const bool fits =
      source.extra_columns() ? first.size() >= names.size() : first.size() == names.size();
  if (!fits) {
    return UsageError("the first row has " + std::to_string(first.size()) + " columns, not " +
                      std::to_string(names.size()) + "; see source.separator, name and columns");
  }
  return names;
}

}  // namespace primacy
