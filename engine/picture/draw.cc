#include "engine/picture/draw.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/picture/layers.h"
#include "engine/picture/text.h"
#include "engine/procedure/span.h"

namespace duban::engine {
namespace {

constexpr int kMargin = 24;
constexpr int kTitleSize = 22;
constexpr int kStageSize = 16;
constexpr int kActSize = 14;
constexpr int kNoteSize = 12;
constexpr int kBoxText = 210;     // A box's text is at most so wide …
constexpr int kLabelText = 168;   // … and a label's.
constexpr int kWidthLeast = 720;  // Of the picture: notes below want to be read in lines of some length.
constexpr int kLead = 5;          // Between lines.
constexpr int kPad = 10;
constexpr int kLabelPad = 4;
constexpr size_t kVisitsShown = 3;

// A line of text within a box or a label.
struct Line {
  std::string text;
  int size = kNoteSize;
  const char* style = "note";
};

// What stands in a box or a label.
struct Content {
  std::vector<Line> lines;
  const char* style = "stage";
  std::string name;  // Of the stage; of the actions, with spaces between.

  void Add(const std::string& text, int size, const char* line_style, int width) {
    for (std::string& line : Wrap(text, size, width)) lines.push_back({std::move(line), size, line_style});
  }
  Box Size(int pad) const {
    Box box;
    for (const Line& line : lines) {
      box.width = std::max(box.width, TextWidth(line.text, line.size) + 2 * pad);
      box.height += line.size + kLead;
    }
    box.height += 2 * pad - kLead;
    return box;
  }
};

// An arrow between two stages, for all actions that lead the same way, or for time.
struct Arrow {
  std::string from;
  std::string to;
  bool timed = false;
  std::vector<const Action*> actions = {};
  bool too_few = false;  // Timed: taken where too few have rated.
};

class Drawing {
 public:
  Drawing(const Procedure& procedure, const Titles& others, const Trail* trail)
      : p_(procedure), others_(others), trail_(trail) {}

  std::optional<std::string> Run() {
    AddBoxes();
    AddArrows();
    if (!LayOut(layers_)) return std::nullopt;
    return Write();
  }

 private:
  void AddBoxes() {
    Content start;
    start.style = "start";
    start.Add(absl::StrCat(PartiesText(p_, p_.may_open), "发起"), kActSize, "act", kBoxText);
    contents_.push_back(start);
    layers_.boxes.push_back(start.Size(kPad));
    for (const Stage& stage : p_.stages) {
      contents_.push_back(BoxOf(stage));
      layers_.boxes.push_back(contents_.back().Size(kPad));
      layers_.boxes.back().width = std::max(layers_.boxes.back().width, 110);
    }
  }

  Content BoxOf(const Stage& stage) const {
    Content box;
    box.name = stage.name;
    box.style = StyleOf(stage);
    box.Add(TitleOr(stage.title, stage.name), kStageSize, "title", kBoxText);
    const auto note = [&](const std::string& text) { box.Add(text, kNoteSize, "note", kBoxText); };
    if (stage.end != v1::END_KIND_UNSPECIFIED) note(absl::StrCat("结束：", EndText(stage.end)));
    ClockNotes(stage, note);
    if (!stage.no_deadline.empty()) note(absl::StrCat("不设时限：", stage.no_deadline));
    if (!stage.sees.empty()) note(absl::StrCat("仅", PartiesText(p_, stage.sees), "可见"));
    if (stage.opens.has_value()) note(absl::StrCat("进入时", OpensText(p_, *stage.opens, others_)));
    if (!stage.reopens_to.empty()) note("进入时重开上级事项，开始新一轮");
    for (const Action& action : stage.actions) {
      if (!LeadsOn(stage, action)) Stay(stage, action, box);
    }
    for (const std::string& visit : VisitsTo(stage.name)) box.Add(visit, kNoteSize, "trail", kBoxText);
    return box;
  }

  const char* StyleOf(const Stage& stage) const {
    switch (stage.end) {
      case v1::END_KIND_DONE:
        return "end done";
      case v1::END_KIND_FAILED:
        return "end failed";
      case v1::END_KIND_TRANSFERRED:
      case v1::END_KIND_MERGED:
        return "end moved";
      case v1::END_KIND_CANCELLED:
        return "end cancelled";
      default:
        return "stage";
    }
  }

