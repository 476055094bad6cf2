#include "clients/cli/procedure_files.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "clients/cli/values.h"
#include "clients/cli/yaml.h"

namespace duban::cli {

std::optional<std::vector<v1::ProcedureFile>> ReadProcedureFiles(const Console& console,
                                                                 const std::vector<std::string>& paths) {
  std::vector<v1::ProcedureFile> files;
  for (const std::string& path : paths) {
    auto text = ReadFile(path);
    if (!text) {
      console.Remark(absl::StrCat("读不了文件 ", path, "。"), absl::StrCat("Cannot read the file ", path, "."));
      return std::nullopt;
    }
    files.emplace_back().set_path(path);
    files.back().set_text(std::move(*text));
  }
  return files;
}

std::optional<std::vector<v1::ProcedureFile>> ReadWithFolder(const Console& console,
                                                             const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::vector<std::string> all = paths;
  std::error_code error;
  const fs::path folder = fs::path(paths.front()).parent_path();
  for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, error)) {
    const bool known = std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
      std::error_code ignored;
      return fs::equivalent(path, entry.path(), ignored);
    });
    if (!known && entry.path().extension() == ".yaml") all.push_back(entry.path().string());
  }
  std::sort(all.begin() + static_cast<std::ptrdiff_t>(paths.size()), all.end());
  return ReadProcedureFiles(console, all);
}

std::string ProcedureIn(const v1::ProcedureFile& file) { return ParseYaml(file.text()).root.Get("procedure"); }

std::string PlanIn(const v1::ProcedureFile& file) {
  return ProcedureIn(file).empty() ? ParseYaml(file.text()).root.Get("plan") : "";
}

int PrintFinding(const Console& console, const v1::ProcedureFinding& finding) {
  console.Print(absl::StrCat(finding.path(), ":", finding.line(), ":", finding.column(), ": ",
                             finding.warning() ? console.Word("提示 ", "warning ") : console.Word("错误 ", "error "),
                             finding.rule(), ": ", finding.message().zh()));
  if (!finding.message().en().empty()) console.Print(absl::StrCat("    ", finding.message().en()));
  return finding.warning() ? 0 : 1;
}

}  // namespace duban::cli
