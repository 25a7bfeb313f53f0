#include "tools/convert/bad_rows.h"

#include "common/base/strings.h"

namespace primacy {

void BadRows::Add(const std::string& file, uint64_t line, const RowFault& fault) {
  ++count_;
  ++by_reason_[fault.reason];
  if (static_cast<int64_t>(examples_.size()) >= shown_) return;
  examples_.push_back(file + ":" + std::to_string(line) + ": " + fault.reason + ": " +
                      fault.detail);
}

Status BadRows::Check(uint64_t rows, double share_max) const {
  if (static_cast<double>(count_) <= share_max * static_cast<double>(rows)) return Ok();
  std::string message =
      Format("%s of %s rows are bad, more than bad_row_share_max (%g):", WithCommas(count_).c_str(),
             WithCommas(rows).c_str(), share_max);
  for (const auto& [reason, count] : by_reason_) {
    message += Format(" %s %s;", WithCommas(count).c_str(), reason.c_str());
  }
  if (!examples_.empty()) message += " for example " + examples_.front();
  return Failure(message);
}

std::string Quoted(std::string_view text) {
  constexpr size_t kShown = 60;
  std::string quoted(1, '"');
  for (const char c : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      quoted += c;
    } else {
      quoted += Format("\\x%02x", byte);
    }
  }
  if (text.size() > kShown) quoted += "...";
  quoted += '"';
  return quoted;
}

}  // namespace primacy
