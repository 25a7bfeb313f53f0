#include "tools/bench/record.h"

#include <glog/logging.h>

#include "common/base/json.h"
#include "common/base/strings.h"

namespace primacy {

double NumberOf(const BenchRecord& record, const std::string& name) {
  for (const auto& [known, value] : record.numbers) {
    if (known == name) return value;
  }
  LOG(FATAL) << "a record without " << name;
}

std::string BenchJson(const BenchRecord& record) {
  JsonWriter json;
  json.BeginObject().Field("name", record.name);
  for (const auto& [name, value] : record.labels) json.Field(name, value);
  for (const auto& [name, value] : record.numbers) json.Field(name, value);
  json.EndObject();
  return json.Take();
}

std::string BenchText(const BenchRecord& record) {
  std::string line = record.name;
  for (const auto& [name, value] : record.labels) line += " " + value;
  line += ":";
  for (const auto& [name, value] : record.numbers) {
    line += value >= 1000
                ? Format(" %s %s", name.c_str(), WithCommas(static_cast<uint64_t>(value)).c_str())
                : Format(" %s %.4g", name.c_str(), value);
  }
  return line;
}

}  // namespace primacy
