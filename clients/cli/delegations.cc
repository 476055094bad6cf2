// Delegations (代办): who stands in for whom.
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/commands.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

// Visits every delegation that the caller may see; false, with the exit code, when they cannot be read.
template <typename Each>
bool EachDelegation(Session& session, int* code, Each each) {
  v1::ListDelegationsRequest request;
  while (true) {
    const auto page = session.Call(request, code);
    if (page == nullptr) return false;
    for (int i = 0; i < page->delegations_size(); ++i) each(page->delegations(i), page->holds(i));
    if (page->next_page_token().empty()) return true;
    request.set_page_token(page->next_page_token());
  }
}

int Apply(Session& session, v1::Delegation delegation, const std::string& key) {
  const Console& console = session.console();
  v1::ApplyDirectoryRequest request;
  request.set_idempotency_key(key);
  const std::string name = delegation.name();
  const bool ended = delegation.ended();
  *request.add_delegations() = std::move(delegation);
  int code = kExitOk;
  const auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
  } else if (answer->changed() == 0) {
    console.Print(console.Say(absl::StrCat("没有变化：", name), absl::StrCat("nothing changed: ", name)));
  } else {
    console.Print(console.Say(absl::StrCat(ended ? "已终止代办：" : "已登记代办：", name),
                              absl::StrCat(ended ? "delegation ended: " : "delegation put: ", name)));
  }
  return kExitOk;
}

}  // namespace

int RunDelegate(Session& session, const DelegateOptions& options) {
  v1::Delegation delegation;
  int code = kExitOk;
  if (options.from.empty()) {
    const auto me = session.Call(v1::WhoAmIRequest(), &code);
    if (me == nullptr) return code;
    delegation.set_from(me->person().name());
  } else if (!session.ReadPerson(options.from, delegation.mutable_from())) {
    return kExitUsage;
  }
  if (!session.ReadPerson(options.to, delegation.mutable_to())) return kExitUsage;
  for (const std::string& text : options.posts) {
    const ReadValue post = ReadReference(text, "post", session.names());
    if (!post.ok()) {
      session.console().Remark(post.fault);
      return kExitUsage;
    }
    delegation.add_posts(post.value->reference());
  }
  if (!options.begins.empty() && !session.ReadWhen(options.begins, delegation.mutable_begins_at())) return kExitUsage;
  if (!session.ReadWhen(options.until, delegation.mutable_ends_at(), /*end_of_day=*/true)) return kExitUsage;
  delegation.set_reason(options.reason);
  delegation.set_name(options.name);
  if (options.name.empty()) {
    // Of its content: asked for twice it is the same one, unless that has been ended; and the name tells nothing.
    std::set<std::string> ended;
    const bool read = EachDelegation(session, &code, [&](const v1::Delegation& one, bool) {
      if (one.ended()) ended.insert(one.name());
    });
    if (!read) return code;
    const std::string name = absl::StrCat("delegations/", Digest(delegation.SerializeAsString()).substr(7, 20));
    delegation.set_name(name);
    for (int n = 2; ended.count(delegation.name()) != 0; ++n) delegation.set_name(absl::StrCat(name, "-", n));
  } else if (!absl::StartsWith(options.name, "delegations/")) {
    delegation.set_name(absl::StrCat("delegations/", options.name));
  }
  return Apply(session, std::move(delegation), options.key);
}

int RunEndDelegation(Session& session, const std::string& name, const std::string& key) {
  const std::string full = absl::StartsWith(name, "delegations/") ? name : absl::StrCat("delegations/", name);
  v1::Delegation found;
  int code = kExitOk;
  const bool read = EachDelegation(session, &code, [&](const v1::Delegation& delegation, bool) {
    if (delegation.name() == full) found = delegation;
  });
  if (!read) return code;
  if (found.name().empty()) {
    return session.console().Fail(kExitRefused, absl::StrCat("没有您可以查看的代办 ", full, "。"),
                                  absl::StrCat("There is no delegation ", full, " that you may see."));
  }
  found.set_ended(true);
  return Apply(session, std::move(found), key);
}

int RunDelegations(Session& session) {
  const Console& console = session.console();
  if (session.json()) {
    int code = kExitOk;
    v1::ListDelegationsRequest request;
    while (true) {
      const auto page = session.Call(request, &code);
      if (page == nullptr) return code;
      console.PrintJson(*page);
      if (page->next_page_token().empty()) return kExitOk;
      request.set_page_token(page->next_page_token());
    }
  }
  Table table({console.Say("编号", "id"), console.Say("委托人", "from"), console.Say("受托人", "to"),
               console.Say("岗位", "posts"), console.Say("开始", "begins"), console.Say("截止", "until"),
               console.Say("状态", "state"), console.Say("原因", "reason")});
  int code = kExitOk;
  const bool read = EachDelegation(session, &code, [&](const v1::Delegation& delegation, bool holds) {
    std::vector<std::string> posts;
    for (const std::string& post : delegation.posts()) posts.push_back(session.names().Title(post));
    table.Add({delegation.name(), session.names().Title(delegation.from()), session.names().Title(delegation.to()),
               posts.empty() ? console.Say("全部", "all") : absl::StrJoin(posts, "、"),
               session.Show(delegation.has_begins_at(), delegation.begins_at()),
               session.Show(delegation.has_ends_at(), delegation.ends_at()),
               holds                ? console.Say("有效", "holds")
               : delegation.ended() ? console.Say("已终止", "ended")
                                    : console.Say("不在期内", "does not hold"),
               delegation.reason()});
  });
  if (!read) return code;
  console.PrintTable(table);
  return kExitOk;
}

int PrintActsFor(Session& session, const std::string& person) {
  const Console& console = session.console();
  int code = kExitOk;
  const bool read = EachDelegation(session, &code, [&](const v1::Delegation& delegation, bool holds) {
    if (!holds || delegation.to() != person) return;
    std::vector<std::string> posts;
    for (const std::string& post : delegation.posts()) posts.push_back(session.names().Title(post));
    console.Print(absl::StrCat(console.Word("代办：", "acts for: "), session.names().Title(delegation.from()), "（",
                               posts.empty() ? console.Say("全部岗位", "all posts") : absl::StrJoin(posts, "、"),
                               "），", console.Word("至 ", "until "), session.Show(true, delegation.ends_at())));
  });
  return read ? kExitOk : code;
}

}  // namespace duban::cli