  template <typename Note>
  void ClockNotes(const Stage& stage, const Note& note) const {
    for (const Clock& clock : p_.clocks) {
      const std::string title = TitleOr(clock.title, clock.name);
      if (clock.stage_only) {
        if (!Names(clock.from, stage.name)) continue;
        std::string text = absl::StrCat("限", SpanText(*clock.budget).zh(), "内");
        for (const Span& span : clock.remind) absl::StrAppend(&text, "，提前", SpanText(span).zh(), "提醒");
        note(text);
        continue;
      }
      if (Names(clock.from, stage.name)) note(absl::StrCat("起算：", title));
      if (Names(clock.stops_in, stage.name)) note(absl::StrCat("停表：", title));
      // That all clocks end with the case goes without saying.
      if (stage.end == v1::END_KIND_UNSPECIFIED && Names(clock.until, stage.name)) note(absl::StrCat("截止：", title));
    }
  }

  // Whether an action is drawn as an arrow to another stage.
  static bool LeadsOn(const Stage& stage, const Action& action) {
    return !action.to.empty() && action.to != "previous" && action.to != stage.name;
  }

  // An action that stays, or goes back to wherever one came from, is a line of its box.
  void Stay(const Stage& stage, const Action& action, Content& box) const {
    const char* mark = action.to == "previous" ? "↩ " : action.to.empty() ? "· " : "↻ ";
    box.Add(absl::StrCat(mark, TitleOr(action.title, action.name), action.to == "previous" ? "（回上一环节）" : "", " ",
                         RolesText(p_, action.by)),
            kNoteSize, "stay", kBoxText);
    Terms(action, kBoxText, box);
    for (const std::string& taken : Taken(stage.name, action.name, "")) box.Add(taken, kNoteSize, "trail", kBoxText);
    absl::StrAppend(&box.name, " ", action.name);
  }

  void Terms(const Action& action, int width, Content& content) const {
    const std::string terms = TermsText(p_, action, others_);
    if (!terms.empty()) content.Add(absl::StrCat("（", terms, "）"), kNoteSize, "note", width);
  }

  void AddArrows() {
    arrows_.push_back({"", p_.stages.front().name});
    for (const Stage& stage : p_.stages) {
      for (const Action& action : stage.actions) {
        if (!LeadsOn(stage, action)) continue;
        auto found = std::find_if(arrows_.begin(), arrows_.end(), [&](const Arrow& arrow) {
          return arrow.from == stage.name && arrow.to == action.to && !arrow.timed;
        });
        if (found == arrows_.end()) found = arrows_.insert(arrows_.end(), Arrow{stage.name, action.to});
        found->actions.push_back(&action);
      }
      if (stage.after.has_value() && stage.after->to != stage.name) {
        arrows_.push_back(Arrow{stage.name, stage.after->to, true});
      }
      if (stage.collect.has_value()) arrows_.push_back(Arrow{stage.name, stage.collect->below_quorum, true, {}, true});
    }
    for (const Arrow& arrow : arrows_) {
      labels_.push_back(LabelOf(arrow));
      Link& link = layers_.links.emplace_back();
      link.from = arrow.from.empty() ? 0 : IndexOf(arrow.from);
      link.to = IndexOf(arrow.to);
      if (!labels_.back().lines.empty()) link.label = labels_.back().Size(kLabelPad);
    }
  }

  Content LabelOf(const Arrow& arrow) const {
    Content label;
    label.style = "label";
    if (arrow.too_few) {
      label.Add("参评不足", kActSize, "act", kLabelText);
      for (const std::string& taken : Taken(arrow.from, "", arrow.to)) label.Add(taken, kNoteSize, "trail", kLabelText);
      return label;
    }
    if (arrow.timed) {
      const Stage& stage = *p_.FindStage(arrow.from);
      label.Add(absl::StrCat("满", SpanText(stage.after->after).zh(), "自动", stage.counts_first ? "（首日计入）" : ""),
                kActSize, "act", kLabelText);
      for (const std::string& taken : Taken(arrow.from, "", arrow.to)) label.Add(taken, kNoteSize, "trail", kLabelText);
      return label;
    }
    for (const Action* action : arrow.actions) {
      label.Add(TitleOr(action->title, action->name), kActSize, "act", kLabelText);
      label.Add(RolesText(p_, action->by), kNoteSize, "who", kLabelText);
      Terms(*action, kLabelText, label);
      for (const std::string& taken : Taken(arrow.from, action->name, arrow.to)) {
        label.Add(taken, kNoteSize, "trail", kLabelText);
      }
      absl::StrAppend(&label.name, label.name.empty() ? "" : " ", action->name);
    }
    return label;
  }

  size_t IndexOf(const std::string& stage) const {
    for (size_t i = 0; i < p_.stages.size(); ++i) {
      if (p_.stages[i].name == stage) return i + 1;
    }
    return 0;
  }

