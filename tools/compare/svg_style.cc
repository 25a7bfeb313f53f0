// The palettes and the style sheet of all pictures.
#include <array>

#include "common/base/strings.h"
#include "tools/compare/svg.h"

namespace primacy {
namespace {

struct Colour {
  const char* name;
  const char* light;
  const char* dark;
};

// The tasks' hues are those of Okabe and Ito (2008), which the colour-blind can tell apart, lighter
// in the dark.
constexpr std::array<Colour, 17> kColours = {{
    {"ink", "#1c2330", "#e8ecf3"},
    {"soft", "#5b6678", "#a3aec0"},
    {"rule", "#d9dee7", "#39424f"},
    {"hair", "#eef1f5", "#262d37"},
    {"paper", "#ffffff", "#14181e"},
    {"card", "#f6f8fb", "#1b2129"},
    {"nmt", "#c2183c", "#ff7088"},
    {"nmt-wash", "#fdeef1", "#33191f"},
    {"rival", "#2f6db3", "#79aef0"},
    {"weighted", "#8b95a5", "#8c97a8"},
    {"good", "#1c7c4a", "#62cf98"},
    {"task-0", "#0072b2", "#56b4e9"},
    {"task-1", "#d55e00", "#ff9a4d"},
    {"task-2", "#009e73", "#3fd6a8"},
    {"task-3", "#b5508c", "#e69bc8"},
    {"task-4", "#a87900", "#f0c64a"},
    {"task-5", "#6a51a3", "#b9a3e8"},
}};
constexpr size_t kTaskColours = 6;

// $name is a colour.
constexpr char kRules[] = R"(
svg text{font-family:system-ui,"DejaVu Sans",sans-serif;font-size:12px;fill:$ink;stroke:none}
svg .small{font-size:11px;fill:$soft}
svg .strong{font-weight:600}
svg .title{font-size:13px;font-weight:600}
svg .grid{stroke:$hair;stroke-width:1}
svg .axis{stroke:$rule;stroke-width:1;fill:none}
svg .leader{stroke:$soft;stroke-width:.6;opacity:.7}
svg .reference{stroke:$ink;stroke-width:1;stroke-dasharray:4 3;opacity:.65}
svg .lost{fill:$soft;opacity:.07}
svg .alone{fill:$ink;stroke:$paper;stroke-width:1}
svg .nmt{fill:$nmt;stroke:$paper;stroke-width:1}
svg .nmt-text{fill:$nmt;font-weight:700}
svg .nmt-bar{stroke:$nmt;stroke-width:1.6}
svg .rival{fill:$rival;stroke:$paper;stroke-width:.8}
svg .rival-text{fill:$rival;font-size:11px}
svg .rival-bar{stroke:$rival;stroke-width:1;opacity:.45}
svg .weighted{fill:$weighted;stroke:$paper;stroke-width:.8}
svg .weighted-text{fill:$soft;font-size:11px}
svg .weighted-bar{stroke:$weighted;stroke-width:1;opacity:.5}
svg .alone-bar{stroke:$ink;stroke-width:1}
svg .chosen{fill:none;stroke:$ink;stroke-width:1.6}
svg .name{paint-order:stroke;stroke:$paper;stroke-width:3px;stroke-linejoin:round}
svg .mean{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
svg .seed{fill:none;stroke-width:1;opacity:.28;stroke-linejoin:round}
svg .dot{stroke:none;opacity:.75}
)";

std::string Palette(bool dark) {
  std::string text;
  for (const Colour& colour : kColours) {
    text += Format("--%s:%s;", colour.name, dark ? colour.dark : colour.light);
  }
  return text;
}

// The rules with `colour` of each name in place of $name.
template <typename ColourOf>
std::string Rules(const ColourOf& colour_of) {
  std::string rules = kRules;
  for (size_t task = 0; task < kTaskColours; ++task) {
    const std::string name = TaskStyle(task);
    rules += "svg ." + name + ".mean,svg ." + name + ".seed{stroke:$" + name + "}\n";
    rules += "svg ." + name + ".dot{fill:$" + name + "}\n";
  }
  // A longer name first where another is its beginning.
  for (auto colour = kColours.rbegin(); colour != kColours.rend(); ++colour) {
    const std::string mark = std::string("$") + colour->name;
    for (size_t at = rules.find(mark); at != std::string::npos; at = rules.find(mark, at)) {
      rules.replace(at, mark.size(), colour_of(*colour));
    }
  }
  return rules;
}

}  // namespace

std::string TaskStyle(size_t task) { return "task-" + std::to_string(task % kTaskColours); }

std::string LightPalette() { return Palette(/*dark=*/false); }
std::string DarkPalette() { return Palette(/*dark=*/true); }

std::string SvgStyleForPage() {
  return Rules([](const Colour& colour) { return std::string("var(--") + colour.name + ")"; });
}

std::string StandaloneSvg(const std::string& svg) {
  const std::string style = Rules([](const Colour& colour) { return std::string(colour.light); });
  const size_t begin = svg.find('>') + 1;
  return svg.substr(0, begin) + "<style>" + style +
         "</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>" + svg.substr(begin);
}

}  // namespace primacy
