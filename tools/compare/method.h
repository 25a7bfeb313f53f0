// The ways of training that a comparison sets side by side.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"

namespace primacy {

// One training: a job's priority settings.
struct Training {
  std::string folder;  // "nmt", "weighted_4_2_1", "single_click"
  PriorityConfig priority;
};

// One line of the comparison. `single` needs one training per task, of which it takes the task's
// own figures; the others one.
struct Method {
  enum class Kind { kSingle, kWeighted, kRival, kNmt };
  Kind kind = Kind::kNmt;
  std::string name;                 // as shown
  std::vector<Training> trainings;  // kSingle: in the order of the tasks
};

// "nmt", "single", "weighted:4:2:1" (one weight per task), "ratio:4" (each task weighs so many
// times the next one) or another value of priority.method in lower case ("pcgrad"), with the
// parameters that the job has for it. Usage errors name the method.
Result<Method> ParseMethod(const std::string& text, const Job& job);

// A list of methods and groups of them (method_groups.h) separated by commas, `single` first
// because the others are read against it. What a group has and something else names too counts
// once.
Result<std::vector<Method>> ParseMethods(const std::string& text, const Job& job);

}  // namespace primacy
