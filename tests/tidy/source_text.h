// The project's files as text, for rules about them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace primacy::tidy {

// Path from the root of the project, with forward slashes, to content.
using Tree = std::map<std::string, std::string>;

// The text files of the project under `root`: its own folders, without builds.
Result<Tree> ReadTree(const std::string& root);

bool HasExtension(std::string_view path, std::string_view extension);
// C++ sources and headers.
bool IsCpp(std::string_view path);
// "ps/table" of "ps/table/store.h", "" at the root.
std::string FolderOf(std::string_view path);

// `text` with comments and the content of literals blanked out; line breaks stay where they are.
std::string CodeOnly(std::string_view text);

// Line of `offset`, from 1.
int LineOf(std::string_view text, size_t offset);

// What stands in an #include line.
struct Include {
  std::string path;
  bool quoted = false;  // "path", else <path>
  int line = 0;
};
std::vector<Include> IncludesOf(std::string_view text);

}  // namespace primacy::tidy
