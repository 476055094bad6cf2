#include "clients/cli/values.h"

#include <openssl/sha.h>

#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "clients/cli/dates.h"
#include "clients/cli/utf8.h"

namespace duban::cli {
namespace {

ReadValue Wrong(std::string zh, std::string en) { return {std::nullopt, Both(std::move(zh), std::move(en))}; }

ReadValue Right(v1::Value value) { return {std::move(value), {}}; }

bool IsDecimal(absl::string_view text) {
  absl::ConsumePrefix(&text, "-");
  size_t digits = 0, points = 0;
  for (char c : text) {
    if (absl::ascii_isdigit(c)) {
      ++digits;
    } else if (c == '.' && digits > 0) {
      ++points;
    } else {
      return false;
    }
  }
  return digits > 0 && points <= 1 && text.back() != '.';
}

ReadValue ReadNumber(absl::string_view text) {
  v1::Value value;
  absl::string_view digits = text;
  for (absl::string_view about : {"约", "近", "大约"}) {
    if (absl::ConsumePrefix(&digits, about)) value.set_approximate(true);
  }
  for (absl::string_view about : {"余", "多", "左右"}) {
    if (absl::ConsumeSuffix(&digits, about)) value.set_approximate(true);
  }
  if (!IsDecimal(digits)) {
    return Wrong(absl::StrCat("“", text, "”不是数字，应写作 12 或 12.50。"),
                 absl::StrCat("\"", text, "\" is not a number; write 12 or 12.50."));
  }
  value.set_number(std::string(digits));
  return Right(value);
}

ReadValue ReadDate(absl::string_view text, const Reading& reading) {
  v1::Value value;
  if (const auto day = ReadDay(text)) {
    value.set_date(ShowDay(*day));
    return Right(value);
  }
  const auto deadline = ReadDeadline(text, reading.document);
  if (!deadline) {
    return Wrong(
        absl::StrCat("“", text, "”没有写明是哪一天，应写作 2026-10-08，或 2026年9月底前、长期坚持等。"),
        absl::StrCat("\"", text, "\" does not name a day; write 2026-10-08, or a wording such as 2026年9月底前."));
  }
  if (deadline->standing) {
    value.set_standing(true);
  } else {
    value.set_date(ShowDay(*deadline->day));
    value.set_approximate(deadline->precision != Deadline::Precision::kDay);
  }
  value.set_written(std::string(text));
  return Right(value);
}

ReadValue ReadMoment(absl::string_view text, absl::TimeZone zone) {
  auto instant = ReadInstant(text, zone);
  if (!instant) {
    return Wrong(absl::StrCat("“", text, "”不是时刻，应写作 2026-10-08 09:30。"),
                 absl::StrCat("\"", text, "\" is not an instant; write 2026-10-08 09:30."));
  }
  v1::Value value;
  *value.mutable_instant() = ToTimestamp(*instant);
  return Right(value);
}

ReadValue ReadChoice(absl::string_view text, absl::string_view codes, const Reading& reading) {
  v1::Value value;
  value.set_choice(std::string(text));
  auto table = reading.words.codes.find(std::string(codes));
  if (table == reading.words.codes.end() || table->second.count(std::string(text)) > 0) return Right(value);
  std::vector<std::string> known;
  for (const auto& [id, title] : table->second) {
    if (title.zh() == text || (!title.en().empty() && title.en() == text)) {
      value.set_choice(id);
      return Right(value);
    }
    known.push_back(title.zh() == id ? id : absl::StrCat(id, "(", title.zh(), ")"));
  }
  std::string list = absl::StrJoin(known, ", ");
  return Wrong(absl::StrCat("代码表 ", codes, " 中没有“", text, "”，可选：", list, "。"),
               absl::StrCat("Code table ", codes, " has no \"", text, "\"; it has ", list, "."));
}

// "files/…#title" with a name as the server gives them, and no path of this machine.
bool IsReference(absl::string_view text) {
  constexpr size_t kNameBytes = 26;
  if (absl::StartsWith(text, "sha256:")) return true;
  return absl::ConsumePrefix(&text, "files/") && text.size() > kNameBytes && text[kNameBytes] == '#' &&
         text.substr(0, kNameBytes).find_first_not_of("abcdefghijklmnopqrstuvwxyz234567") == text.npos;
}

ReadValue ReadAttachment(absl::string_view path, const Reading& reading) {
  v1::Value value;
  if (IsReference(path)) {
    value.set_file(std::string(path));
    return Right(value);
  }
  if (reading.attach != nullptr) return reading.attach(std::string(path));
  auto bytes = ReadFile(std::string(path));
  if (!bytes) {
    return Wrong(absl::StrCat("读不了文件“", path, "”。"), absl::StrCat("Cannot read the file \"", path, "\"."));
  }
  size_t slash = path.rfind('/');
  absl::string_view name = slash == absl::string_view::npos ? path : path.substr(slash + 1);
  value.set_file(absl::StrCat(Digest(*bytes), "#", name));
  return Right(value);
}

}  // namespace

v1::Text Both(std::string zh, std::string en) {
  v1::Text text;
  text.set_zh(std::move(zh));
  text.set_en(std::move(en));
  return text;
}

std::string Digest(absl::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return absl::StrCat("sha256:",
                      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest))));
}

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  // An empty file inserts nothing, which the stream takes for a failure: its size says more.
  if (!in || (in.peek() != std::ifstream::traits_type::eof() && !(text << in.rdbuf()))) return std::nullopt;
  if (in.bad()) return std::nullopt;
  return text.str();
}

