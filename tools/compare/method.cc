#include "tools/compare/method.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "common/base/strings.h"
#include "tools/compare/method_groups.h"

namespace primacy {
namespace {

Training MakeTraining(const Job& job, const std::string& folder, PriorityConfig::Method method) {
  Training training{folder, job.priority()};
  training.priority.set_method(method);
  training.priority.clear_weight();
  training.priority.clear_single_task();
  return training;
}

// A task's name as a part of a folder's name.
std::string FolderPart(std::string name) {
  for (char& c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    if (!plain) c = '_';
  }
  return name;
}

// The shortest text that reads back as the same number.
std::string Shortest(double number) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), number);
  return {buffer, end.ptr};
}

Method MakeSingle(const Job& job) {
  Method method{Method::Kind::kSingle, "each task alone", {}};
  for (const TaskConfig& task : job.task()) {
    Training training =
        MakeTraining(job, "single_" + FolderPart(task.name()), PriorityConfig::SINGLE);
    training.priority.set_single_task(task.name());
    method.trainings.push_back(training);
  }
  return method;
}

Method MakeWeighted(const Job& job, const std::vector<double>& weights) {
  std::string name = "weighted ", folder = "weighted";
  for (size_t i = 0; i < weights.size(); ++i) {
    const std::string weight = Shortest(weights[i]);
    name += (i > 0 ? ":" : "") + weight;
    folder += "_" + weight;
  }
  Method method{
      Method::Kind::kWeighted, name, {MakeTraining(job, folder, PriorityConfig::WEIGHTED)}};
  for (double weight : weights) method.trainings[0].priority.add_weight(weight);
  return method;
}

// The values of priority.method that take nothing but their own parameters.
std::optional<PriorityConfig::Method> RivalOf(std::string name) {
  for (char& c : name) {
    if (std::isupper(static_cast<unsigned char>(c)) != 0) return std::nullopt;
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  PriorityConfig::Method method = PriorityConfig::NMT;
  if (!PriorityConfig::Method_Parse(name, &method)) return std::nullopt;
  const bool has_line_of_its_own = method == PriorityConfig::NMT ||
                                   method == PriorityConfig::SINGLE ||
                                   method == PriorityConfig::WEIGHTED;
  return has_line_of_its_own ? std::nullopt : std::optional(method);
}

}  // namespace

Result<Method> ParseMethod(const std::string& text, const Job& job) {
  const size_t tasks = static_cast<size_t>(job.task_size());
  if (text == "nmt")
    return Method{Method::Kind::kNmt, "NMT", {MakeTraining(job, "nmt", PriorityConfig::NMT)}};
  if (text == "single") return MakeSingle(job);
  if (const auto rival = RivalOf(text)) {
    return Method{Method::Kind::kRival, text, {MakeTraining(job, text, *rival)}};
  }
  const std::vector<std::string_view> parts = Split(text, ':');
  std::vector<double> numbers;
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::optional<double> number = ParseDouble(parts[i]);
    if (!number.has_value() || !std::isfinite(*number) || *number < 0) {
      return UsageError("--methods: \"" + std::string(parts[i]) + "\" in " + text +
                        " is no weight");
    }
    numbers.push_back(*number);
  }
  if (parts[0] == "ratio" && numbers.size() == 1 && numbers[0] > 0) {
    std::vector<double> weights(tasks, 1.0);
    for (size_t t = tasks - 1; t > 0; --t) weights[t - 1] = weights[t] * numbers[0];
    if (!std::isfinite(weights[0])) {
      return UsageError("--methods: " + text + " is too steep for " + std::to_string(tasks) +
                        " tasks");
    }
    return MakeWeighted(job, weights);
  }
  if (parts[0] == "weighted") {
    if (numbers.size() != tasks) {
      return UsageError("--methods: " + text + " has " + std::to_string(numbers.size()) +
                        " weights for " + std::to_string(tasks) + " tasks");
    }
    if (*std::max_element(numbers.begin(), numbers.end()) <= 0) {
      return UsageError("--methods: " + text + " has no weight above 0");
    }
    return MakeWeighted(job, numbers);
  }
  return UsageError(
      "--methods: \"" + text +
      "\" is none of nmt, single, weighted:W:W…, ratio:R, the groups diagonal, grid, rivals and "
      "all, and no priority.method in lower case");
}

Result<std::vector<Method>> ParseMethods(const std::string& text, const Job& job) {
  std::vector<Method> methods;
  std::set<std::string> named, known;  // named: by the text itself
  for (const std::string_view item : Split(text, ',')) {
    const std::string word(Trim(item));
    PRIMACY_ASSIGN(const std::vector<std::string> members, ExpandGroup(word, job));
    const bool group = members != std::vector<std::string>{word};
    for (const std::string& member : members) {
      PRIMACY_ASSIGN(Method method, ParseMethod(member, job));
      if (!group && !named.insert(method.name).second) {
        return UsageError("--methods: " + word + " stands there already");
      }
      if (known.insert(method.name).second) methods.push_back(std::move(method));
    }
  }
  std::stable_sort(methods.begin(), methods.end(),
                   [](const Method& a, const Method& b) { return a.kind < b.kind; });
  return methods;
}

}  // namespace primacy
