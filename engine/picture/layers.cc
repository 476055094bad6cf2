#include "engine/picture/layers.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <utility>

namespace duban::engine {
namespace {

constexpr int kSweeps = 12;       // Of reducing crossings: more changes nothing that can be seen.
constexpr int kPasses = 16;       // Of moving places towards their neighbours.
constexpr int kBesideBoxes = 30;  // Between two boxes or labels of a layer …
constexpr int kBesideLines = 14;  // … and where a line passes.
constexpr int kGapLeast = 24;     // Between layers; more where lines run far sideways.
constexpr int kGapMost = 56;
constexpr int kPortsApart = 26;

// A place in a layer: a box, a label, or where a long link passes.
struct Place {
  int layer = 0;
  int width = 0;
  int height = 0;
  int x = 0;               // Its middle.
  std::vector<size_t> up;  // Places in the layer above that it is joined to.
  std::vector<size_t> down;
  bool line = false;  // Nothing but a line passes.
  size_t order = 0;   // Among its layer.
};

class Laying {
 public:
  explicit Laying(Layers& layers) : in_(layers) {}

  bool Run() {
    FindWaysBack();
    Rank();
    if (!MakePlaces()) return false;
    ReduceCrossings();
    SetAcross();
    SetDown();
    Draw();
    return true;
  }

 private:
  using Order = std::vector<std::vector<size_t>>;  // By layer, from left to right.

  size_t Upper(const Link& link) const { return link.back ? link.to : link.from; }
  size_t Lower(const Link& link) const { return link.back ? link.from : link.to; }

  // Links that lead to a box from which one came are turned round; then nothing goes in circles.
  void FindWaysBack() {
    enum Colour { kNew, kOpen, kDone };
    std::vector<Colour> colours(in_.boxes.size(), kNew);
    const std::function<void(size_t)> visit = [&](size_t box) {
      colours[box] = kOpen;
      for (Link& link : in_.links) {
        if (link.from != box) continue;
        link.back = colours[link.to] == kOpen;
        if (colours[link.to] == kNew) visit(link.to);
      }
      colours[box] = kDone;
    };
    for (size_t box = 0; box < in_.boxes.size(); ++box) {
      if (colours[box] == kNew) visit(box);
    }
  }

  // A box stands below all that lead to it, as high as that allows; what nothing leads to stands right above what it
  // leads to.
  void Rank() {
    ranks_.assign(in_.boxes.size(), 0);
    for (bool changed = true; changed;) {
      changed = false;
      for (const Link& link : in_.links) {
        if (ranks_[Lower(link)] > ranks_[Upper(link)]) continue;
        ranks_[Lower(link)] = ranks_[Upper(link)] + 1;
        changed = true;
      }
    }
    for (size_t box = 1; box < in_.boxes.size(); ++box) {
      int above = -1;
      bool led_to = false;
      for (const Link& link : in_.links) {
        led_to = led_to || Lower(link) == box;
        if (Upper(link) == box) above = above < 0 ? ranks_[Lower(link)] - 1 : std::min(above, ranks_[Lower(link)] - 1);
      }
      if (!led_to && above > 0) ranks_[box] = above;
    }
  }

  // Boxes stand in even layers, labels in the odd ones next to where their links begin.
  bool MakePlaces() {
    const int layers = 2 * *std::max_element(ranks_.begin(), ranks_.end()) + 1;
    order_.resize(layers);
    size_t needed = in_.boxes.size();
    for (const Link& link : in_.links) needed += 2 * (ranks_[Lower(link)] - ranks_[Upper(link)]) - 1;
    if (needed > kLayerPlacesMax) return false;
    for (size_t i = 0; i < in_.boxes.size(); ++i) Add(2 * ranks_[i], in_.boxes[i], false);
    for (const Link& link : in_.links) {
      const int first = 2 * ranks_[Upper(link)];
      const int last = 2 * ranks_[Lower(link)];
      std::vector<size_t>& chain = chains_.emplace_back();
      chain.push_back(Upper(link));
      for (int layer = first + 1; layer < last; ++layer) {
        const bool labelled = link.label.height > 0 && layer == (link.back ? last - 1 : first + 1);
        chain.push_back(Add(layer, labelled ? link.label : Box(), !labelled));
      }
      chain.push_back(Lower(link));
      for (size_t i = 1; i < chain.size(); ++i) {
        places_[chain[i - 1]].down.push_back(chain[i]);
        places_[chain[i]].up.push_back(chain[i - 1]);
      }
    }
    return true;
  }

  size_t Add(int layer, const Box& size, bool line) {
    Place& place = places_.emplace_back();
    place.layer = layer;
    place.width = size.width;
    place.height = size.height;
    place.line = line;
    place.order = order_[layer].size();
    order_[layer].push_back(places_.size() - 1);
    return places_.size() - 1;
  }