std::optional<std::string> ReadTextFile(const Console& console, const std::string& path) {
  auto text = ReadFile(path);
  if (!text) {
    console.Remark(absl::StrCat("读不了文件 ", path, "。"), absl::StrCat("Cannot read the file ", path, "."));
    return std::nullopt;
  }
  if (const auto broken = FirstBrokenByte(*text)) {
    const auto line = std::count(text->begin(), text->begin() + static_cast<std::ptrdiff_t>(*broken), '\n') + 1;
    console.Remark(
        absl::StrCat(path, ":", line, ": 不是 UTF-8 文字，请另存为 UTF-8 编码（记事本：另存为，编码选 UTF-8）。"),
        absl::StrCat(path, ":", line, ": This is not UTF-8 text; save the file as UTF-8."));
    return std::nullopt;
  }
  return text;
}

ReadValue ReadReference(absl::string_view text, absl::string_view kind, const Names& names) {
  v1::Value value;
  std::vector<std::string> ids = names.Find(text, kind);
  if (ids.size() == 1) {
    value.set_reference(ids[0]);
    return Right(value);
  }
  if (ids.size() > 1) {
    std::string list = absl::StrJoin(ids, ", ");
    return Wrong(absl::StrCat("“", text, "”不止一个：", list, "，请写明其编号。"),
                 absl::StrCat("\"", text, "\" names more than one: ", list, "; give the id."));
  }
  return Wrong(absl::StrCat("名录中没有“", text, "”，请用 duban directory 查看，或先为其补登别名。"),
               absl::StrCat("The directory has no \"", text, "\"; see duban directory, or add it as an alias first."));
}

ReadValue ReadAs(absl::string_view type, absl::string_view text, absl::string_view codes, const Reading& reading) {
  if (FirstBrokenByte(text)) return Wrong("文字不是 UTF-8 编码。", "The text is not UTF-8.");
  if (type == "number") return ReadNumber(text);
  if (type == "date") return ReadDate(text, reading);
  if (type == "instant") return ReadMoment(text, reading.zone);
  if (type == "choice") return ReadChoice(text, codes, reading);
  if (type == "file") return ReadAttachment(text, reading);
  if (type == "unit" || type == "post" || type == "person") return ReadReference(text, type, reading.names);
  if (type == "ref") return ReadReference(text, "", reading.names);
  if (type == "text") {
    v1::Value value;
    value.set_text(std::string(text));
    return Right(value);
  }
  return Wrong(
      absl::StrCat("没有“", type, "”这种类型；有 text、choice、number、date、instant、ref、file。"),
      absl::StrCat("There is no type \"", type, "\"; there are text, choice, number, date, instant, ref, file."));
}

