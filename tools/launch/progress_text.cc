#include "tools/launch/progress_text.h"

#include <algorithm>
#include <cmath>

#include "common/base/strings.h"

namespace primacy {
namespace {

constexpr int kBarColumns = 12;

double Share(const JobStatus& status) {
  if (status.steps_max() <= 0) return 0;
  const double share = static_cast<double>(status.step()) / static_cast<double>(status.steps_max());
  return std::clamp(share, 0.0, 1.0);
}

std::string Bar(double share) {
  const int filled = static_cast<int>(std::lround(share * kBarColumns));
  std::string bar(kBarColumns, '-');
  bar.replace(0, filled, filled, '#');
  return Format("[%s]", bar.c_str());
}

std::string Head(const JobStatus& status) {
  return Format("stage %d/%d %s", status.stage() + 1, status.stages(), status.stage_name().c_str());
}

// "0.7421" or, where room is dear, ".7421".
std::string Figure(double value, bool brief) {
  std::string text = Format("%.4f", value);
  if (brief && text.starts_with("0.")) text.erase(0, 1);
  return text;
}

// What is known of each task, the ones that take no part left out.
std::string Tasks(const JobStatus& status, bool brief) {
  std::string text;
  for (int t = 0; t < status.task_size(); ++t) {
    const bool has_loss = t < status.loss_size() && std::isfinite(status.loss(t));
    const bool has_auc = t < status.holdout_auc_size() && std::isfinite(status.holdout_auc(t));
    if (!has_loss && !has_auc) continue;
    text += (text.empty() ? "" : " | ") + status.task(t);
    if (has_loss) text += (brief ? " " : " loss ") + Figure(status.loss(t), brief);
    if (has_auc) text += " auc " + Figure(status.holdout_auc(t), brief);
    const bool bounded = t < status.bound_size() && status.bound(t) > 0;
    if (bounded && t < status.lambda_size()) text += Format(" λ %.2f", status.lambda(t));
  }
  return text;
}

std::string Speed(const JobStatus& status) {
  std::string text = Format("  pass %.1f", status.pass());
  if (status.rows_per_second() > 0) {
    text += "  " + WithCommas(static_cast<uint64_t>(status.rows_per_second())) + " rows/s";
  }
  return text;
}

std::string Left(const JobStatus& status) {
  if (status.seconds_left() <= 0) return "";
  return "  at most " + DescribeSeconds(status.seconds_left()) + " left";
}

std::string Activity(const JobStatus& status) {
  return status.activity() == "training" ? "" : "  " + status.activity();
}

}  // namespace

std::string DescribeSeconds(double seconds) {
  if (seconds < 100) return Format("%.0f s", seconds);
  if (seconds < 6000) return Format("%.0f min", seconds / 60);
  return Format("%.1f h", seconds / 3600);
}

std::string CutToColumns(const std::string& text, int columns) {
  size_t end = 0;
  for (int seen = 0; end < text.size(); ++end) {
    const bool begins_character = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (begins_character && ++seen > columns) break;
  }
  return text.substr(0, end);
}

ProgressLines DrawProgress(const JobStatus& status, int columns) {
  if (status.stage_name().empty()) return {CutToColumns(status.activity(), columns), ""};
  return {CutToColumns(Head(status) + "  " + Bar(Share(status)) + Speed(status) + Left(status) +
                           Activity(status),
                       columns),
          CutToColumns(Tasks(status, /*brief=*/true), columns)};
}

std::string PlainProgressLine(const JobStatus& status) {
  if (status.stage_name().empty()) return status.activity();
  const std::string tasks = Tasks(status, /*brief=*/false);
  return Head(status) + Format("  step %lld", static_cast<long long>(status.step())) +
         Speed(status) + Activity(status) + (tasks.empty() ? "" : "  ") + tasks + Left(status);
}

}  // namespace primacy
