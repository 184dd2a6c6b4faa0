#include "report/drawing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

namespace halcyon::testing {
namespace {

constexpr double width = 100.0, height = 40.0;

Sketch sketch_of(int boxes, std::vector<Sketch::Arrow> arrows) {
    return {std::vector<Sketch::Box>(static_cast<std::size_t>(boxes), {width, height}), std::move(arrows)};
}

Sketch chain(int boxes) {
    std::vector<Sketch::Arrow> arrows;
    for (int box = 1; box < boxes; ++box) arrows.push_back({box - 1, box});
    return sketch_of(boxes, arrows);
}

bool overlap(const Point& a, const Point& b) {
    return std::abs(a.x - b.x) < width && std::abs(a.y - b.y) < height;
}

void check_drawing(const Sketch& sketch, const Drawing& drawing) {
    REQUIRE(drawing.centres.size() == sketch.boxes.size());
    REQUIRE(drawing.paths.size() == sketch.arrows.size());
    for (std::size_t i = 0; i < drawing.centres.size(); ++i) {
        const Point& centre = drawing.centres[i];
        CHECK(centre.x >= width / 2 - 1e-6);
        CHECK(centre.x <= drawing.width - width / 2 + 1e-6);
        CHECK(centre.y >= height / 2 - 1e-6);
        CHECK(centre.y <= drawing.height - height / 2 + 1e-6);
        for (std::size_t k = 0; k < i; ++k) CHECK_FALSE(overlap(centre, drawing.centres[k]));
    }
    for (std::size_t i = 0; i < sketch.arrows.size(); ++i) {
        const Point& from = drawing.centres[static_cast<std::size_t>(sketch.arrows[i].from)];
        const Point& to = drawing.centres[static_cast<std::size_t>(sketch.arrows[i].to)];
        const std::vector<Point>& path = drawing.paths[i];
        CHECK(path.front().x == from.x);
        CHECK(path.front().y == from.y + height / 2);
        CHECK(path.back().x == to.x);
        CHECK(path.back().y == to.y - height / 2);
        for (std::size_t k = 1; k < path.size(); ++k) CHECK(path[k].y > path[k - 1].y);
    }
}

}  // namespace

TEST_CASE("nothing is drawn of nothing") {
    const Drawing drawing = draw({});
    CHECK(drawing.centres.empty());
    CHECK(drawing.width == 0.0);
    CHECK(drawing.height == 0.0);
}

TEST_CASE("a chain is drawn upright") {
    const Sketch sketch = chain(5);
    const Drawing drawing = draw(sketch);
    check_drawing(sketch, drawing);
    CHECK(drawing.width == width);
    for (const Point& centre : drawing.centres) CHECK(centre.x == drawing.centres[0].x);
}

TEST_CASE("an arrow past boxes goes round them, and the chain beside it stays upright") {
    Sketch sketch = chain(5);
    sketch.arrows.push_back({0, 4});
    const Drawing drawing = draw(sketch);
    check_drawing(sketch, drawing);
    for (const Point& centre : drawing.centres) CHECK(centre.x == doctest::Approx(drawing.centres[0].x));
    const std::vector<Point>& round = drawing.paths.back();
    for (std::size_t i = 1; i + 1 < round.size(); ++i) CHECK(std::abs(round[i].x - drawing.centres[0].x) > width / 2);
}

TEST_CASE("branches stand side by side, evenly under their source") {
    const Sketch sketch = sketch_of(4, {{0, 1}, {0, 2}, {1, 3}, {2, 3}});
    const Drawing drawing = draw(sketch);
    check_drawing(sketch, drawing);
    CHECK(drawing.centres[1].y == drawing.centres[2].y);
    CHECK(drawing.centres[0].x == doctest::Approx((drawing.centres[1].x + drawing.centres[2].x) / 2));
    CHECK(drawing.centres[3].x == doctest::Approx(drawing.centres[0].x));
}

TEST_CASE("two chains that could be drawn apart do not cross") {
    // Written so that the order of the numbers would cross them.
    const Sketch sketch = sketch_of(6, {{0, 3}, {1, 2}, {3, 4}, {2, 5}});
    const Drawing drawing = draw(sketch);
    check_drawing(sketch, drawing);
    const bool first_is_left = drawing.centres[0].x < drawing.centres[1].x;
    CHECK((drawing.centres[3].x < drawing.centres[2].x) == first_is_left);
    CHECK((drawing.centres[4].x < drawing.centres[5].x) == first_is_left);
}

TEST_CASE("a box that no arrow leads to stands close above its reader") {
    Sketch sketch = chain(5);
    sketch.boxes.push_back({width, height});
    std::swap(sketch.arrows.back(), sketch.arrows.front());
    sketch = sketch_of(6, {{0, 2}, {2, 3}, {3, 4}, {1, 5}, {4, 5}});
    const Drawing drawing = draw(sketch);
    check_drawing(sketch, drawing);
    CHECK(drawing.centres[1].y == drawing.centres[4].y);
}

TEST_CASE("no boxes overlap in a large network with arrows past many layers") {
    Sketch sketch = chain(300);
    for (int box = 0; box + 7 < 300; box += 3) sketch.arrows.push_back({box, box + 7});
    for (int box = 0; box + 290 < 300; ++box)
        sketch.arrows.push_back({box, box + 290});  // more than a bend is made for
    check_drawing(sketch, draw(sketch));
}

}  // namespace halcyon::testing
