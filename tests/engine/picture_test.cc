// Pictures of procedures: whatever the procedure, the picture is well formed, shows each stage and each action once,
// and nothing in it lies on anything else.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/picture/draw.h"
#include "engine/picture/layers.h"
#include "engine/picture/text.h"
#include "engine/procedure/compile.h"
#include "gtest/gtest.h"
#include "tests/engine/support/files.h"

namespace duban::engine {
namespace {

namespace fs = std::filesystem;

// An element of the picture.
struct Element {
  std::string tag;
  std::map<std::string, std::string> attributes;
  std::string text;
  int parent = -1;

  std::string Get(const std::string& name) const {
    const auto found = attributes.find(name);
    return found == attributes.end() ? "" : found->second;
  }
  int Number(const std::string& name) const {
    int value = 0;
    EXPECT_TRUE(absl::SimpleAtoi(Get(name), &value)) << tag << "." << name << " is " << Get(name);
    return value;
  }
};

// Reads XML strictly as far as the pictures use it: what is not well formed fails the test.
std::vector<Element> ReadXml(const std::string& xml) {
  std::vector<Element> all;
  std::vector<int> open;
  size_t at = 0;
  const auto fail = [&](const std::string& why) {
    ADD_FAILURE() << why << " at byte " << at << ": " << xml.substr(at, 60);
    return std::vector<Element>();
  };
  while (at < xml.size()) {
    if (xml[at] != '<') {
      if (xml[at] == '>') return fail("a bare >");
      if (xml[at] == '&') {
        const size_t end = xml.find(';', at);
        const std::map<std::string, char> known = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}};
        const auto entity = known.find(end == std::string::npos ? "" : xml.substr(at, end - at + 1));
        if (entity == known.end()) return fail("a bare &");
        if (!open.empty()) all[open.back()].text += entity->second;
        at = end + 1;
        continue;
      }
      if (!open.empty()) all[open.back()].text += xml[at];
      ++at;
      continue;
    }
    const size_t end = xml.find('>', at);
    if (end == std::string::npos) return fail("an open tag");
    std::string inside = xml.substr(at + 1, end - at - 1);
    if (inside[0] == '/') {
      if (open.empty() || all[open.back()].tag != inside.substr(1)) return fail("a tag closed out of turn");
      open.pop_back();
      at = end + 1;
      continue;
    }
    const bool closed = inside.back() == '/';
    if (closed) inside.pop_back();
    Element element;
    element.parent = open.empty() ? -1 : open.back();
    size_t i = std::min(inside.find(' '), inside.size());
    element.tag = inside.substr(0, i);
    while (i < inside.size()) {
      const size_t equals = inside.find("=\"", i);
      const size_t quote = equals == std::string::npos ? equals : inside.find('"', equals + 2);
      if (quote == std::string::npos) return fail("an attribute without quotation marks");
      const std::string name = inside.substr(i + 1, equals - i - 1);
      if (!element.attributes.emplace(name, inside.substr(equals + 2, quote - equals - 2)).second) {
        return fail("an attribute written twice");
      }
      i = quote + 1;
    }
    all.push_back(element);
    if (!closed) open.push_back(static_cast<int>(all.size()) - 1);
    at = end + 1;
  }
  if (!open.empty()) return fail("an element that never ends");
  return all;
}

// The boxes and labels, by what they name.
struct Seen {
  std::string kind;  // "stage", "label", …
  std::string name;
  Box box;
};

std::vector<Seen> BoxesOf(const std::vector<Element>& elements) {
  std::vector<Seen> out;
  for (const Element& rect : elements) {
    if (rect.tag != "rect" || rect.parent < 0 || elements[rect.parent].tag != "g") continue;
    const Element& group = elements[rect.parent];
    out.push_back({group.Get("class"), group.Get("data-name"),
                   Box{rect.Number("width"), rect.Number("height"), rect.Number("x"), rect.Number("y")}});
  }
  return out;
}

