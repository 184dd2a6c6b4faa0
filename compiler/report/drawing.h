#pragma once

#include <vector>

namespace halcyon {

struct Point {
    double x = 0.0, y = 0.0;
};

/// A graph to be drawn: boxes, and arrows that lead from boxes to later ones.
struct Sketch {
    struct Box {
        double width = 0.0, height = 0.0;
    };
    struct Arrow {
        int from = 0, to = 0;  ///< from < to
    };
    std::vector<Box> boxes;
    std::vector<Arrow> arrows;
};

/// Where everything goes, y downwards; all coordinates are from 0 to width and height.
struct Drawing {
    std::vector<Point> centres;             ///< by box
    std::vector<std::vector<Point>> paths;  ///< by arrow: from the lower edge of a box, round others, to the upper edge
    double width = 0.0, height = 0.0;
};

/// Draws in layers (Sugiyama, Tagawa and Toda, 1981): every box below those with arrows to it, few crossings, chains upright.
/// Equal sketches give equal drawings.
[[nodiscard]] Drawing draw(const Sketch& sketch);

}  // namespace halcyon
