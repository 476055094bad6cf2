// A screen on a wall (大屏): several views of one person kept live on one stream. Everything it ever showed is
// remembered, so that a scenario can say what was never there.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "clients/cli/words.h"
#include "clients/cpp/client.h"
#include "clients/cpp/view_map.h"

namespace duban::scenarios {

class Screen {
 public:
  // Views by their Chinese words: 台账、预警、待办、名册、单位.
  Screen(client::Client& client, std::vector<std::string> views);
  ~Screen();

  // Other views from now on; those that stay go on undisturbed.
  void Turn(const std::vector<std::string>& views);
  // The rows of a view at its last mark, each in a line that people can read. Wrong when the stream has ended.
  std::vector<std::string> Rows(const std::string& view, const cli::Names& names);
  // Whether what is held is what a query answers now.
  bool IsAsQueried();
  // Whether a row that was ever shown holds the text.
  bool HasShown(const std::string& text, const cli::Names& names);

 private:
  void Read();

  client::Client& client_;
  std::mutex mutex_;
  std::map<std::string, client::ViewMap> views_;  // Guarded by mutex_, as below.
  std::vector<v1::ViewRow> shown_;
  std::string ended_;
  std::unique_ptr<client::ManyWatch> watch_;
  std::thread thread_;
};

}  // namespace duban::scenarios
