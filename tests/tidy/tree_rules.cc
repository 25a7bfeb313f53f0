#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "tests/tidy/rules.h"

namespace primacy::tidy {
namespace {

constexpr int kLinesMax = 500;

// Longer ones, each for a reason.
const std::set<std::string>& LongFiles() {
  static const std::set<std::string> files = {};
  return files;
}

// Whether `name` stands in `text` as a word of its own.
bool Names(const std::string& text, const std::string& name) {
  const auto is_part = [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '.';
  };
  for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const size_t end = at + name.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) {
      return true;
    }
  }
  return false;
}

std::string ReplaceAll(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// The commands of a CMakeLists.txt: without comments, and with each foreach(VARIABLE ITEM ...)
// written out.
std::string Commands(const std::string& text) {
  static const std::regex comment("#[^\n]*");
  static const std::regex loop(R"(foreach\s*\(\s*(\w+)([^)]*)\)([\s\S]*?)endforeach\s*\(\s*\))");
  std::string commands = std::regex_replace(text, comment, "");
  for (std::smatch found; std::regex_search(commands, found, loop);) {
    std::string bodies;
    std::istringstream items(found[2].str());
    for (std::string item; items >> item;) {
      bodies += ReplaceAll(found[3], "${" + found[1].str() + "}", item);
    }
    commands = found.prefix().str() + bodies + found.suffix().str();
  }
  return commands;
}

}  // namespace

Complaints SourcesAreBuilt(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    if (!HasExtension(path, ".cc")) continue;
    bool built = false;
    // By the list of its folder, or of one above, as a path from there.
    for (std::string folder = FolderOf(path); !built && !folder.empty();
         folder = FolderOf(folder)) {
      const auto list = tree.find(folder + "/CMakeLists.txt");
      built = list != tree.end() && Names(Commands(list->second), path.substr(folder.size() + 1));
    }
    if (!built) complaints.push_back(path + ": no CMakeLists.txt names it");
  }
  return complaints;
}

Complaints TestsAreRegistered(const Tree& tree) {
  Complaints complaints;
  static const std::regex call(R"((primacy_test|add_executable)\s*\(([^)]*)\))");
  for (const auto& [path, text] : tree) {
    if (!path.ends_with("_test.cc")) continue;
    if (!path.starts_with("tests/")) {
      complaints.push_back(path + ": tests belong under tests/");
      continue;
    }
    const auto list = tree.find(FolderOf(path) + "/CMakeLists.txt");
    const std::string commands = list == tree.end() ? "" : Commands(list->second);
    const std::string name = path.substr(FolderOf(path).size() + 1);
    bool registered = false;
    for (std::sregex_iterator at(commands.begin(), commands.end(), call), end; at != end; ++at) {
      // A program of its own runs once something hands it to add_test.
      const bool run =
          (*at)[1] == "primacy_test" || commands.find("add_test(") != std::string::npos;
      registered = registered || (run && Names((*at)[2], name));
    }
    if (!registered) complaints.push_back(path + ": no test of its CMakeLists.txt runs it");
  }
  return complaints;
}

Complaints FilesAreShort(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    if (!IsCpp(path) || LongFiles().contains(path)) continue;
    const auto lines = std::count(text.begin(), text.end(), '\n');
    if (lines <= kLinesMax) continue;
    complaints.push_back(path + ": " + std::to_string(lines) + " lines, more than " +
                         std::to_string(kLinesMax));
  }
  return complaints;
}

}  // namespace primacy::tidy
