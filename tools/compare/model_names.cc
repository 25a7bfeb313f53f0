#include "tools/compare/model_names.h"

#include <algorithm>
#include <cctype>

#include "common/base/strings.h"
#include "common/config/job_fields.h"

namespace primacy {

Result<std::vector<ModelConfig::Kind>> ParseModels(const std::string& text) {
  std::vector<ModelConfig::Kind> models;
  if (Trim(text).empty()) return models;
  for (const std::string_view item : Split(text, ',')) {
    std::string name(Trim(item));
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    ModelConfig::Kind kind = ModelConfig::SHARED_BOTTOM;
    if (!ModelConfig::Kind_Parse(name, &kind)) {
      return UsageError("--models: " +
                        UnknownValue("model.kind", name, *ModelConfig::Kind_descriptor()));
    }
    if (std::find(models.begin(), models.end(), kind) != models.end()) {
      return UsageError("--models: " + name + " stands there already");
    }
    models.push_back(kind);
  }
  return models;
}

std::string ModelFolder(ModelConfig::Kind kind) {
  std::string name = ModelConfig::Kind_Name(kind);
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

std::string ModelTitle(ModelConfig::Kind kind) {
  switch (kind) {
    case ModelConfig::SHARED_BOTTOM:
      return "shared bottom";
    case ModelConfig::OMOE:
      return "OMoE";
    case ModelConfig::MMOE:
      return "MMoE";
    default:
      return ModelConfig::Kind_Name(kind);
  }
}

}  // namespace primacy
