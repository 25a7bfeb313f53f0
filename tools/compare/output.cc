#include "tools/compare/output.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include "common/base/atomic_file.h"
#include "tools/compare/comparison_json.h"
#include "tools/compare/page.h"
#include "tools/compare/svg.h"
#include "tools/compare/table.h"
#include "tools/launch/child_process.h"

namespace primacy {
namespace {

constexpr char kRasteriser[] = "rsvg-convert";

Status WritePictures(const std::string& folder, const std::string& model,
                     const ModelPictures& pictures, std::vector<std::string>& svgs) {
  struct Named {
    const char* name;
    const std::string& svg;
  };
  for (const Named& picture : {Named{"pareto", pictures.pareto}, Named{"lambda", pictures.lambda},
                               Named{"loss", pictures.loss}}) {
    if (picture.svg.empty()) continue;
    svgs.push_back(folder + "/" + model + "-" + picture.name + ".svg");
    PRIMACY_TRY(WriteFileAtomically(svgs.back(), StandaloneSvg(picture.svg)));
  }
  return Ok();
}

// One after the other: each takes a blink.
Status Rasterise(const std::string& program, const std::vector<std::string>& svgs,
                 const std::string& log) {
  for (const std::string& svg : svgs) {
    const std::string png = std::filesystem::path(svg).replace_extension(".png");
    ChildCommand command;
    command.arguments = {program, "--zoom=2", "--output=" + png, svg};
    command.output_file = log;
    PRIMACY_ASSIGN(const auto child, ChildProcess::Start(command));
    std::optional<int> exit_code = child->Poll();
    for (; !exit_code.has_value(); exit_code = child->Poll()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    if (*exit_code != 0) return Failure(program + " could not draw " + svg + ": see " + log);
  }
  std::error_code ignored;
  std::filesystem::remove(log, ignored);
  return Ok();
}

}  // namespace

Result<std::string> WriteComparison(const Comparison& comparison, const std::string& directory) {
  const std::string folder = directory + "/plots";
  PRIMACY_TRY(MakeDirectories(folder));
  std::vector<ModelPictures> pictures;
  std::vector<std::string> svgs;
  for (const ModelComparison& model : comparison.models) {
    pictures.push_back(DrawModel(comparison, model));
    PRIMACY_TRY(WritePictures(folder, model.folder, pictures.back(), svgs));
  }
  PRIMACY_TRY(WriteFileAtomically(directory + "/compare.txt", ComparisonTable(comparison)));
  PRIMACY_TRY(WriteFileAtomically(directory + "/compare.json", ComparisonJson(comparison)));
  PRIMACY_TRY(
      WriteFileAtomically(directory + "/compare.html", ComparisonPage(comparison, pictures)));
  const std::optional<std::string> program = FindProgram(kRasteriser);
  if (!program.has_value()) {
    return std::string("no PNGs beside the SVGs: ") + kRasteriser +
           " is not installed (Debian: librsvg2-bin)";
  }
  PRIMACY_TRY(Rasterise(*program, svgs, folder + "/" + kRasteriser + ".log"));
  return std::string();
}

}  // namespace primacy
