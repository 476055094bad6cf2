#include "clients/cli/wall.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/values.h"
#include "clients/cli/wall_board.h"
#include "clients/cli/wall_picture.h"

namespace duban::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kColumns = 100;  // Where the terminal does not say, and of one picture that goes elsewhere.
constexpr size_t kLines = 200;
constexpr int kNothingYet = -1;
constexpr char kHome[] = "\x1b[H";
constexpr char kToLineEnd[] = "\x1b[K";
constexpr char kToEnd[] = "\x1b[J";
constexpr char kWhole[] = "\x1b[2J";

class Wall {
 public:
  Wall(Session& session, const WallOptions& options)
      : session_(session), options_(options), beside_(session.PatientClient(limits::kWallCall)) {}

  int Run() {
    if (!Introduce()) return code_;
    began_ = Clock::now();
    reader_ = std::thread([this] { Read(); });
    const int code = Paint();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      leaving_ = true;
      if (watch_ != nullptr) watch_->Cancel();
    }
    reader_.join();
    return code;
  }

 private:
  // Who looks at it. False where the server cannot be reached or does not know him; the session has said so.
  bool Introduce() {
    const auto who = session_.Call(v1::WhoAmIRequest(), &code_);
    if (who == nullptr) return false;
    who_ = who->person().title();
    if (who->posts().empty()) {
      session_.console().Remark(
          "您现在没有任职，也就没有能查看的事项：大屏将是空的。请系统管理员在名录中登记您的岗位。",
          "You hold no post and so may see nothing: the wall will be empty. Have the directory say "
          "which post you hold.");
    }
    return true;
  }

  // The reader's thread: takes in what comes, over any number of streams.
  void Read() {
    for (bool again = true; again;) {
      const std::shared_ptr<client::ManyWatch> watch =
          session_.client().WatchMany(WallBoard::Targets(), limits::kWallHeartbeatS);
      std::unique_lock<std::mutex> lock(mutex_);
      if (leaving_) return;
      if (!board_.consistent()) board_ = WallBoard();
      watch_ = watch;
      heard_at_ = kNothingYet;
      lock.unlock();
      for (v1::WatchManyResponse message; watch->Next(&message);) {
        lock.lock();
        if (heard_at_ != watch->reconnects()) news_ = true;
        heard_at_ = watch->reconnects();
        heard_ = true;
        if (board_.Apply(message)) news_ = true;
        if (!board_.consistent()) watch->Cancel();
        if (news_) changed_.notify_all();
        lock.unlock();
      }
      lock.lock();
      watch_ = nullptr;
      error_ = watch->error();
      // A server that is away for long, or rows that were not what their mark said: from the beginning, after a pause.
      again = !leaving_ && (!board_.consistent() || error_.code == absl::StatusCode::kUnavailable);
      ended_ = !again;
      changed_.notify_all();
      changed_.wait_for(lock, limits::kWallTick, [this] { return leaving_ || ended_; });
    }
  }

  // Draws whenever there is news, until its time is up.
  int Paint() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      changed_.wait_for(lock, limits::kWallTick, [this] { return news_ || ended_; });
      if (ended_) return error_.ok() ? static_cast<int>(kExitOk) : session_.Fail(error_);
      if (Over()) return kExitOk;
      const bool cut = heard_ && (watch_ == nullptr || watch_->reconnects() > heard_at_);
      if (cut != cut_) news_ = true;
      cut_ = cut;
      if (options_.once && Clock::now() - began_ > limits::kWallFirst) {
        return session_.console().Fail(kExitUnreachable, "服务器迟迟没有给出全部内容。",
                                       "The server has not given everything in time.");
      }
      const bool ask = !cut && !board_.faults().empty() && Clock::now() - asked_ > limits::kWallAskAgain;
      const bool draw = (news_ || ask) && board_.complete();  // Never a part of what there is.
      if (draw) news_ = false;
      const WallBoard board = draw ? board_ : WallBoard();
      const std::shared_ptr<client::ManyWatch> watch = watch_;
      lock.unlock();
      if (ask && watch != nullptr) {
        // The views that ended begin again; those that go on are not disturbed.
        asked_ = Clock::now();
        watch->SetTargets(WallBoard::Targets());
      }
      if (draw) {
        Draw(board);
        if (options_.once) return kExitOk;
        std::this_thread::sleep_for(limits::kWallPause);
      }
      lock.lock();
    }
  }

  bool Over() const {
    return options_.seconds > 0 && Clock::now() - began_ >= std::chrono::duration<double>(options_.seconds);
  }

  void Draw(const WallBoard& board) {
    const Console& console = session_.console();
    const WallMoment moment = MomentOf(board);
    const ShowInstants show = [this](const google::protobuf::Timestamp& t) { return session_.Show(true, t); };
    winsize size{};
    const bool terminal = isatty(STDOUT_FILENO) == 1;
    const bool sized = terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
    const size_t columns = sized ? size.ws_col : kColumns;
    if (options_.once) {
      console.Prompt(WallPicture(console, moment, show, columns, kLines, console.colours()));
      return;
    }
    if (!terminal) {
      for (const std::string& line : lines_.Next(console, moment, show)) console.Print(line);
      return;
    }
    // In place, from the top: what is longer than before is written over, the rest wiped.
    const std::string picture =
        WallPicture(console, moment, show, columns, sized ? size.ws_row - 1u : kLines, console.colours());
    std::string out = drawn_ ? kHome : absl::StrCat(kWhole, kHome);
    for (const char c : picture) {
      if (c == '\n') out += kToLineEnd;
      out += c;
    }
    console.Prompt(absl::StrCat(out, kToEnd));
    drawn_ = true;
  }

  WallMoment MomentOf(const WallBoard& board) {
    WallMoment moment;
    moment.who = who_;
    moment.as_of = session_.Show(board.as_of().seconds() != 0, board.as_of());
    if (board.virtual_clock())
      absl::StrAppend(&moment.as_of, session_.console().Word("（虚拟时钟）", " (virtual clock)"));
    moment.units = board.Units();
    moment.alerts = board.Alerts();
    if (cut_) {
      moment.faults.push_back(
          Both("连接已断，正在重连；以下是断开之前的情况。", "Connection lost, reconnecting; below: as it was."));
    } else {
      AskTotals(&moment);
    }
    for (const auto& [target, fault] : board.faults()) {
      moment.faults.push_back(WallFaultText(target, fault, fault.reason == "VIEW_BUILDING" ? Progress(target) : ""));
      if (target == kWallAlerts && fault.reason == "VIEW_TOO_LARGE" && !cut_) AskAlerts(&moment);
    }
    NameUnits(moment.units);
    moment.titles = titles_;
    return moment;
  }

  // Each case counted once: units in figures count a case with each that answers for it.
  void AskTotals(WallMoment* moment) {
    WallTotals totals;
    for (const auto& [label, value, count] :
         {std::tuple("state", "open", &totals.open), std::tuple("timeliness", "overdue", &totals.overdue),
          std::tuple("timeliness", "due_soon", &totals.due_soon)}) {
      v1::QueryViewRequest request;
      request.set_view(v1::VIEW_LEDGER);
      (*request.mutable_filter()->mutable_labels())[label] = value;
      request.set_page_size(1);
      const auto page = beside_->Call(request);
      if (!page.ok()) {
        moment->faults.push_back(
            Both(absl::StrCat("合计：", page.error().message.zh(), "（", page.error().reason, "）"),
                 absl::StrCat("totals: ", page.error().message.en(), " (", page.error().reason, ")")));
        return;
      }
      *count = page->total_size();
    }
    moment->totals = totals;
  }

  void AskAlerts(WallMoment* moment) {
    v1::ListAlertsRequest request;
    request.set_page_size(limits::kWallAlertsAsked);
    const auto page = beside_->Call(request);
    if (page.ok()) moment->alerts.assign(page->alerts().begin(), page->alerts().end());
    moment->alerts_whole = false;
  }

  // How far the build of a view is; "" when it cannot be told.
  std::string Progress(const std::string& target) {
    const auto listed = beside_->Call(v1::ListViewsRequest());
    if (!listed.ok()) return "";
    for (const v1::ViewDescription& view : listed->views()) {
      if (view.name() == target) return BuildProgress(view);
    }
    return "";
  }

  // Units by title; asked for again when one comes that nobody knew.
  void NameUnits(const std::vector<v1::UnitProfile>& units) {
    const bool known = std::all_of(units.begin(), units.end(),
                                   [this](const v1::UnitProfile& one) { return titles_.count(one.unit()) > 0; });
    if (known) return;
    v1::ListUnitsRequest request;
    do {
      const auto page = beside_->Call(request);
      if (!page.ok()) return;
      for (const v1::Unit& unit : page->units()) titles_[unit.name()] = unit.title();
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    for (const v1::UnitProfile& one : units) titles_.try_emplace(one.unit(), one.unit());
  }

  Session& session_;
  const WallOptions options_;
  const std::unique_ptr<client::Client> beside_;  // For what is asked beside the stream.
  int code_ = kExitOk;
  std::string who_;
  Clock::time_point began_;

  // The painter's.
  std::map<std::string, std::string> titles_;
  WallLines lines_;
  bool drawn_ = false;
  bool cut_ = false;
  Clock::time_point asked_;

  std::mutex mutex_;
  std::condition_variable changed_;
  WallBoard board_;  // Guarded by mutex_, as all below.
  std::shared_ptr<client::ManyWatch> watch_;
  bool heard_ = false;          // Anything, ever.
  int heard_at_ = kNothingYet;  // How many reconnects the stream had behind it at its newest message.
  bool news_ = false;
  bool leaving_ = false;
  bool ended_ = false;
  client::Error error_;
  std::thread reader_;
};

}  // namespace

int RunWall(Session& session, const WallOptions& options) {
  if (session.json()) {
    return session.console().Fail(kExitUsage, "大屏是给人看的，没有 JSON；请用 duban --json watch many units alerts。",
                                  "The wall is for people; for JSON: duban --json watch many units alerts.");
  }
  return Wall(session, options).Run();
}

}  // namespace duban::cli
