// State secrets are kept out by the mark that papers bear: whoever types or imports a text with "机密★10年" in it is
// refused, whatever the text was for.
#pragma once

#include "absl/strings/string_view.h"
#include "engine/base/rejection.h"
#include "google/protobuf/message.h"

namespace duban::node {

// STATE_SECRET_MARK, naming the field, where some text of the request bears such a mark. `bytes`, the request as it is
// serialized, are looked through first: without the star that each mark has nothing else is.
engine::Verdict CheckMarks(absl::string_view bytes, const google::protobuf::Message& request);
// The same of one text; `field` is how errors name it.
engine::Verdict CheckMark(absl::string_view text, absl::string_view field);

}  // namespace duban::node