  // When, and how often, the case came to a stage from another.
  std::vector<std::string> VisitsTo(const std::string& stage) const {
    std::vector<std::string> days;
    if (trail_ == nullptr) return days;
    for (const TrailStep& step : trail_->steps) {
      if (step.to == stage && step.from != stage) days.push_back(step.day);
    }
    if (days.empty()) return days;
    const size_t hidden = days.size() > kVisitsShown ? days.size() - kVisitsShown : 0;
    std::string text = absl::StrCat("到此", days.size(), "次：", hidden > 0 ? "…" : "");
    for (size_t i = hidden; i < days.size(); ++i) absl::StrAppend(&text, i == hidden ? "" : "、", days[i]);
    std::vector<std::string> out = {text};
    if (trail_->steps.back().to == stage) out.emplace_back("▶ 现在此处");
    return out;
  }

  // How often the case went this way, and last when and by whom.
  std::vector<std::string> Taken(const std::string& from, const std::string& action, const std::string& to) const {
    int count = 0;
    const TrailStep* last = nullptr;
    if (trail_ != nullptr) {
      for (const TrailStep& step : trail_->steps) {
        if (step.from != from || step.action != action || (!to.empty() && step.to != to)) continue;
        ++count;
        last = &step;
      }
    }
    if (last == nullptr) return {};
    return {absl::StrCat(count > 1 ? absl::StrCat(count, "次，最近") : "", last->day, last->who.empty() ? "" : " ",
                         last->who)};
  }

  bool Taken(const Arrow& arrow) const {
    return trail_ != nullptr && std::any_of(trail_->steps.begin(), trail_->steps.end(), [&](const TrailStep& step) {
             return step.from == arrow.from && step.to == arrow.to &&
                    (step.action.empty() == arrow.timed || step.from.empty());
           });
  }

  bool Visited(const std::string& stage) const {
    return trail_ != nullptr && std::any_of(trail_->steps.begin(), trail_->steps.end(),
                                            [&](const TrailStep& step) { return step.to == stage; });
  }

  // The lines below the picture: the key, and the clocks that span stages.
  std::vector<Line> Notes(int width) const {
    Content notes;
    const auto add = [&](const std::string& text, const char* style) { notes.Add(text, kNoteSize, style, width); };
    add("实线：由人办理；虚线：到时自动流转；橙色：退回前面的环节。框内“·”是留在本环节的操作。", "note");
    for (const Clock& clock : p_.clocks) {
      if (clock.stage_only) continue;
      const std::string ladder = LadderText(p_, clock);
      add(absl::StrCat(TitleOr(clock.title, clock.name), "：", ClockText(p_, clock), "。",
                       ladder.empty() ? "" : absl::StrCat(ladder, "。")),
          "clock");
    }
    return notes.lines;
  }

  std::string Write() {
    const int inner = std::max(layers_.width, kWidthLeast);
    dx_ = kMargin + (inner - layers_.width) / 2;
    dy_ = kMargin;
    std::vector<Line> heads;
    Content head;
    head.Add(TitleOr(p_.title, p_.name), kTitleSize, "head", inner);
    if (trail_ != nullptr) head.Add(trail_->title, kActSize, "trail", inner);
    dy_ += WriteLines(head.lines, kMargin, dy_) + 16;
    for (size_t i = 0; i < arrows_.size(); ++i) WriteArrow(i);
    for (size_t i = 0; i < contents_.size(); ++i) WriteBox(contents_[i], layers_.boxes[i], kPad);
    for (size_t i = 0; i < labels_.size(); ++i) {
      if (!labels_[i].lines.empty()) WriteBox(labels_[i], layers_.links[i].label, kLabelPad);
    }
    int bottom = dy_ + layers_.height + 24;
    bottom += WriteLines(Notes(inner), kMargin, bottom);
    return Whole(inner + 2 * kMargin, bottom + kMargin);
  }

  // Lines one below the other, from there on. How high they are together.
  int WriteLines(const std::vector<Line>& lines, int x, int y) {
    const int top = y;
    for (const Line& line : lines) {
      WriteText(line, x, y, false);
      y += line.size + kLead;
    }
    return y - top;
  }

  void WriteText(const Line& line, int x, int y, bool middle) {
    absl::StrAppend(&body_, "<text class=\"", line.style, "\" font-size=\"", line.size, "\" x=\"", x, "\" y=\"",
                    y + line.size * 85 / 100, "\"", middle ? " text-anchor=\"middle\"" : "", ">", Escaped(line.text),
                    "</text>\n");
  }

  void WriteBox(const Content& content, const Box& box, int pad) {
    const bool visited = Visited(content.name.substr(0, content.name.find(' ')));
    const bool label = content.style == std::string("label");
    absl::StrAppend(&body_, "<g class=\"", content.style, visited && !label ? " visited" : "", "\" data-name=\"",
                    Escaped(content.name), "\"><rect x=\"", dx_ + box.x, "\" y=\"", dy_ + box.y, "\" width=\"",
                    box.width, "\" height=\"", box.height, "\" rx=\"",
                    content.style == std::string("start") ? 16
                    : label                               ? 3
                                                          : 7,
                    "\"/>\n");
    int y = dy_ + box.y + pad;
    for (const Line& line : content.lines) {
      WriteText(line, dx_ + box.x + box.width / 2, y, true);
      y += line.size + kLead;
    }
    absl::StrAppend(&body_, "</g>\n");
  }

