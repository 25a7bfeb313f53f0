#include "tools/compare/method_groups.h"

#include <array>
#include <cctype>

namespace primacy {
namespace {

constexpr std::array<int, 5> kRatios = {1, 2, 4, 8, 16};
constexpr size_t kGridMax = 625;

std::vector<std::string> Diagonal() {
  std::vector<std::string> methods;
  for (const int ratio : kRatios) methods.push_back("ratio:" + std::to_string(ratio));
  return methods;
}

// From the last task up: the grid of the tasks so far, times the ratios to the next one above.
Result<std::vector<std::string>> Grid(const Job& job) {
  std::vector<std::vector<int64_t>> weightings = {{1}};  // last task first
  for (int task = 1; task < job.task_size(); ++task) {
    std::vector<std::vector<int64_t>> wider;
    for (const int ratio : kRatios) {
      for (std::vector<int64_t> weights : weightings) {
        weights.push_back(weights.back() * ratio);
        wider.push_back(std::move(weights));
      }
    }
    weightings = std::move(wider);
    if (weightings.size() > kGridMax) {
      return UsageError("--methods: the grid of " + std::to_string(job.task_size()) +
                        " tasks has more than " + std::to_string(kGridMax) +
                        " weightings: name some of them as weighted:W:W...");
    }
  }
  std::vector<std::string> methods;
  for (const std::vector<int64_t>& weights : weightings) {
    std::string method = "weighted";
    for (auto weight = weights.rbegin(); weight != weights.rend(); ++weight) {
      method += ':';
      method += std::to_string(*weight);
    }
    methods.push_back(std::move(method));
  }
  return methods;
}

std::vector<std::string> Rivals() {
  std::vector<std::string> methods;
  const auto* values = PriorityConfig::Method_descriptor();
  for (int i = 0; i < values->value_count(); ++i) {
    const int method = values->value(i)->number();
    if (method == PriorityConfig::NMT || method == PriorityConfig::SINGLE ||
        method == PriorityConfig::WEIGHTED) {
      continue;
    }
    std::string name = values->value(i)->name();
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    methods.push_back(std::move(name));
  }
  return methods;
}

}  // namespace

Result<std::vector<std::string>> ExpandGroup(const std::string& word, const Job& job) {
  if (word == "diagonal") return Diagonal();
  if (word == "grid") return Grid(job);
  if (word == "rivals") return Rivals();
  if (word != "all") return std::vector<std::string>{word};
  std::vector<std::string> methods = {"single"};
  for (const std::vector<std::string>& part : {Diagonal(), Rivals()}) {
    methods.insert(methods.end(), part.begin(), part.end());
  }
  methods.emplace_back("nmt");
  return methods;
}

}  // namespace primacy
