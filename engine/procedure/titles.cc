#include "engine/procedure/titles.h"

namespace duban::engine {

v1::Text StageTitle(const Procedure& procedure, const std::string& stage) {
  const Stage* found = procedure.FindStage(stage);
  if (found != nullptr && !found->title.zh().empty()) return found->title;
  v1::Text title;
  title.set_zh(stage);
  title.set_en(stage);
  return title;
}

}  // namespace duban::engine
