// Whether a text is well-formed as XML, as far as what Primacy writes can go wrong.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace primacy::testing_support {

inline bool IsEntity(std::string_view text) {
  for (const char* entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"}) {
    if (text.starts_with(entity)) return true;
  }
  return false;
}

// Every element is closed in order, every & begins an entity, every attribute is in quotes.
inline void ExpectWellFormed(const std::string& text) {
  std::vector<std::string> open;
  size_t at = text.starts_with("<!DOCTYPE html>") ? text.find('\n') : 0;
  while (at < text.size()) {
    const std::string_view rest = std::string_view(text).substr(at);
    if (text[at] == '&') {
      EXPECT_TRUE(IsEntity(rest)) << rest.substr(0, 20);
    }
    if (text[at] != '<') {
      ++at;
      continue;
    }
    const size_t end = text.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = text.substr(at + 1, end - at - 1);
    EXPECT_EQ(tag.find('<'), std::string::npos) << tag;
    EXPECT_EQ(std::count(tag.begin(), tag.end(), '"') % 2, 0) << tag;
    const std::string name = tag.substr(0, tag.find(' '));
    if (tag.front() == '/') {
      ASSERT_FALSE(open.empty()) << tag;
      EXPECT_EQ(open.back(), tag.substr(1));
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    at = end + 1;
  }
  EXPECT_TRUE(open.empty()) << open.back();
}

// Nothing is fetched from anywhere: no address but the name of SVG's namespace, no script.
inline void ExpectSelfContained(std::string text) {
  const std::string name = "xmlns=\"http://www.w3.org/2000/svg\"";
  for (size_t at = text.find(name); at != std::string::npos; at = text.find(name)) {
    text.erase(at, name.size());
  }
  for (const char* outside : {"http:", "https:", "src=", "<script", "<link", "@import", "//"}) {
    EXPECT_EQ(text.find(outside), std::string::npos) << outside;
  }
  for (const char* inside : {"href=\"", "url("}) {
    for (size_t at = text.find(inside); at != std::string::npos; at = text.find(inside, at + 1)) {
      EXPECT_EQ(text[at + std::string_view(inside).size()], '#') << text.substr(at, 40);
    }
  }
}

}  // namespace primacy::testing_support
