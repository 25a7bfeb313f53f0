#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "tests/tidy/rules.h"

namespace primacy::tidy {
namespace {

// What each folder may include besides itself. The order is a topological one: a folder names only
// folders above it here.
struct Layer {
  std::string folder;
  std::vector<std::string> below;
};

const std::vector<Layer>& Layers() {
  static const std::vector<Layer> layers = {
      {"common/base", {}},
      {"common/config", {"common/base"}},
      {"common/protocol", {"common/base", "common/config"}},
      {"common/clicklog", {"common/base", "common/config", "common/protocol"}},
      {"common/cluster", {"common/base", "common/config", "common/protocol"}},
      {"common/transport", {"common/base", "common/config", "common/protocol"}},
      // Heartbeats and control requests of a rank: what both sides of the wire do alike.
      {"common/agent", {"common/base", "common/config", "common/protocol", "common/transport"}},

      {"worker/nn", {"common"}},
      {"worker/data", {"common"}},
      {"worker/metrics", {"common"}},
      {"worker/model", {"common", "worker/nn", "worker/data"}},
      {"worker/client", {"common", "worker/data"}},
      {"worker/trainer",
       {"common", "worker/nn", "worker/data", "worker/metrics", "worker/model", "worker/client"}},
      {"worker", {"common", "worker"}},

      {"ps/optimizer", {"common"}},
      // A file format: tables write themselves into it.
      {"ps/checkpoint", {"common"}},
      {"ps/table", {"common", "ps/optimizer", "ps/checkpoint"}},
      {"ps/priority", {"common", "ps/checkpoint"}},
      {"ps/coordinator", {"common", "ps/priority", "ps/checkpoint"}},
      {"ps/service",
       {"common", "ps/optimizer", "ps/checkpoint", "ps/table", "ps/priority", "ps/coordinator"}},
      {"ps", {"common", "ps"}},

      {"tools", {"common", "worker", "ps", "tools"}},
      {"tests", {"common", "worker", "ps", "tools", "tests"}},
  };
  return layers;
}

bool IsWithin(std::string_view folder, std::string_view root) {
  return folder == root || (folder.starts_with(root) && folder[root.size()] == '/');
}

// The layer of a folder: the longest one it lies in.
const Layer* LayerOf(const std::string& folder) {
  const Layer* found = nullptr;
  for (const Layer& layer : Layers()) {
    if (!IsWithin(folder, layer.folder)) continue;
    if (found == nullptr || layer.folder.size() > found->folder.size()) found = &layer;
  }
  return found;
}

// Whether `folder` is in `layer` or in one that `layer` may include.
bool MayInclude(const Layer& layer, const std::string& folder) {
  const Layer* target = LayerOf(folder);
  if (target == &layer) return true;
  return std::any_of(layer.below.begin(), layer.below.end(),
                     [&](const std::string& below) { return IsWithin(folder, below); });
}

struct Library {
  std::string prefix;              // of the header's path
  std::vector<std::string> homes;  // folders whose files may include it
};

const std::vector<Library>& Libraries() {
  static const std::vector<Library> libraries = {
      {"boost/asio", {"common/transport", "tests/common/transport"}},
      {"boost/beast", {"common/transport", "tests/common/transport"}},
      {"mpi.h", {"common/cluster"}},
      {"oneapi/dnnl", {"worker/nn", "tools/bench", "tests/worker/nn", "tests/bench"}},
      {"dnnl", {"worker/nn", "tools/bench", "tests/worker/nn", "tests/bench"}},
      {"zstd.h", {"common/clicklog"}},
      {"gflags/", {"tools"}},
  };
  return libraries;
}

bool IsMain(const std::string& path) { return path.ends_with("_main.cc"); }

std::string At(const std::string& path, int line) {
  return path + ":" + std::to_string(line) + ": ";
}

}  // namespace

Complaints IncludesDescend(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    if (!IsCpp(path)) continue;
    const Layer* layer = LayerOf(FolderOf(path));
    if (layer == nullptr) {
      complaints.push_back(path + ": its folder has no place among the layers");
      continue;
    }
    for (const Include& include : IncludesOf(text)) {
      if (!include.quoted || MayInclude(*layer, FolderOf(include.path))) continue;
      complaints.push_back(At(path, include.line) + layer->folder + " must not include " +
                           include.path);
    }
  }
  return complaints;
}

Complaints LibrariesStayHome(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    if (!IsCpp(path)) continue;
    for (const Include& include : IncludesOf(text)) {
      for (const Library& library : Libraries()) {
        if (!include.path.starts_with(library.prefix)) continue;
        if (library.prefix == "gflags/" && IsMain(path)) continue;
        const std::string folder = FolderOf(path);
        if (std::any_of(library.homes.begin(), library.homes.end(),
                        [&](const std::string& home) { return IsWithin(folder, home); })) {
          continue;
        }
        complaints.push_back(At(path, include.line) + include.path + " is for " +
                             library.homes.front() + " only");
        break;
      }
    }
  }
  return complaints;
}

Complaints IncludesResolve(const Tree& tree) {
  Complaints complaints;
  constexpr std::string_view kGenerated = ".pb.h";
  for (const auto& [path, text] : tree) {
    if (!IsCpp(path)) continue;
    for (const Include& include : IncludesOf(text)) {
      if (!include.quoted) continue;
      std::string source = include.path;
      if (source.ends_with(kGenerated)) {
        source.replace(source.size() - kGenerated.size(), kGenerated.size(), ".proto");
      }
      if (!tree.contains(source)) {
        complaints.push_back(At(path, include.line) + include.path + " is no file of the project");
      }
    }
  }
  return complaints;
}

}  // namespace primacy::tidy