  // Puts each place of a layer at the mean of its neighbours on one side.
  void Sort(std::vector<size_t>& layer, bool by_upper) {
    std::vector<std::pair<int64_t, size_t>> keyed;
    for (size_t place : layer) {
      const std::vector<size_t>& near = by_upper ? places_[place].up : places_[place].down;
      int64_t sum = 0;
      for (size_t other : near) sum += static_cast<int64_t>(places_[other].order) * 1024;
      const int64_t own = static_cast<int64_t>(places_[place].order) * 1024;
      keyed.emplace_back(near.empty() ? own : sum / static_cast<int64_t>(near.size()), place);
    }
    std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (size_t i = 0; i < keyed.size(); ++i) layer[i] = keyed[i].second;
    Number(layer);
  }

  void Number(const std::vector<size_t>& layer) {
    for (size_t i = 0; i < layer.size(); ++i) places_[layer[i]].order = i;
  }

  // Pairs of lines between two layers that cross.
  int64_t Crossings() const {
    int64_t crossings = 0;
    for (const std::vector<size_t>& layer : order_) {
      std::vector<size_t> ends;  // Of lines from left to right: where they arrive.
      for (size_t place : layer) {
        std::vector<size_t> of_place;
        for (size_t other : places_[place].down) of_place.push_back(places_[other].order);
        std::sort(of_place.begin(), of_place.end());
        ends.insert(ends.end(), of_place.begin(), of_place.end());
      }
      crossings += Inversions(ends);
    }
    return crossings;
  }

  static int64_t Inversions(std::vector<size_t> ends) {
    if (ends.size() < 2) return 0;
    const size_t half = ends.size() / 2;
    std::vector<size_t> left(ends.begin(), ends.begin() + half);
    std::vector<size_t> right(ends.begin() + half, ends.end());
    int64_t count = Inversions(left) + Inversions(right);
    std::sort(left.begin(), left.end());
    std::sort(right.begin(), right.end());
    size_t i = 0;
    for (size_t end : left) {
      while (i < right.size() && right[i] < end) ++i;
      count += static_cast<int64_t>(i);
    }
    return count;
  }

  void ReduceCrossings() {
    Order best = order_;
    int64_t fewest = Crossings();
    for (int sweep = 0; sweep < kSweeps && fewest > 0; ++sweep) {
      for (size_t i = 1; i < order_.size(); ++i) Sort(order_[i], true);
      for (size_t i = order_.size() - 1; i-- > 0;) Sort(order_[i], false);
      const int64_t crossings = Crossings();
      if (crossings >= fewest) continue;
      fewest = crossings;
      best = order_;
    }
    order_ = best;
    for (const std::vector<size_t>& layer : order_) Number(layer);
  }

  int Apart(const Place& a, const Place& b) const {
    return (a.width + b.width) / 2 + (a.line || b.line ? kBesideLines : kBesideBoxes);
  }

  // Lines want to be straight most of all, and long ones more than short ones.
  static int Pull(const Place& a, const Place& b) { return a.line && b.line ? 8 : a.line || b.line ? 3 : 1; }

  // Moves the places of a layer as near to their neighbours as their order and distances allow (least squares).
  void Settle(const std::vector<size_t>& layer, bool upper, bool lower) {
    struct Block {
      int64_t sum;  // Of wishes, weighted.
      int64_t weight;
      size_t count;
      int64_t At() const { return sum / weight; }
    };
    std::vector<Block> blocks;
    std::vector<int64_t> offsets;
    for (size_t i = 0; i < layer.size(); ++i) {
      const Place& place = places_[layer[i]];
      offsets.push_back(i == 0 ? 0 : offsets.back() + Apart(places_[layer[i - 1]], place));
      int64_t sum = 0;
      int64_t weight = 0;
      const auto wish = [&](const std::vector<size_t>& near) {
        for (size_t other : near) {
          sum += static_cast<int64_t>(Pull(place, places_[other])) * places_[other].x;
          weight += Pull(place, places_[other]);
        }
      };
      if (upper) wish(place.up);
      if (lower) wish(place.down);
      if (weight == 0) {
        sum = place.x;
        weight = 1;
      }
      blocks.push_back({sum - weight * offsets.back(), weight, 1});
      while (blocks.size() > 1 && blocks[blocks.size() - 2].At() > blocks.back().At()) {
        const Block last = blocks.back();
        blocks.pop_back();
        blocks.back().sum += last.sum;
        blocks.back().weight += last.weight;
        blocks.back().count += last.count;
      }
    }
    size_t i = 0;
    for (const Block& block : blocks) {
      for (size_t k = 0; k < block.count; ++k, ++i) places_[layer[i]].x = static_cast<int>(block.At() + offsets[i]);
    }
  }

