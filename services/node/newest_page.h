// A page of a list whose rows are told apart by who may see them, newest first: jobs, draws.
#pragma once

#include <optional>
#include <string>

#include "services/node/limits.h"
#include "services/node/node.h"
#include "services/node/reading.h"
#include "services/node/refusals.h"

namespace duban::node {

// Looks through the rows of `table` under `prefix`, each of which leads from a place to a name. `shown` gives the entry
// of a name as the viewer may see it, or nothing; `add` puts it into the answer. A full page looks on for the next
// visible entry: whether there is a next page tells nothing of hidden ones. The page token holds the place to go on
// with.
template <typename Answer, typename R, typename Shown, typename Add>
Reply<Answer> NewestPage(const Reading& reading, const R& request, engine::Table table, const std::string& prefix,
                         Shown shown, Add add) {
  const engine::Outcome<int> size = PageSize(reading, request.page_size(), limits::kPageDefault, limits::kPageMax);
  if (!size.ok()) return size.rejection();
  const std::string bound = PageBound(reading, request);
  std::string from;
  if (!request.page_token().empty()) {
    const std::optional<std::string> place = reading.source().tokens.ParsePage(bound, request.page_token());
    if (!place) return ForeignPageToken();
    from = *place;
  }
  Answer out;
  absl::Status trouble;
  int looked = 0, added = 0;
  const absl::Status scanned = reading.rows().Scan(
      static_cast<uint8_t>(table), prefix, from, [&](absl::string_view place, absl::string_view name) {
        auto entry = shown(std::string(name));
        if (!entry.ok()) {
          trouble = entry.status();
          return false;
        }
        const bool full = added == *size;
        if ((full && entry->has_value()) || looked++ >= limits::kScanBudget) {
          out.set_next_page_token(reading.source().tokens.Page(bound, std::string(place)));
          return false;
        }
        if (entry->has_value()) {
          add(out, **std::move(entry));
          ++added;
        }
        return true;
      });
  if (!trouble.ok()) return trouble;
  if (!scanned.ok()) return scanned;
  return out;
}

}  // namespace duban::node
