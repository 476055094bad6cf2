// The views: which version answers, how far a new one has been built.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/commands.h"

namespace duban::cli {

std::string BuildProgress(const v1::ViewDescription& view) {
  if (view.building() == 0) return "";
  std::string out = absl::StrCat("v", view.building());
  if (view.commits() > 0) absl::StrAppend(&out, " ", 100 * view.built() / view.commits(), "%");
  if (!view.trouble().empty()) absl::StrAppend(&out, "  ", view.trouble());
  return out;
}

int RunViews(Session& session) {
  const Console& console = session.console();
  int code = kExitOk;
  auto listed = session.Call(v1::ListViewsRequest(), &code);
  if (listed == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*listed);
    return kExitOk;
  }
  Table table({console.Say("视图", "view"), console.Say("版本", "version"), console.Say("正在构建", "building"),
               console.Say("筛选条件（* 有索引）", "labels (* indexed)")},
              96);
  for (const v1::ViewDescription& view : listed->views()) {
    std::vector<std::string> labels;
    for (const std::string& label : view.labels()) {
      const bool indexed = std::find(view.indexed().begin(), view.indexed().end(), label) != view.indexed().end();
      labels.push_back(absl::StrCat(label, indexed ? "*" : ""));
    }
    table.Add({view.name(), view.version() == 0 ? "" : absl::StrCat(view.version()), BuildProgress(view),
               absl::StrJoin(labels, " ")});
  }
  console.PrintTable(table);
  return kExitOk;
}

}  // namespace duban::cli