bool Overlap(const Box& a, const Box& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

// Everything that holds of every picture.
void Check(const Procedure& p, const std::string& svg) {
  const std::vector<Element> elements = ReadXml(svg);
  ASSERT_FALSE(elements.empty());
  const std::vector<Seen> boxes = BoxesOf(elements);
  const int width = elements[0].Number("width");
  const int height = elements[0].Number("height");

  std::map<std::string, int> names;
  for (const Seen& seen : boxes) {
    const bool label = absl::StartsWith(seen.kind, "label");
    std::vector<std::string> parts = absl::StrSplit(seen.name, ' ', absl::SkipEmpty());
    for (size_t i = 0; i < parts.size(); ++i) ++names[(label || i > 0 ? "action " : "stage ") + parts[i]];
    EXPECT_GE(seen.box.x, 0);
    EXPECT_LE(seen.box.x + seen.box.width, width);
    EXPECT_LE(seen.box.y + seen.box.height, height);
  }
  std::map<std::string, int> expected;
  for (const Stage& stage : p.stages) {
    ++expected["stage " + stage.name];
    for (const Action& action : stage.actions) ++expected["action " + action.name];
  }
  EXPECT_EQ(names, expected) << "every stage and every action stands in the picture, and once";

  for (size_t i = 0; i < boxes.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      EXPECT_FALSE(Overlap(boxes[i].box, boxes[k].box)) << boxes[i].name << " lies on " << boxes[k].name;
    }
  }
  for (const Element& text : elements) {
    if (text.tag != "text") continue;
    EXPECT_FALSE(text.text.empty());
    if (text.parent == 0) continue;
    const Element* rect = nullptr;
    for (const Element& other : elements) {
      if (other.tag == "rect" && other.parent == text.parent) rect = &other;
    }
    ASSERT_NE(rect, nullptr);
    EXPECT_LE(TextWidth(text.text, text.Number("font-size")), rect->Number("width")) << text.text;
    EXPECT_LE(text.Number("y"), rect->Number("y") + rect->Number("height")) << text.text;
  }
}

// Lines keep clear of all boxes but the two that they join.
void CheckCourses(const Layers& layers) {
  for (const Link& link : layers.links) {
    for (size_t i = 1; i < link.course.size(); ++i) {
      const Point& a = link.course[i - 1];
      const Point& b = link.course[i];
      for (size_t box = 0; box < layers.boxes.size(); ++box) {
        const Box span{std::abs(a.x - b.x), std::abs(a.y - b.y), std::min(a.x, b.x), std::min(a.y, b.y)};
        if (a.x != b.x || box == link.from || box == link.to) {
          // A curve stays between its ends; where it runs sideways nothing stands.
          EXPECT_FALSE(span.width > 0 && Overlap(span, layers.boxes[box])) << "a line runs over box " << box;
        } else {
          const Box line{1, span.height, span.x, span.y};
          EXPECT_FALSE(Overlap(line, layers.boxes[box])) << "a line runs through box " << box;
        }
      }
    }
  }
}

