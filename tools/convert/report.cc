#include <algorithm>

#include "common/base/strings.h"
#include "tools/convert/convert.h"

namespace primacy {

std::string DescribeReport(const ConvertReport& report) {
  const auto count = [](uint64_t value) { return WithCommas(value); };
  std::string text = Format("%s rows read, %s bad; train %s, holdout %s, test %s\n",
                            count(report.rows_read).c_str(), count(report.bad_rows).c_str(),
                            count(report.train_rows).c_str(), count(report.holdout_rows).c_str(),
                            count(report.test_rows).c_str());
  const auto multi = std::count_if(report.schema.slot().begin(), report.schema.slot().end(),
                                   [](const LogSchema::Slot& slot) { return slot.multi_valued(); });
  text += Format("%d slots (%d multi-valued), %d dense features, %d labels\n",
                 report.schema.slot_size(), static_cast<int>(multi), report.schema.dense_size(),
                 report.schema.label_size());
  for (const ConvertLabelReport& label : report.labels) {
    const double rows = static_cast<double>(std::max<uint64_t>(label.present, 1));
    text += Format("  label %s: on %s rows, mean %.4f, above 0 in %.4f\n", label.name.c_str(),
                   count(label.present).c_str(), label.sum / rows,
                   static_cast<double>(label.positive) / rows);
  }
  for (const ConvertJoinReport& join : report.joins) {
    text += Format("  join %s: %s keys, %s rows without a match\n", join.file.c_str(),
                   count(join.keys).c_str(), count(join.misses).c_str());
  }
  for (const auto& [reason, rows] : report.bad_by_reason) {
    text += Format("  bad: %s, %s rows\n", reason.c_str(), count(rows).c_str());
  }
  for (const std::string& example : report.bad_examples) text += "    " + example + "\n";
  text += Format("%s bytes of text, %s bytes of log, %s bytes spilled, %.1f s, %.0f rows/s\n",
                 count(report.input_bytes).c_str(), count(report.log_bytes).c_str(),
                 count(report.spilled_bytes).c_str(), report.seconds,
                 static_cast<double>(report.rows_read) / std::max(report.seconds, 1e-9));
  return text;
}

}  // namespace primacy
