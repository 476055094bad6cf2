// Versions of the shipped views, as programs of different ages have them.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "engine/views/view.h"
#include "services/node/cases.h"

namespace duban::node {

using ViewList = std::vector<const engine::View*>;

// A view under another version. With a `mark` the ledger's subjects begin with it, so that one sees who answers.
class Again : public engine::View {
 public:
  Again(const engine::View& view, uint32_t version, std::string mark)
      : view_(view), is_(view.definition()), mark_(std::move(mark)) {
    is_.version = version;
  }
  const engine::Definition& definition() const override { return is_; }
  void Apply(const engine::Change& change, engine::ViewRows& rows) const override {
    Marked marked(rows, mark_);
    view_.Apply(change, marked);
  }
  std::vector<engine::Label> LabelsOf(const v1::ViewRow& row) const override { return view_.LabelsOf(row); }
  void Keep(const v1::ViewRow& before, v1::ViewRow& row) const override { view_.Keep(before, row); }
  void Add(const engine::Cell& cell, int64_t count, v1::ViewRow& row) const override { view_.Add(cell, count, row); }

 private:
  class Marked : public engine::ViewRows {
   public:
    Marked(engine::ViewRows& rows, const std::string& mark) : rows_(rows), mark_(mark) {}
    void Replace(const std::string& owner, std::vector<engine::Row> rows) override {
      for (engine::Row& row : rows) Mark(row);
      rows_.Replace(owner, std::move(rows));
    }
    void Put(engine::Row row) override {
      Mark(row);
      rows_.Put(std::move(row));
    }
    void Count(const std::string& owner, engine::Ids audience, std::vector<engine::Cell> cells) override {
      rows_.Count(owner, std::move(audience), std::move(cells));
    }
    std::vector<engine::Cell> Counted(const std::string& owner) override { return rows_.Counted(owner); }
    std::vector<std::pair<std::string, v1::PartsSum>> RollUp(const CaseState& part) override {
      return rows_.RollUp(part);
    }
    void Amend(const std::string& key, absl::FunctionRef<void(v1::ViewRow& row)> change) override {
      rows_.Amend(key, change);
    }

   private:
    void Mark(engine::Row& row) const {
      if (row.row.has_ledger()) row.row.mutable_ledger()->set_subject(mark_ + row.row.ledger().subject());
    }
    engine::ViewRows& rows_;
    const std::string& mark_;
  };

  const engine::View& view_;
  engine::Definition is_;
  const std::string mark_;
};

// All shipped views under one version; with a mark as above. Lives for ever.
inline const ViewList& AllAt(uint32_t version, const std::string& mark = "") {
  static std::deque<Again> views;
  static std::map<std::pair<uint32_t, std::string>, ViewList> lists;
  auto [list, fresh] = lists.try_emplace({version, mark});
  if (fresh) {
    for (const engine::View* view : engine::Views()) list->second.push_back(&views.emplace_back(*view, version, mark));
  }
  return list->second;
}

// What a program has that knows both.
inline ViewList Both(const ViewList& older, const ViewList& newer) {
  ViewList both = older;
  both.insert(both.end(), newer.begin(), newer.end());
  return both;
}

}  // namespace duban::node
