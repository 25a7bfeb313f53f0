// Comparisons made by hand.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/compare.h"

namespace primacy::testing_support {

// Two tasks; the same figures on hold-out and test. `first` and `second` have one AUC per seed.
inline MethodFigures Figures(const std::string& name, Method::Kind kind, std::vector<double> first,
                             std::vector<double> second) {
  MethodFigures figures;
  figures.name = name;
  figures.kind = kind;
  figures.row_passes.assign(first.size(), 3.5);
  figures.seconds.assign(first.size(), 12);
  figures.tasks = {{first, first}, {second, second}};
  return figures;
}

inline Comparison CompareFigures(std::vector<MethodFigures> methods) {
  Comparison comparison;
  comparison.tasks = {"like", "click"};
  comparison.methods = std::move(methods);
  for (size_t m = 0; m < comparison.methods.size(); ++m) {
    const int index = static_cast<int>(m);
    if (comparison.methods[m].kind == Method::Kind::kSingle) comparison.single = index;
    if (comparison.methods[m].kind == Method::Kind::kNmt) comparison.nmt = index;
  }
  comparison.chosen = ChooseWeighting(comparison, 0.002);
  return comparison;
}

}  // namespace primacy::testing_support
