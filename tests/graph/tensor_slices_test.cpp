#include <doctest/doctest.h>

#include "elaborating.h"

namespace {

/// The shape of a slice of float32[4, 6, 8], or the first line of the error.
std::string sliced_shape(const std::string& slice) {
    const Elaborating e("def net(x: float32[4, 6, 8]):\n    return x" + slice + "\n");
    if (e.graphs.size() != 1) return e.errors().substr(0, e.errors().find('\n'));
    return halcyon::to_text(e.graph().nodes.back().type.shape);
}

}  // namespace

TEST_CASE("slices of tensors count the batch and go as NumPy's") {
    CHECK(sliced_shape("[:, 1:-1, ::2, :]") == "(2, 3, 8)");
    CHECK(sliced_shape("[..., ::-1]") == "(4, 6, 8)");
    CHECK(sliced_shape("[:, 1:]") == "(3, 6, 8)");
    CHECK(sliced_shape("[:, :, ::-4]") == "(4, 2, 8)");
    CHECK(sliced_shape("[:, -100:100]") == "(4, 6, 8)");
    CHECK(sliced_shape("[..., 2:5, 1:2]") == "(4, 3, 1)");
    CHECK(sliced_shape("[...]") == "(4, 6, 8)");
    CHECK(sliced_shape("[:]") == "(4, 6, 8)");
}

TEST_CASE("a number drops its axis, None makes one") {
    CHECK(sliced_shape("[:, 0]") == "(6, 8)");
    CHECK(sliced_shape("[..., -1]") == "(4, 6)");
    CHECK(sliced_shape("[:, 0, None, 1:3]") == "(1, 2, 8)");
    CHECK(sliced_shape("[..., None]") == "(4, 6, 8, 1)");
    CHECK(sliced_shape("[:, None, None, 0, 0, 0]") == "(1, 1)");
}

TEST_CASE("a slice is a layer, numbered as Keras numbers it") {
    const Elaborating e("def net(x: float32[4, 6, 8]):\n    return x[:, 1:][..., ::-1]\n");
    CHECK(names(e.graph()) == "x get_item get_item_1");
    CHECK(to_text(e.graph().nodes[2].attributes["begin"]) == "(0, 0, 7)");
    CHECK(to_text(e.graph().nodes[2].attributes["step"]) == "(1, 1, -1)");
}
