// A graph laid out in layers (after Sugiyama): what follows stands below, ways back go up, and nothing lies on
// anything.
//
// Deterministic, in whole pixels: the same graph gives the same picture everywhere.
#pragma once

#include <cstddef>
#include <vector>

namespace duban::engine {

struct Point {
  int x = 0;
  int y = 0;
};

// A rectangle; x and y are its left and upper edge.
struct Box {
  int width = 0;
  int height = 0;
  int x = 0;
  int y = 0;
};

// A way from one box to another, with a label on it. From a box to itself is not a way: REQUIRES from != to.
struct Link {
  size_t from = 0;
  size_t to = 0;
  Box label;  // Its size is given; a height of 0 means that there is none.

  // Laid out: whether it goes up, against the layers, and its course from the one box' edge to the other's. Points of
  // different x are joined by a curve that leaves and arrives upright, others by a straight line.
  bool back = false;
  std::vector<Point> course;
};

struct Layers {
  std::vector<Box> boxes;  // The first is where reading begins. Sizes are given.
  std::vector<Link> links;

  // Laid out: what all of it takes.
  int width = 0;
  int height = 0;
};

// Beyond so many places in all layers nobody can read the picture, and laying it out would take long.
inline constexpr size_t kLayerPlacesMax = 20'000;

// Gives boxes and labels their places, and links their courses. False where there are too many.
bool LayOut(Layers& layers);

}  // namespace duban::engine