  void WriteArrow(size_t i) {
    const Link& link = layers_.links[i];
    const Arrow& arrow = arrows_[i];
    const bool taken = Taken(arrow);
    std::string d;
    for (size_t k = 0; k < link.course.size(); ++k) {
      const int x = dx_ + link.course[k].x;
      const int y = dy_ + link.course[k].y;
      const int before_x = k == 0 ? x : dx_ + link.course[k - 1].x;
      const int middle = k == 0 ? y : (y + dy_ + link.course[k - 1].y) / 2;
      if (k == 0) {
        absl::StrAppend(&d, "M", x, " ", y);
      } else if (x == before_x) {
        absl::StrAppend(&d, " L", x, " ", y);
      } else {
        absl::StrAppend(&d, " C", before_x, " ", middle, " ", x, " ", middle, " ", x, " ", y);
      }
    }
    const char* colour = taken ? "taken" : link.back ? "back" : "on";
    absl::StrAppend(&body_, "<path class=\"arrow ", colour, arrow.timed ? " timed" : "", "\" data-from=\"",
                    Escaped(arrow.from), "\" data-to=\"", Escaped(arrow.to), "\" d=\"", d, "\" marker-end=\"url(#",
                    colour, ")\"/>\n");
  }

  std::string Whole(int width, int height) const {
    std::string out = absl::StrCat("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", width, "\" height=\"", height,
                                   "\" viewBox=\"0 0 ", width, " ", height,
                                   "\" font-family=\"Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang "
                                   "SC, WenQuanYi Micro Hei, sans-serif\">\n",
                                   "<title>", Escaped(TitleOr(p_.title, p_.name)), "</title>\n<style>\n", kStyle,
                                   "</style>\n<defs>\n");
    for (const auto& [name, colour] :
         std::map<std::string, const char*>{{"on", "#5b6b7b"}, {"back", "#c77700"}, {"taken", "#1457b8"}}) {
      absl::StrAppend(&out, "<marker id=\"", name,
                      "\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" "
                      "markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0 L10 5 L0 10 z\" fill=\"",
                      colour, "\"/></marker>\n");
    }
    absl::StrAppend(&out, "</defs>\n<rect class=\"paper\" width=\"", width, "\" height=\"", height, "\"/>\n", body_,
                    "</svg>\n");
    return out;
  }

  static constexpr char kStyle[] =
      ".paper{fill:#fff}\n"
      "rect{fill:#f5f8fc;stroke:#7d8fa3}\n"
      ".start rect{fill:#fff;stroke-dasharray:none}\n"
      ".done rect{fill:#e3f4e6;stroke:#3d8b4c}\n"
      ".failed rect{fill:#fbe6e4;stroke:#b3382c}\n"
      ".moved rect{fill:#e8e9fb;stroke:#5a5fb0}\n"
      ".cancelled rect{fill:#eeeeee;stroke:#808080}\n"
      ".end rect{stroke-width:2}\n"
      ".visited rect{stroke:#1457b8;stroke-width:2.5}\n"
      ".label rect{fill:#fff;stroke:none}\n"
      "text{fill:#1d2733}\n"
      ".head,.title{font-weight:bold}\n"
      ".note,.clock{fill:#5b6b7b}\n"
      ".who{fill:#5b6b7b}\n"
      ".stay{fill:#33475b}\n"
      ".trail{fill:#1457b8}\n"
      ".arrow{fill:none;stroke-width:1.4}\n"
      ".on{stroke:#5b6b7b}\n"
      ".back{stroke:#c77700}\n"
      ".taken{stroke:#1457b8;stroke-width:2.6}\n"
      ".timed{stroke-dasharray:6 4}\n";

  const Procedure& p_;
  const Titles& others_;
  const Trail* trail_;
  Layers layers_;
  std::vector<Content> contents_;  // Of boxes: the start, then the stages.
  std::vector<Arrow> arrows_;
  std::vector<Content> labels_;  // Of arrows.
  std::string body_;
  int dx_ = 0;  // Where the layers begin.
  int dy_ = 0;
};

}  // namespace

std::optional<std::string> Draw(const Procedure& procedure, const Titles& others, const Trail* trail) {
  if (procedure.stages.empty()) return std::nullopt;
  return Drawing(procedure, others, trail).Run();
}

}  // namespace duban::engine
