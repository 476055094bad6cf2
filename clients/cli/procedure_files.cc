#include "clients/cli/procedure_files.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/utf8.h"
#include "clients/cli/values.h"
#include "clients/cli/yaml.h"

namespace duban::cli {

std::optional<std::vector<v1::ProcedureFile>> ReadProcedureFiles(const Console& console,
                                                                 const std::vector<std::string>& paths) {
  std::vector<v1::ProcedureFile> files;
  for (const std::string& path : paths) {
    auto text = ReadTextFile(console, path);
    if (!text) return std::nullopt;
    files.emplace_back().set_path(path);
    files.back().set_text(std::move(*text));
  }
  return files;
}

namespace {

// Whether it is a file of a set; a folder may hold plans, directories and mappings beside.
bool IsOfSet(const std::string& text) {
  const YamlFile yaml = ParseYaml(text);
  if (!yaml.ok) return true;  // Its findings say why.
  for (const char* key :
       {"procedure", "codes", "ladders", "lights", "registers", "templates", "metrics", "scoreboards", "reports"}) {
    if (yaml.root.Find(key) != nullptr && yaml.root.Find("kind") == nullptr && yaml.root.Find("plan") == nullptr)
      return true;
  }
  return false;
}

// The other files of the first one's folder that could be published with it, by path.
std::vector<v1::ProcedureFile> Neighbours(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::vector<v1::ProcedureFile> out;
  std::error_code error;
  const fs::path folder = fs::path(paths.front()).parent_path();
  for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, error)) {
    const bool known = std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
      std::error_code ignored;
      return fs::equivalent(path, entry.path(), ignored);
    });
    if (known || entry.path().extension() != ".yaml") continue;
    const auto text = ReadFile(entry.path().string());
    if (!text || FirstBrokenByte(*text) || !IsOfSet(*text)) continue;
    out.emplace_back().set_path(entry.path().string());
    out.back().set_text(*text);
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.path() < b.path(); });
  return out;
}

}  // namespace

std::vector<v1::ProcedureFinding> LeanOnFolder(const std::vector<std::string>& paths, const FindingsOf& findings_of,
                                               std::vector<v1::ProcedureFile>* files) {
  std::vector<v1::ProcedureFinding> alone = findings_of(*files);
  const auto wrong = [](const v1::ProcedureFinding& finding) { return !finding.warning(); };
  if (std::none_of(alone.begin(), alone.end(), wrong)) return alone;
  std::vector<v1::ProcedureFile> all = *files;
  for (v1::ProcedureFile& file : Neighbours(paths)) all.push_back(std::move(file));
  // What is wrong with a neighbour keeps nothing from leaning on the others.
  std::vector<v1::ProcedureFinding> of_neighbours;
  while (true) {
    std::vector<v1::ProcedureFinding> own;
    std::set<std::string> faulty;
    for (v1::ProcedureFinding& finding : findings_of(all)) {
      if (std::find(paths.begin(), paths.end(), finding.path()) != paths.end()) {
        own.push_back(std::move(finding));
      } else if (wrong(finding)) {
        faulty.insert(finding.path());
        of_neighbours.push_back(std::move(finding));
      }
    }
    if (!faulty.empty()) {
      all.erase(std::remove_if(all.begin(), all.end(),
                               [&](const v1::ProcedureFile& file) { return faulty.count(file.path()) > 0; }),
                all.end());
      continue;
    }
    if (std::any_of(own.begin(), own.end(), wrong)) {
      // Perhaps it lacks just what a faulty neighbour would have given.
      const bool lacks = std::any_of(own.begin(), own.end(), [](const v1::ProcedureFinding& finding) {
        return absl::StartsWith(finding.rule(), "UNDECLARED_");
      });
      if (lacks) own.insert(own.end(), of_neighbours.begin(), of_neighbours.end());
      return own;
    }
    *files = std::move(all);
    return own;
  }
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
