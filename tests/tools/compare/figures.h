// Comparisons made by hand.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/comparison.h"

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

// `model`, its indices set.
inline ModelComparison ModelOf(std::vector<MethodFigures> methods) {
  ModelComparison model;
  model.model = "MMoE";
  model.folder = "mmoe";
  model.methods = std::move(methods);
  for (size_t m = 0; m < model.methods.size(); ++m) {
    const int index = static_cast<int>(m);
    if (model.methods[m].kind == Method::Kind::kSingle) model.single = index;
    if (model.methods[m].kind == Method::Kind::kNmt) model.nmt = index;
  }
  model.chosen = ChooseWeighting(model, 0.002);
  return model;
}

inline Comparison CompareFigures(std::vector<MethodFigures> methods) {
  Comparison comparison;
  comparison.job = "news feed";
  comparison.tasks = {"like", "click"};
  for (size_t i = 0; i < methods[0].tasks[0].test.size(); ++i) comparison.seeds.push_back(i + 1);
  comparison.models = {ModelOf(std::move(methods))};
  return comparison;
}

// One stage alone, one under a constraint, two seeds of different length.
inline std::vector<StageCurves> SampleCurves() {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  StageCurves first, second;
  first.name = "like";
  first.tasks = {
      {"like", false, {{}, {}}, {{{0.5, 0.4}, {1, 0.3}}, {{0.5, 0.42}}}, {kNone, kNone}}};
  first.chosen_pass = {1, 0.5};
  second.name = "click";
  second.tasks = {
      {"like",
       true,
       {{{0.5, 2}, {1, 3}}, {{0.5, 4}, {1, 5}}},
       {{{0.5, 0.5}, {1, 0.31}}, {{0.5, 0.45}, {1, 0.33}}},
       {0.3, 0.32}},
      {"click", false, {{}, {}}, {{{0.5, 0.6}, {1, 0.5}}, {{0.5, 0.6}, {1, 0.5}}}, {kNone, kNone}}};
  second.chosen_pass = {1, 1};
  return {first, second};
}

}  // namespace primacy::testing_support
