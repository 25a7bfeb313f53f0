#include "tools/compare/time_left.h"

namespace primacy {

void TimeLeft::Add(const std::string& group, double seconds) {
  for (Sum* sum : {&groups_[group], &all_}) {
    sum->seconds += seconds;
    ++sum->count;
  }
}

double TimeLeft::Seconds(const std::vector<std::string>& groups, int jobs) const {
  if (all_.count == 0) return -1;
  double seconds = 0;
  for (const std::string& group : groups) {
    const auto found = groups_.find(group);
    const Sum& sum = found == groups_.end() ? all_ : found->second;
    seconds += sum.seconds / sum.count;
  }
  return seconds / jobs;
}

}  // namespace primacy
