#include <array>
#include <regex>

#include "common/base/strings.h"
#include "tests/tidy/rules.h"

namespace primacy::tidy {
namespace {

// In two halves, so that this file is clean of them.
const std::regex& LeftOverMark() {
  static const std::regex mark(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X|HA"
      "CK)\\b");
  return mark;
}

struct Statement {
  size_t offset = 0;
  std::string_view text;
};

// What stands between semicolons and braces.
std::vector<Statement> StatementsOf(std::string_view code) {
  std::vector<Statement> statements;
  size_t begin = 0;
  for (size_t at = 0; at < code.size(); ++at) {
    if (code[at] != ';' && code[at] != '{' && code[at] != '}') continue;
    statements.push_back({begin, code.substr(begin, at - begin)});
    begin = at + 1;
  }
  return statements;
}

// What stands in the first pair of parentheses.
std::string_view ParametersOf(std::string_view statement) {
  const size_t open = statement.find('(');
  if (open == std::string_view::npos) return {};
  int depth = 0;
  for (size_t at = open; at < statement.size(); ++at) {
    depth += statement[at] == '(' ? 1 : statement[at] == ')' ? -1 : 0;
    if (depth == 0) return statement.substr(open + 1, at - open - 1);
  }
  return {};
}

bool HasWord(std::string_view text, const char* word) {
  const std::regex pattern("\\b" + std::string(word) + "\\b");
  return std::regex_search(text.begin(), text.end(), pattern);
}

}  // namespace

Complaints NothingIsLeftOver(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    int number = 0;
    for (std::string_view line : Split(text, '\n')) {
      ++number;
      if (!std::regex_search(line.begin(), line.end(), LeftOverMark())) continue;
      complaints.push_back(path + ":" + std::to_string(number) + ": " + std::string(Trim(line)));
    }
  }
  return complaints;
}

Complaints VirtualFunctionsHaveNoDefaults(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    if (!IsCpp(path)) continue;
    const std::string code = CodeOnly(text);
    for (const Statement& statement : StatementsOf(code)) {
      if (statement.text.find('=') == std::string_view::npos) continue;
      if (!HasWord(statement.text, "virtual") && !HasWord(statement.text, "override")) continue;
      if (ParametersOf(statement.text).find('=') == std::string_view::npos) continue;
      const size_t open = statement.offset + statement.text.find('(');
      complaints.push_back(path + ":" + std::to_string(LineOf(code, open)) +
                           ": a virtual function has a default argument");
    }
  }
  return complaints;
}

Complaints HeadersAreGuarded(const Tree& tree) {
  Complaints complaints;
  for (const auto& [path, text] : tree) {
    if (!HasExtension(path, ".h")) continue;
    if (CodeOnly(text).find("#pragma once") == std::string::npos) {
      complaints.push_back(path + ": #pragma once is missing");
    }
  }
  return complaints;
}

}  // namespace primacy::tidy
