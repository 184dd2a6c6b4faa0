#include <doctest/doctest.h>

#include "elaborating.h"

using namespace halcyon;

TEST_CASE("a def with tensor types is a model: doors, layers, weights, outputs, docstring") {
    const Elaborating e(R"("""A file."""
def net(image: uint8[8, 8, 3]):
    """Reads."""
    x = Conv2D(4, 3, activation="relu")(image)
    x = Flatten()(x)
    return {"scores": Dense(10)(x)}
)");
    CHECK(e.errors() == "");
    const Graph& graph = e.graph();
    CHECK(graph.name == "net");
    CHECK(graph.doc == "Reads.");
    CHECK(names(graph) == "image conv2d flatten dense");
    CHECK(weights(graph) == "conv2d/kernel(3, 3, 3, 4) conv2d/bias(4,) dense/kernel(144, 10) dense/bias(10,)");
    CHECK(outputs(graph) == "scores");
    CHECK(to_text(graph.nodes[0].type) == "uint8[8, 8, 3]");
    CHECK(to_text(graph.nodes[1].type) == "float32[6, 6, 4]");
    CHECK(e.sources.text(graph.nodes[1].span) == "Conv2D(4, 3, activation=\"relu\")(image)");
}

TEST_CASE("a file's docstring is its one model's, unless that has its own or there are several") {
    const std::string file = "\"\"\"LeNet-5.\"\"\"\n";
    const std::string def = "def net(x: float32[4]):\n    return ReLU()(x)\n";
    CHECK(Elaborating(file + def).graph().doc == "LeNet-5.");
    CHECK(Elaborating(def).graph().doc.empty());
    const Elaborating two(file + def + "def other(x: float32[4]):\n    return ReLU()(x)\n", {}, "net");
    CHECK(two.graph().doc.empty());
}

TEST_CASE("layers are numbered by class in order of construction, callee before arguments, operators as their layer") {
    const Elaborating e(R"(
def net(x: float32[8, 8, 3]):
    a = Conv2D(3, 1)(Conv2D(3, 1)(x))
    unused = Conv2D(3, 1)
    b = Conv2D(3, 1, name="mine")(a)
    c = Conv2D(3, 1)(b)
    return ReLU()(c + a) * 2.0 + c
)");
    CHECK(e.errors() == "");
    CHECK(names(e.graph()) == "x conv2d_1 conv2d mine conv2d_3 add re_lu multiply add_1");
}

TEST_CASE("numbering begins anew in each model") {
    const Elaborating e("def a(x: float32[4]):\n    return Dense(2)(x)\ndef b(x: float32[4]):\n    return Dense(2)(x)\n"
                        "c = Sequential([Dense(2, input_shape=(4,))])\nd = Sequential([Input((4,)), Dense(2)])\n");
    CHECK(e.errors() == "");
    REQUIRE(e.graphs.size() == 4);
    for (const Graph& graph : e.graphs) CHECK(graph.nodes.back().name == "dense");
    CHECK(e.graphs[2].name == "c");
}

TEST_CASE("a layer that is called twice shares its weights") {
    const Elaborating e(R"(
def net(a: float32[8, 8, 3], b: float32[4, 4, 3]):
    conv = Conv2D(2, 3)
    return conv(a), conv(b)
)");
    CHECK(e.errors() == "");
    CHECK(names(e.graph()) == "a b conv2d conv2d");
    CHECK(weights(e.graph()) == "conv2d/kernel(3, 3, 3, 2) conv2d/bias(2,)");
    CHECK(outputs(e.graph()) == "output output_1");
}

TEST_CASE("outputs are named by dict, variable or position") {
    const Elaborating e("def net(x: float32[4]):\n    y = ReLU()(x)\n    return y, ReLU()(y), x\n");
    CHECK(e.errors() == "");
    CHECK(outputs(e.graph()) == "y output_1 output_2");
}

TEST_CASE("a block computes with shapes: the batch comes first and is None") {
    const Elaborating e(R"(
def block(x, name=None):
    assert_first = 1 if x.shape[0] is None else 0
    return Dense(x.shape[-1] * 100 + x.shape[1] * 10 + len(x.shape) + assert_first, name=f"{name}_dense")(x)

def net(x: float32[2, 4, 8]):
    return block(x, name="a")
)");
    CHECK(e.errors() == "");
    CHECK(weights(e.graph()) == "a_dense/kernel(8, 825) a_dense/bias(825,)");
}

TEST_CASE("what no output needs is left out, inputs stay with a warning") {
    const Elaborating e("def net(x: float32[4], y: float32[4]):\n    z = Dense(3)(y)\n    return Dense(2)(x)\n");
    CHECK(names(e.graph()) == "x y dense_1");
    CHECK(e.errors() == "net.hcn:1:24: warning[E0229]: no output depends on the input 'y'\n"
                        "    def net(x: float32[4], y: float32[4]):\n"
                        "                           ^~~~~~~~~~~~~\n");
}

TEST_CASE("a model is a layer of another: its layers keep their names, two calls share them, new numbers follow") {
    const Elaborating e(R"(
def stem(image: float32[8, 8, 3]):
    return Conv2D(4, 3)(Conv2D(3, 1)(image))

def net(left: float32[8, 8, 3], right: float32[8, 8, 3]):
    a = Conv2D(3, 1)(left)
    return Add()([stem(a), stem(right)])
)");
    CHECK(e.errors() == "");
    REQUIRE(e.graphs.size() == 2);
    CHECK(names(e.graphs[0]) == "image conv2d_1 conv2d");
    CHECK(names(e.graphs[1]) == "left right conv2d_2 conv2d_1 conv2d conv2d_1 conv2d add");
}

TEST_CASE("Keras's ways to write a model") {
    const Elaborating e(R"(
import keras
from tensorflow.keras import layers as L

inputs = keras.Input(shape=(8, 8, 3), name="image", dtype="uint8")
x = L.Conv2D(4, 3, activation=keras.activations.relu, kernel_initializer=keras.initializers.HeNormal(seed=1))(inputs)
x = L.Conv2D(4, 3, activation=L.ReLU(), kernel_regularizer=keras.regularizers.l2(1e-4))(x)
features = keras.Model(inputs, x)
model = keras.Model(inputs=inputs, outputs=L.Flatten()(x), name="classifier")
model.compile(optimizer=anything, loss=goes)
model.summary()
)");
    CHECK(e.errors() ==
          "net.hcn:7:41: note: 'kernel_regularizer' only matters for training and is ignored\n"
          "    x = L.Conv2D(4, 3, activation=L.ReLU(), kernel_regularizer=keras.regularizers.l2(1e-4))(x)\n"
          "                                            ^~~~~~~~~~~~~~~~~~\n"
          "net.hcn:10:1: note: 'compile' has no meaning here and is ignored\n"
          "    model.compile(optimizer=anything, loss=goes)\n"
          "    ^~~~~~~~~~~~~\n"
          "net.hcn:11:1: note: 'summary' has no meaning here and is ignored\n"
          "    model.summary()\n"
          "    ^~~~~~~~~~~~~\n");
    REQUIRE(e.graphs.size() == 2);
    CHECK(e.graphs[0].name == "features");
    CHECK(names(e.graphs[1]) == "image conv2d conv2d_1 flatten");
    CHECK(e.graphs[1].nodes[1].attributes.string("activation") == "relu");
    CHECK(outputs(e.graphs[0]) == "x");
}

TEST_CASE("a Sequential may be built up, nested and used as a block") {
    const Elaborating e(R"(
body = Sequential()
body.add(Conv2D(4, 3))
body.add(ReLU())
net = Sequential([Input((8, 8, 3)), body, Flatten()])

def other(x: float32[8, 8, 3]):
    head = Sequential([Flatten(), Dense(2)])
    return head(body(x))
)");
    CHECK(e.errors() == "");
    REQUIRE(e.graphs.size() == 2);
    CHECK(names(e.graphs[0]) == "input conv2d re_lu flatten");
    CHECK(names(e.graphs[1]) == "x conv2d re_lu flatten dense");
}

TEST_CASE("names are imported from a file in the same folder, once") {
    const MemoryFiles files{
        {"blocks.hcn", "width = 5\ndef residual(x):\n    return x + Conv2D(3, 3, padding=\"same\")(x)\n"}};
    const Elaborating e("from blocks import residual, width as n\nimport blocks\n"
                        "def net(x: float32[8, 8, 3]):\n    return Dense(n + blocks.width)(residual(x))\n",
                        files);
    CHECK(e.errors() == "");
    CHECK(names(e.graph()) == "x conv2d add dense");
    CHECK(weights(e.graph()) == "conv2d/kernel(3, 3, 3, 3) conv2d/bias(3,) dense/kernel(3, 10) dense/bias(10,)");
}

TEST_CASE("files that import each other are an error that shows the circle") {
    const MemoryFiles files{{"a.hcn", "from b import f\n"}, {"b.hcn", "from a import g\n"}};
    const Elaborating e("from a import g\n", files);
    CHECK(e.errors() == "b.hcn:1:6: error[E0220]: specs import each other in a circle: a.hcn -> b.hcn -> a.hcn\n"
                        "    from a import g\n"
                        "         ^\n");
}

TEST_CASE("only the model that was asked for is elaborated") {
    const std::string text =
        "def a(x: float32[4]):\n    return Dense(2)(x)\ndef b(x: float32[4]):\n    return Dence(2)(x)\n";
    CHECK(Elaborating(text, {}, "a").errors() == "");
    CHECK(Elaborating(text, {}, "b").diag.error_count() == 1);
}

TEST_CASE("tensors and numbers: operators become Rescaling") {
    const Elaborating e("def net(x: float32[4]):\n    return -(1 - (x - 0.5) / 4)\n");
    CHECK(e.errors() == "");
    CHECK(names(e.graph()) == "x subtract divide subtract_1 negative");
    CHECK(e.graph().nodes[2].attributes.real("scale") == 0.25);
    CHECK(e.graph().nodes[3].attributes.real("scale") == -1);
    CHECK(e.graph().nodes[3].attributes.real("offset") == 1);
}

TEST_CASE("quotients and powers of tensors are layers, a number divided by a tensor is one power") {
    const Elaborating e("def net(x: float32[4], y: float32[4]):\n    return x / y + y ** 2 - 3 / x\n");
    CHECK(e.errors() == "");
    CHECK(names(e.graph()) == "x y divide power add divide_1 subtract");
    CHECK(e.graph().nodes[3].attributes.real("exponent") == 2);
    CHECK(e.graph().nodes[5].attributes.real("exponent") == -1);
    CHECK(e.graph().nodes[5].attributes.real("factor") == 3);
}