std::vector<Procedure> Shipped() {
  std::vector<SourceFile> files;
  for (const auto& entry : fs::directory_iterator(DUBAN_SOURCE_DIR "/procedures")) {
    const std::string path = absl::StrCat("procedures/", entry.path().filename().string());
    if (entry.path().extension() == ".yaml") files.push_back({path, ReadRepositoryFile(path)});
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  Compiled compiled = Compile(files, Procedures());
  EXPECT_TRUE(compiled.ok());
  return compiled.procedures;
}

const Procedure& Named(const std::vector<Procedure>& all, const std::string& name) {
  for (const Procedure& p : all) {
    if (p.name == name) return p;
  }
  ADD_FAILURE() << "no procedure " << name;
  return all.front();
}

// Whether the picture's texts, one behind the other, hold that: a long one is parted into lines.
bool Says(const std::string& svg, const std::string& words) {
  std::string all;
  for (const Element& element : ReadXml(svg)) {
    if (element.tag == "text") all += element.text;
  }
  return absl::StrContains(all, words);
}

TEST(Picture, OfEveryShippedProcedureShowsAllOfItAndNothingLiesOnAnything) {
  const std::vector<Procedure> all = Shipped();
  ASSERT_GE(all.size(), 10u);
  for (const Procedure& p : all) {
    SCOPED_TRACE(p.name);
    const auto svg = Draw(p, {});
    ASSERT_TRUE(svg.has_value());
    Check(p, *svg);
    EXPECT_EQ(*svg, *Draw(p, {})) << "the same procedure gives the same picture";
  }
}

TEST(Picture, SaysWhoDoesWhatByWhenAndWhatFollows) {
  const std::vector<Procedure> all = Shipped();
  const std::string svg = *Draw(Named(all, "rectification"), {{"lookback", "回头看"}});
  for (const char* words : {"问题整改", "交办单位发起", "已交办", "签收", "责任单位", "须非上级交办", "限2个工作日内",
                            "起算：整改时限", "停表：整改时限", "满10个工作日自动", "结束：办结", "结束：撤销",
                            "进入时另开“回头看”", "不设时限：中止期间不计时", "报送进展", "逾期5个工作日建议"}) {
    EXPECT_TRUE(Says(svg, words)) << words;
  }
  EXPECT_TRUE(absl::StrContains(svg, "class=\"arrow on timed\" data-from=\"publicity\" data-to=\"closed\""));
  EXPECT_TRUE(absl::StrContains(svg, "class=\"arrow back\" data-from=\"review\" data-to=\"rectifying\""));
  EXPECT_TRUE(absl::StrContains(svg, "class=\"arrow on\" data-from=\"issued\" data-to=\"rectifying\""));
  const std::string lookback = *Draw(Named(all, "lookback"), {});
  EXPECT_TRUE(Says(lookback, "仅检查单位可见"));
  EXPECT_TRUE(Says(lookback, "进入时重开上级事项"));
}

TEST(Picture, ShowsTheWayThatACaseHasGone) {
  const std::vector<Procedure> all = Shipped();
  const Procedure& p = Named(all, "rectification");
  Trail trail;
  trail.title = "交办〔2026〕住建1号  河道淤塞 <三处> & 桥下";
  trail.steps = {{"", "", "issued", "2026-09-01", ""},
                 {"issued", "acknowledge", "rectifying", "2026-09-02", "住建局局长"},
                 {"rectifying", "report", "rectifying", "2026-09-10", "住建局经办岗"},
                 {"rectifying", "submit", "review", "2026-09-20", "住建局局长"},
                 {"review", "reject", "rectifying", "2026-09-22", "督查室验收岗"},
                 {"rectifying", "submit", "review", "2026-10-08", "住建局局长"}};
  const std::string svg = *Draw(p, {}, &trail);
  Check(p, svg);
  EXPECT_TRUE(Says(svg, "河道淤塞 <三处> & 桥下"));
  EXPECT_TRUE(Says(svg, "到此2次：2026-09-20、"));
  EXPECT_TRUE(Says(svg, "2次，最近2026-10-08"));
  EXPECT_TRUE(Says(svg, "▶ 现在此处"));
  EXPECT_TRUE(Says(svg, "2026-09-10 住建局经办岗"));
  EXPECT_TRUE(absl::StrContains(svg, "class=\"arrow taken\" data-from=\"review\" data-to=\"rectifying\""));
  EXPECT_TRUE(absl::StrContains(svg, "class=\"arrow on\" data-from=\"rectifying\" data-to=\"paused\"")) << "not gone";
  EXPECT_TRUE(absl::StrContains(svg, "<g class=\"stage visited\" data-name=\"review\">"));
  EXPECT_TRUE(absl::StrContains(svg, "<g class=\"stage\" data-name=\"paused\">"));
}

// A small generator of its own: pseudo-random, the same everywhere.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed * 2654435761u + 1) {}
  int Below(int n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int>((state_ >> 33) % static_cast<uint64_t>(n));
  }

 private:
  uint64_t state_;
};

