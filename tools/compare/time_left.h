// How long the trainings that are left will take, from those that are done.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace primacy {

// Not thread safe.
class TimeLeft {
 public:
  // A training of `group` took so long.
  void Add(const std::string& group, double seconds);
  // Until trainings of these groups, `jobs` at a time, are done: a group's mean, or that of all
  // trainings for a group that has none. Negative while there is none at all.
  double Seconds(const std::vector<std::string>& groups, int jobs) const;

 private:
  struct Sum {
    double seconds = 0;
    int count = 0;
  };
  std::map<std::string, Sum> groups_;
  Sum all_;
};

}  // namespace primacy
