#include "tests/scenarios/world.h"

#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/values.h"
#include "clients/cli/yaml.h"
#include "duban/v1/directory_service.pb.h"

namespace duban::scenarios {
namespace {

constexpr char kOperator[] = "persons/operator";

std::string Under(const std::string& path) { return absl::StrCat(DUBAN_SOURCE_DIR, "/", path); }

std::string ReadWhole(const std::string& path) {
  std::optional<std::string> text = cli::ReadFile(path);
  if (!text.has_value()) throw Wrong{absl::StrCat("读不了文件 ", path)};
  return *text;
}

}  // namespace

World::World(const std::string& start) : server_({"--virtual-clock", start}) {
  for (const char* folder : {"procedures", "tests/scenarios/data"}) {
    if (!std::filesystem::exists(Under(folder))) continue;
    for (const auto& entry : std::filesystem::directory_iterator(Under(folder))) {
      if (entry.path().extension() != ".yaml") continue;
      const std::string text = ReadWhole(entry.path());
      const std::string name = cli::ParseYaml(text).root.Get("procedure");
      if (!name.empty()) {
        files_[name] = entry.path();
      } else if (folder == std::string("procedures")) {
        shared_.push_back(entry.path());
      }
    }
  }
  std::vector<std::string> shared;
  for (const std::string& path : shared_) shared.push_back(ReadWhole(path));
  for (const auto& [name, path] : files_) words_[name] = cli::ScanProcedure(ReadWhole(path), shared);
  v1::Person op;
  op.set_name(kOperator);
  op.set_title("系统管理员");
  names_.Add(op);
}

void World::PublishCalendar(const std::string& path) { MustDuban(kOperator, {"calendar", "publish", Under(path)}); }

void World::ApplyDirectory(const std::string& path) {
  MustDuban(kOperator, {"directory", "apply", Under(path)});
  v1::ApplyDirectoryRequest directory;
  const std::string json = cli::ToJson(cli::ParseYaml(ReadWhole(Under(path))).root);
  google::protobuf::util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(json, &directory, lenient).ok()) throw Wrong{"名录读不懂"};
  std::set<std::string> heads;
  for (const v1::Unit& unit : directory.units()) {
    names_.Add(unit);
    heads.insert(unit.head());
  }
  for (const v1::Person& person : directory.persons()) names_.Add(person);
  for (const v1::Post& post : directory.posts()) {
    names_.Add(post);
    if (post.holders().empty() || post.rights_size() > 0 || heads.count(post.name()) > 0) continue;
    clerks_.try_emplace(post.unit(), post.holders(0));
  }
}

void World::PublishProcedures(const std::vector<std::string>& titles) {
  std::vector<std::string> command = {"procedure", "publish"};
  command.insert(command.end(), shared_.begin(), shared_.end());
  for (const std::string& title : titles) command.push_back(files_.at(Words(title).name));
  MustDuban(kOperator, command);
}

void World::AdvanceTo(const std::string& local_time) { MustDuban(kOperator, {"clock", "advance", local_time}); }

std::vector<std::string> World::Command(const std::string& person, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {e2e::DubanPath(), "--server", server_.target(), "--token-file",
                                      TokenFile(PersonNamed(person))};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

void World::StopServer() {
  if (const int code = server_.Stop(); code != 0) throw Wrong{absl::StrCat("服务器停得不正常：", code)};
}

void World::StartServer() { server_.Start(/*same_port=*/true); }

e2e::Ran World::Duban(const std::string& person, const std::vector<std::string>& arguments) {
  return e2e::Run(Command(person, arguments), /*seconds=*/120);
}

std::string World::MustDuban(const std::string& person, const std::vector<std::string>& arguments) {
  const e2e::Ran ran = Duban(person, arguments);
  if (ran.code != 0) throw Wrong{absl::StrCat("duban ", absl::StrJoin(arguments, " "), "：\n", ran.output)};
  return ran.output;
}

client::Client& World::As(const std::string& title) {
  const std::string person = PersonNamed(title);
  std::unique_ptr<client::Client>& held = clients_[person];
  if (held == nullptr) {
    std::string token = ReadWhole(TokenFile(person));
    while (!token.empty() && token.back() == '\n') token.pop_back();
    held = server_.Connect(token);
  }
  return *held;
}

const cli::ProcedureWords& World::Words(const std::string& procedure) const {
  for (const auto& [name, words] : words_) {
    if (name == procedure || words.title.zh() == procedure) return words;
  }
  throw Wrong{absl::StrCat("没有规程“", procedure, "”")};
}

std::string World::ClerkOf(const std::string& unit) const {
  const auto clerk = clerks_.find(unit);
  if (clerk == clerks_.end()) throw Wrong{absl::StrCat(names_.Title(unit), "没有经办岗位")};
  return clerk->second;
}

std::string World::OwnFile(const std::string& name) const { return absl::StrCat(server_.data(), "-", name); }

std::string World::Case(const std::string& alias) const {
  const auto named = cases_.find(alias);
  return named == cases_.end() ? alias : named->second;
}

std::string World::PersonNamed(const std::string& title) const {
  if (title.rfind("persons/", 0) == 0) return title;
  const std::vector<std::string> found = names_.Find(title, "person");
  if (found.size() != 1) throw Wrong{absl::StrCat("名录里没有（或不止一个）“", title, "”")};
  return found[0];
}

std::string World::TokenFile(const std::string& person) {
  if (person == kOperator) return server_.data() + "/operator.token";
  std::string& path = token_files_[person];
  if (path.empty()) {
    path = absl::StrCat(server_.data(), "-", token_files_.size(), ".token");
    MustDuban(kOperator, {"token", person, "--out", path});
  }
  return path;
}

}  // namespace duban::scenarios
