// A city of 300 units on a real disk, with one procedure, "campaign".
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "store/rocks_store.h"
#include "tests/bench/disk.h"
#include "tests/node/support/office.h"

namespace duban::bench {

class City {
 public:
  static constexpr int kUnits = 300;

  explicit City(const std::string& campaign)
      : office_({.own_thread = false}, *store::OpenRocksStore(disk_.path() + "/db")) {
    office_.Publish("campaign", campaign);
    v1::ApplyDirectoryRequest units;
    units.set_idempotency_key("units");
    for (int i = 0; i < kUnits; ++i) {
      v1::Unit& unit = *units.add_units();
      unit.set_name(Unit(i));
      unit.set_title(absl::StrCat("单位", i));
      unit.set_code(absl::StrCat("u", i, "x"));
    }
    node::Office::Must<v1::ApplyDirectoryResponse>(office_.Call(node::kOperatorPerson, units));
  }

  node::Office& office() { return office_; }
  static std::string Unit(int i) { return absl::StrCat("units/u", i % kUnits); }

  // A case of the procedure, whose unit is bound to `party` and whose text stands in `field`.
  std::string Open(const std::string& party, int unit, const std::string& field, const std::string& text) {
    v1::OpenCaseRequest request;
    request.set_procedure("campaign");
    request.set_idempotency_key(office_.FreshKey());
    node::Office::Bind(request, "issuer", "units/ducha");
    node::Office::Bind(request, party, Unit(unit));
    node::Office::SetField(request.mutable_fields(), field)->set_text(text);
    return node::Office::Must<v1::OpenCaseResponse>(office_.Call(node::kSupervisor, request)).case_();
  }

 private:
  const Disk disk_;
  node::Office office_;
};

}  // namespace duban::bench
