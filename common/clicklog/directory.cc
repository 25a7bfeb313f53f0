#include <algorithm>
#include <filesystem>
#include <system_error>

#include "common/base/path_error.h"
#include "common/base/strings.h"
#include "common/clicklog/reader.h"
#include "common/clicklog/schema.h"
#include "common/clicklog/writer.h"

namespace primacy {
namespace {

// part-NNNNN.clog, five digits or more.
bool IsPartName(const std::string& name) {
  constexpr std::string_view kPrefix = "part-";
  constexpr std::string_view kSuffix = ".clog";
  if (name.size() < kPrefix.size() + 5 + kSuffix.size()) return false;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return false;
  const std::string number =
      name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  return number.find_first_not_of("0123456789") == std::string::npos;
}

Result<std::vector<std::string>> PartNames(const std::string& path) {
  std::error_code code;
  std::filesystem::directory_iterator entry(path, code);
  if (code)
    return UsageError(
        Format("cannot open log directory %s: %s", path.c_str(), code.message().c_str()));
  std::vector<std::string> names;
  for (const std::filesystem::directory_iterator end; entry != end; entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (IsPartName(name)) names.push_back(name);
    if (code) break;
  }
  if (code) return PathError("list", path, code);
  if (names.empty()) return UsageError("no part-NNNNN.clog in log directory " + path);
  // Longer numbers are larger ones.
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  for (size_t p = 0; p < names.size(); ++p) {
    if (names[p] == PartName(static_cast<int>(p))) continue;
    return UsageError(Format("log directory %s: %s is missing, the next part there is %s",
                             path.c_str(), PartName(static_cast<int>(p)).c_str(),
                             names[p].c_str()));
  }
  return names;
}

}  // namespace

Result<std::unique_ptr<LogDirectory>> LogDirectory::Open(const std::string& path) {
  PRIMACY_ASSIGN(const std::vector<std::string> names, PartNames(path));
  auto directory = std::unique_ptr<LogDirectory>(new LogDirectory);
  for (const std::string& name : names) {
    PRIMACY_ASSIGN(std::unique_ptr<LogPartReader> part,
                   LogPartReader::Open((std::filesystem::path(path) / name).string()));
    if (!directory->parts_.empty()) {
      const std::string difference = SchemaDifference(directory->schema(), part->schema());
      if (!difference.empty()) {
        return UsageError(Format("%s: its schema differs from that of %s: %s", part->path().c_str(),
                                 directory->parts_.front()->path().c_str(), difference.c_str()));
      }
    }
    const uint32_t number = static_cast<uint32_t>(directory->parts_.size());
    for (uint32_t b = 0; b < part->block_count(); ++b) {
      directory->blocks_.push_back({number, b, part->block_rows(b)});
    }
    directory->rows_ += part->rows();
    directory->parts_.push_back(std::move(part));
  }
  return directory;
}

uint64_t LogDirectory::file_bytes() const {
  uint64_t total = 0;
  for (const std::unique_ptr<LogPartReader>& part : parts_) total += part->file_bytes();
  return total;
}

Result<LogBlock> LogDirectory::ReadBlock(uint32_t block) const {
  CHECK_LT(block, blocks_.size());
  return parts_[blocks_[block].part]->ReadBlock(blocks_[block].block);
}

}  // namespace primacy
