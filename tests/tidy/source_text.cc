#include "tests/tidy/source_text.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "common/base/atomic_file.h"
#include "common/base/strings.h"

namespace primacy::tidy {
namespace {

constexpr uint64_t kFileBytesMax = 4 << 20;
constexpr std::array<std::string_view, 7> kFolders = {".ci",   "common", "docs",  "ps",
                                                      "tests", "tools",  "worker"};
constexpr std::array<std::string_view, 10> kExtensions = {".cc", ".h",  ".proto", ".txt", ".cmake",
                                                          ".sh", ".py", ".md",    ".job", "/run"};

bool IsText(std::string_view path) {
  return std::any_of(kExtensions.begin(), kExtensions.end(),
                     [&](std::string_view extension) { return HasExtension(path, extension); });
}

Status Add(const std::string& root, const std::filesystem::path& file, Tree& tree) {
  const std::string path = file.lexically_relative(root).generic_string();
  if (!IsText(path)) return Ok();
  PRIMACY_ASSIGN(tree[path], ReadFile(file.string(), kFileBytesMax));
  return Ok();
}

// Position after the literal that begins at `begin` with a quote.
size_t EndOfLiteral(std::string_view text, size_t begin) {
  if (begin > 0 && text[begin] == '"' && text[begin - 1] == 'R') {
    const size_t open = text.find('(', begin);
    std::string closing(text.substr(begin, open - begin));
    closing.front() = ')';
    closing += '"';
    return std::min(text.size(), text.find(closing, begin) + closing.size());
  }
  size_t at = begin + 1;
  while (at < text.size() && text[at] != text[begin] && text[at] != '\n') {
    at += text[at] == '\\' ? 2 : 1;
  }
  return std::min(text.size(), at + 1);
}

// An apostrophe between letters or digits separates digits: 1'000.
bool OpensLiteral(std::string_view text, size_t at) {
  if (text[at] == '"') return true;
  return text[at] == '\'' && (at == 0 || !std::isalnum(static_cast<unsigned char>(text[at - 1])));
}

void Blank(std::string& code, size_t begin, size_t end) {
  for (size_t at = begin; at < std::min(end, code.size()); ++at) {
    if (code[at] != '\n') code[at] = ' ';
  }
}

}  // namespace

Result<Tree> ReadTree(const std::string& root) {
  Tree tree;
  for (std::string_view folder : kFolders) {
    const std::filesystem::path path = std::filesystem::path(root) / folder;
    if (!std::filesystem::exists(path)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) PRIMACY_TRY(Add(root, entry.path(), tree));
    }
  }
  return tree;
}

bool HasExtension(std::string_view path, std::string_view extension) {
  return path.ends_with(extension);
}

bool IsCpp(std::string_view path) { return HasExtension(path, ".cc") || HasExtension(path, ".h"); }

std::string FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
}

std::string CodeOnly(std::string_view text) {
  std::string code(text);
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    if (text.substr(at, 2) == "//") {
      end = std::min(text.size(), text.find('\n', at));
      Blank(code, at, end);
    } else if (text.substr(at, 2) == "/*") {
      end = std::min(text.size(), text.find("*/", at + 2)) + 2;
      Blank(code, at, end);
    } else if (OpensLiteral(text, at)) {
      end = EndOfLiteral(text, at);
      Blank(code, at + 1, end - 1);
    }
    at = end;
  }
  return code;
}

int LineOf(std::string_view text, size_t offset) {
  return static_cast<int>(
             std::count(text.begin(), text.begin() + static_cast<long>(offset), '\n')) +
         1;
}

std::vector<Include> IncludesOf(std::string_view text) {
  std::vector<Include> includes;
  int number = 0;
  for (std::string_view line : Split(text, '\n')) {
    ++number;
    if (!line.starts_with("#include ")) continue;
    line.remove_prefix(9);
    if (line.empty()) continue;
    const size_t end = line.find(line.front() == '<' ? '>' : '"', 1);
    if (end == std::string_view::npos) continue;
    includes.push_back({std::string(line.substr(1, end - 1)), line.front() == '"', number});
  }
  return includes;
}

}  // namespace primacy::tidy
