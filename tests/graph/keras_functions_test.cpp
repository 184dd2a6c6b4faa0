#include <doctest/doctest.h>

#include "elaborating.h"

namespace {

/// The shape of an expression over x: float32[4, 6, 8] and y of the same type, or the error's first line.
std::string shape_of(const std::string& expr) {
    const Elaborating e("def net(x: float32[4, 6, 8], y: float32[4, 6, 8]):\n    return " + expr + "\n");
    if (e.graphs.size() != 1) return e.errors().substr(0, e.errors().find('\n'));
    return halcyon::to_text(e.graph().nodes[static_cast<std::size_t>(e.graph().outputs[0].node)].type.shape);
}

}  // namespace

TEST_CASE("operations over axes count the batch") {
    CHECK(shape_of("ops.mean(x, axis=1)") == "(6, 8)");
    CHECK(shape_of("ops.sum(x, (1, 2), keepdims=True)") == "(1, 1, 8)");
    CHECK(shape_of("keras.ops.max(x, axis=[-1, 1])") == "(6,)");
    CHECK(shape_of("tf.reduce_mean(x, axis=[1, 2])") == "(8,)");
    CHECK(shape_of("ops.softmax(x, axis=1)") == "(4, 6, 8)");
}

TEST_CASE("operations change shapes as NumPy's do") {
    CHECK(shape_of("ops.concatenate([x, y], axis=-1)") == "(4, 6, 16)");
    CHECK(shape_of("ops.stack([x, y], axis=1)") == "(2, 4, 6, 8)");
    CHECK(shape_of("ops.stack([x, y], -1)") == "(4, 6, 8, 2)");
    CHECK(shape_of("ops.transpose(x, (0, 3, 1, 2))") == "(8, 4, 6)");
    CHECK(shape_of("ops.reshape(x, (-1, 24, 8))") == "(24, 8)");
    CHECK(shape_of("ops.reshape(x, (-1, 4, -1))") == "(4, 48)");
    CHECK(shape_of("ops.expand_dims(x, -1)") == "(4, 6, 8, 1)");
    CHECK(shape_of("ops.expand_dims(x, 1)") == "(1, 4, 6, 8)");
    CHECK(shape_of("ops.squeeze(ops.mean(x, 2, keepdims=True))") == "(4, 8)");
    CHECK(shape_of("ops.squeeze(ops.mean(x, 2, keepdims=True), axis=-2)") == "(4, 8)");
    CHECK(shape_of("ops.flip(x, axis=(1, -1))") == "(4, 6, 8)");
    CHECK(shape_of("ops.split(x, 3, axis=2)[1]") == "(4, 2, 8)");
    CHECK(shape_of("ops.split(x, [1, 6], axis=-1)[2]") == "(4, 6, 2)");
    CHECK(shape_of("ops.pad(x, ((0, 0), (1, 2), (0, 0), (3, 0)))") == "(7, 6, 11)");
    CHECK(shape_of("ops.max_pool(x, 2, padding=\"same\")") == "(2, 3, 8)");
    CHECK(shape_of("ops.average_pool(x, (2, 3), strides=1)") == "(3, 4, 8)");
    CHECK(shape_of("Dense(ops.shape(x)[-1])(x)") == "(4, 6, 8)");
}

TEST_CASE("operations are layers with the names that Keras gives them") {
    const Elaborating e(R"(def net(x: float32[4, 4, 2]):
    y = layers.add([x, layers.multiply([x, x], name="twice")])
    y = ops.relu(ops.square(y)) + ops.add(y, 1) - ops.maximum(y, 0.5)
    y = ops.clip(ops.sigmoid(ops.cast(y, "float32")), 0.1, x_max=0.9)
    return layers.concatenate([y, x], axis=1)
)");
    CHECK(names(e.graph()) == "x twice add square relu add_1 add_2 maximum subtract sigmoid clip concatenate");
    CHECK(to_text(e.graph().nodes[7].attributes["x_min"]) == "0.5");
    CHECK(to_text(e.graph().nodes[10].attributes["x_max"]) == "0.9");
}