ReadValue ReadForField(absl::string_view field, absl::string_view text, const Reading& reading) {
  auto found = reading.words.fields.find(std::string(field));
  if (found == reading.words.fields.end()) return ReadAs("text", text, "", reading);
  return ReadAs(found->second.type, text, found->second.codes, reading);
}

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string NameOf(const std::map<std::string, v1::Text>& titles, const std::string& text) {
  if (titles.count(text) > 0) return text;
  std::string name;
  for (const auto& [known, title] : titles) {
    if (title.zh() != text && title.en() != text) continue;
    if (!name.empty()) return text;  // Two of one title: the server says that it knows no such name.
    name = known;
  }
  return name.empty() ? text : name;
}

std::string FieldNamed(const ProcedureWords& words, const std::string& text) {
  std::map<std::string, v1::Text> titles;
  for (const auto& [name, field] : words.fields) titles[name] = field.title;
  return NameOf(titles, text);
}

bool ReadAssignments(const std::vector<std::string>& assignments, const Reading& reading,
                     std::vector<v1::FieldValue>* fields, v1::Text* fault) {
  for (const std::string& assignment : assignments) {
    size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      *fault = Both(absl::StrCat("“", assignment, "”应写作 字段=值。"),
                    absl::StrCat("Write \"", assignment, "\" as field=value."));
      return false;
    }
    std::string name = assignment.substr(0, equals);
    std::string text = assignment.substr(equals + 1);
    std::string type;
    if (size_t colon = name.find(':'); colon != std::string::npos) {
      type = name.substr(colon + 1);
      name.resize(colon);
    }
    name = FieldNamed(reading.words, name);
    v1::FieldValue* field = nullptr;
    for (v1::FieldValue& earlier : *fields) {
      if (earlier.field() == name) field = &earlier;
    }
    if (field == nullptr) {
      field = &fields->emplace_back();
      field->set_field(name);
    }
    if (text.empty()) continue;
    auto known = reading.words.fields.find(name);
    std::string codes = known == reading.words.fields.end() ? "" : known->second.codes;
    ReadValue read = type.empty() ? ReadForField(name, text, reading) : ReadAs(type, text, codes, reading);
    if (!read.ok()) {
      *fault =
          Both(absl::StrCat("字段 ", name, ":", read.fault.zh()), absl::StrCat("Field ", name, ": ", read.fault.en()));
      return false;
    }
    *field->add_values() = *read.value;
  }
  return true;
}

bool ReadBindings(const std::vector<std::string>& bindings, const Reading& reading,
                  std::vector<v1::PartyBinding>* parties, v1::Text* fault) {
  for (const std::string& binding : bindings) {
    size_t equals = binding.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == binding.size()) {
      *fault = Both(absl::StrCat("“", binding, "”应写作 参与方=单位，例如 owner=units/shuiwu。"),
                    absl::StrCat("Write \"", binding, "\" as party=unit, for example owner=units/shuiwu."));
      return false;
    }
    std::string name = NameOf(reading.words.parties, binding.substr(0, equals));
    auto kind = reading.words.party_kinds.find(name);
    ReadValue id = ReadReference(binding.substr(equals + 1),
                                 kind == reading.words.party_kinds.end() ? "" : kind->second, reading.names);
    if (!id.ok()) {
      *fault =
          Both(absl::StrCat("参与方 ", name, ":", id.fault.zh()), absl::StrCat("Party ", name, ": ", id.fault.en()));
      return false;
    }
    v1::PartyBinding* party = nullptr;
    for (v1::PartyBinding& earlier : *parties) {
      if (earlier.party() == name) party = &earlier;
    }
    if (party == nullptr) {
      party = &parties->emplace_back();
      party->set_party(name);
    }
    party->add_ids(id.value->reference());
  }
  return true;
}

}  // namespace duban::cli
