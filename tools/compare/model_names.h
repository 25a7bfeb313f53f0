// The architectures that a comparison trains.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"

namespace primacy {

// "SHARED_BOTTOM,ple" as values of model.kind; empty for an empty text. Usage errors name the
// model.
Result<std::vector<ModelConfig::Kind>> ParseModels(const std::string& text);

// As a folder's name: "shared_bottom".
std::string ModelFolder(ModelConfig::Kind kind);
// As people write it: "shared bottom", "MMoE".
std::string ModelTitle(ModelConfig::Kind kind);

}  // namespace primacy