  void SetAcross() {
    for (const std::vector<size_t>& layer : order_) {
      for (size_t i = 1; i < layer.size(); ++i) {
        places_[layer[i]].x = places_[layer[i - 1]].x + Apart(places_[layer[i - 1]], places_[layer[i]]);
      }
    }
    for (int pass = 0; pass < kPasses; ++pass) {
      for (size_t i = 1; i < order_.size(); ++i) Settle(order_[i], true, false);
      for (size_t i = order_.size() - 1; i-- > 0;) Settle(order_[i], false, true);
    }
    for (int pass = 0; pass < kPasses; ++pass) {
      for (const std::vector<size_t>& layer : order_) Settle(layer, true, true);
    }
    int left = places_[0].x;
    int right = left;
    for (const Place& place : places_) {
      left = std::min(left, place.x - place.width / 2);
      right = std::max(right, place.x + (place.width + 1) / 2);
    }
    for (Place& place : places_) place.x -= left;
    in_.width = right - left;
  }

  void SetDown() {
    tops_.assign(order_.size(), 0);
    bottoms_.assign(order_.size(), 0);
    int y = 0;
    for (size_t i = 0; i < order_.size(); ++i) {
      int height = 0;
      int sideways = 0;
      for (size_t place : order_[i]) {
        height = std::max(height, places_[place].height);
        for (size_t other : places_[place].down) {
          sideways = std::max(sideways, std::abs(places_[other].x - places_[place].x));
        }
      }
      tops_[i] = y;
      bottoms_[i] = y + height;
      y += height + std::clamp(sideways / 6, kGapLeast, kGapMost);
    }
    in_.height = bottoms_.back();
  }

  // The upper left corner of a place: in the middle of its layer.
  Point CornerOf(const Place& place) const {
    const int slack = bottoms_[place.layer] - tops_[place.layer] - place.height;
    return {place.x - place.width / 2, tops_[place.layer] + slack / 2};
  }

  // Where a link meets a box: links of one side stand apart, in the order in which they go on.
  int Port(size_t box, bool lower_side, size_t link) const {
    std::vector<std::pair<int, size_t>> all;  // Where it goes on, and which.
    for (size_t i = 0; i < in_.links.size(); ++i) {
      const std::vector<size_t>& chain = chains_[i];
      if (lower_side && chain.front() == box) all.emplace_back(places_[chain[1]].x, i);
      if (!lower_side && chain.back() == box) all.emplace_back(places_[chain[chain.size() - 2]].x, i);
    }
    std::sort(all.begin(), all.end());
    // A single one goes straight on where it can.
    if (all.size() == 1 && std::abs(all[0].first - places_[box].x) <= places_[box].width / 4) return all[0].first;
    const int count = static_cast<int>(all.size());
    const int apart = std::min(kPortsApart, (places_[box].width - 20) / std::max(1, count));
    for (int k = 0; k < count; ++k) {
      if (all[k].second == link) return places_[box].x + (2 * k - (count - 1)) * apart / 2;
    }
    return places_[box].x;
  }

  void Draw() {
    for (size_t i = 0; i < in_.boxes.size(); ++i) {
      const Point corner = CornerOf(places_[i]);
      in_.boxes[i].x = corner.x;
      in_.boxes[i].y = corner.y;
    }
    for (size_t i = 0; i < in_.links.size(); ++i) {
      Link& link = in_.links[i];
      const std::vector<size_t>& chain = chains_[i];
      const Place& upper = places_[chain.front()];
      const Place& lower = places_[chain.back()];
      const int from = Port(chain.front(), true, i);
      link.course = {{from, CornerOf(upper).y + upper.height}, {from, bottoms_[upper.layer]}};
      for (size_t k = 1; k + 1 < chain.size(); ++k) {
        const Place& place = places_[chain[k]];
        // A line has room beside it: small bends are left out.
        const int before = link.course.back().x;
        const int x = place.line && std::abs(place.x - before) < kBesideLines / 2 ? before : place.x;
        link.course.push_back({x, tops_[place.layer]});
        link.course.push_back({x, bottoms_[place.layer]});
        if (place.line) continue;
        link.label.x = CornerOf(place).x;
        link.label.y = CornerOf(place).y;
      }
      const int to = Port(chain.back(), false, i);
      link.course.push_back({to, tops_[lower.layer]});
      link.course.push_back({to, CornerOf(lower).y});
      if (link.back) std::reverse(link.course.begin(), link.course.end());
    }
  }

  Layers& in_;
  std::vector<int> ranks_;                   // Of boxes.
  std::vector<Place> places_;                // The boxes come first.
  std::vector<std::vector<size_t>> chains_;  // Of each link: its places from top to bottom.
  Order order_;
  std::vector<int> tops_;  // Of layers.
  std::vector<int> bottoms_;
};

}  // namespace

bool LayOut(Layers& layers) {
  if (layers.boxes.empty()) return true;
  return Laying(layers).Run();
}

}  // namespace duban::engine
