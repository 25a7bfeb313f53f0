// The comparison as one page that needs nothing else: styles and pictures are in it, and it has no
// script.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/comparison.h"

namespace primacy {

// The pictures of one model as SVG; empty where there is nothing to draw.
struct ModelPictures {
  std::string pareto;
  std::string lambda;
  std::string loss;
};
ModelPictures DrawModel(const Comparison& comparison, const ModelComparison& model);

// `pictures`: one for each model of the comparison. HTML 5 that is well-formed XML too.
std::string ComparisonPage(const Comparison& comparison,
                           const std::vector<ModelPictures>& pictures);

// The page's style sheet.
std::string PageStyle();

}  // namespace primacy
