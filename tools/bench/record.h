// What a bench says: named numbers on one line.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace primacy {

// One measurement: a name, what it was done on, and numbers in the order in which they are shown.
struct BenchRecord {
  std::string name;                                         // "step"
  std::vector<std::pair<std::string, std::string>> labels;  // arrangement, model
  std::vector<std::pair<std::string, double>> numbers;  // unit in the name: rows_per_s, ms_gather
};

// Of that name, which the record must have.
double NumberOf(const BenchRecord& record, const std::string& name);

// One line: a JSON object, or text for a person.
std::string BenchJson(const BenchRecord& record);
std::string BenchText(const BenchRecord& record);

}  // namespace primacy