Procedure Random(uint64_t seed) {
  Dice dice(seed);
  const char* words[] = {"办理", "验收",          "公示期满后仍有异议的再次核查",
                         "ok",   "整改 <&> 复核", "A-very-long-word-indeed"};
  const auto title = [&] {
    std::string out;
    for (int i = dice.Below(3); i >= 0; --i) out += words[dice.Below(6)];
    return out;
  };
  Procedure p;
  p.name = "random";
  p.title.set_zh(title());
  p.parties.push_back(Party{.name = "owner"});
  p.parties.back().title.set_zh("责任单位");
  p.may_open = {"owner"};
  const int stages = 1 + dice.Below(14);
  int actions = 0;
  for (int i = 0; i < stages; ++i) {
    Stage& stage = p.stages.emplace_back();
    stage.name = absl::StrCat("s", i);
    stage.title.set_zh(title());
    if (dice.Below(5) == 0) stage.no_deadline = title();
    for (int k = dice.Below(5); k > 0; --k) {
      Action& action = stage.actions.emplace_back();
      action.name = absl::StrCat("a", actions++);
      action.title.set_zh(title());
      action.by = {Role{"owner", dice.Below(2) == 0}};
      if (dice.Below(4) > 0) action.to = absl::StrCat("s", dice.Below(stages));
      if (dice.Below(9) == 0) action.to = "previous";
      if (dice.Below(4) == 0) action.approved_by = {Role{"owner", true}};
    }
    if (dice.Below(5) == 0) stage.after = TimedMove{{v1::DAY_KIND_WORKING, 3}, absl::StrCat("s", dice.Below(stages))};
    if (stage.actions.empty()) stage.end = static_cast<v1::EndKind>(1 + dice.Below(5));
  }
  return p;
}

TEST(Picture, OfWhateverProcedureNothingLiesOnAnything) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const Procedure p = Random(seed);
    const auto svg = Draw(p, {});
    ASSERT_TRUE(svg.has_value());
    Check(p, *svg);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Layers, LinesRunOverNoBox) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Dice dice(seed);
    Layers layers;
    const int boxes = 2 + dice.Below(12);
    for (int i = 0; i < boxes; ++i) layers.boxes.push_back(Box{40 + dice.Below(200), 20 + dice.Below(100)});
    for (int i = dice.Below(30); i >= 0; --i) {
      Link link;
      link.from = dice.Below(boxes);
      link.to = dice.Below(boxes);
      if (link.from == link.to) continue;
      if (dice.Below(4) > 0) link.label = Box{20 + dice.Below(150), 15 + dice.Below(50)};
      layers.links.push_back(link);
    }
    ASSERT_TRUE(LayOut(layers));
    CheckCourses(layers);
    for (const Link& link : layers.links) {
      EXPECT_EQ(link.back, link.course.front().y > link.course.back().y) << "only ways back go up";
    }
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Layers, WhatIsTooLargeIsNotLaidOut) {
  Layers layers;
  layers.boxes.resize(101, Box{100, 50});
  for (size_t a = 0; a < 101; ++a) {
    for (size_t b = 0; b < 101; ++b) {
      if (a != b) layers.links.push_back(Link{a, b});
    }
  }
  EXPECT_FALSE(LayOut(layers));
}

TEST(Texts, BreakWhereReadersExpectIt) {
  EXPECT_EQ(TextWidth("整改ab", 10), 32);
  EXPECT_EQ(Wrap("申请退回，责任单位", 10, 50), (std::vector<std::string>{"申请退回，", "责任单位"}));
  EXPECT_EQ(Wrap("申请退回，责任单位", 10, 40), (std::vector<std::string>{"申请退", "回，责任", "单位"}));
  EXPECT_EQ(Wrap("另开“回头看”", 10, 30), (std::vector<std::string>{"另开", "“回头", "看”"}));
  EXPECT_EQ(Wrap("within 5 days", 10, 60), (std::vector<std::string>{"within 5", "days"}));
  EXPECT_EQ(Wrap("abcdefgh", 10, 24), (std::vector<std::string>{"abcd", "efgh"}));
  EXPECT_EQ(Wrap("", 10, 24), std::vector<std::string>());
}

}  // namespace
}  // namespace duban::engine
