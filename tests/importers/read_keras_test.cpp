#include "importers/read_keras.h"

#include <doctest/doctest.h>

#include "importers/keras_text.h"

using namespace halcyon;
using namespace halcyon::importers;
using namespace halcyon::importers::test;

namespace {

const std::string image = input("image", "[null, 8, 8, 3]");
const std::string convolution = R"("filters": 4, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same")";

}  // namespace

TEST_CASE("a chain of layers becomes a line each, with defaults left out and training forgotten") {
    const std::string spec =
        import(
            functional(
                {image,
                 layer(
                     "Conv2D", "first",
                     R"("filters": 4, "kernel_size": [3, 3], "strides": [2, 2], "padding": "valid", "data_format": "channels_last",
                  "groups": 1, "activation": "linear", "use_bias": true, "trainable": true, "dtype": "float32",
                  "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": null}},
                  "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.01}})",
                     {"image"}),
                 layer("BatchNormalization", "batch_normalization",
                       R"("axis": 3, "momentum": 0.9, "epsilon": 1.001e-05)", {"first"}),
                 layer("MaxPooling2D", "pool", R"("pool_size": [2, 2], "strides": [2, 2], "padding": "valid")",
                       {"batch_normalization"}),
                 layer("Rescaling", "rescaling", R"("scale": 0.00392156862745098, "offset": 0.0)", {"pool"})},
                "rescaling"))
            .text;
    CHECK(spec == R"(def net(image: float32[8, 8, 3]):
    x = Conv2D(4, 3, strides=2, name="first")(image)
    x = BatchNormalization(epsilon=1.001e-5)(x)
    x = MaxPooling2D(name="pool")(x)
    return {"output": Rescaling(1 / 255)(x)}
)");
}

TEST_CASE("a branch is written as a whole before the next one begins, whatever the order in the file") {
    const std::string spec = import(functional({image, layer("Conv2D", "left_1", convolution, {"image"}),
                                                layer("Conv2D", "right", convolution, {"image"}),
                                                layer("Conv2D", "left_2", convolution, {"left_1"}),
                                                layer("Add", "sum", "", {"left_2", "right"})},
                                               "sum"))
                                 .text;
    CHECK(spec == R"(def net(image: float32[8, 8, 3]):
    x = Conv2D(4, 3, padding="same", name="left_1")(image)
    x = Conv2D(4, 3, padding="same", name="left_2")(x)
    y = Conv2D(4, 3, padding="same", name="right")(image)
    return {"sum": Add(name="sum")([x, y])}
)");
}

TEST_CASE("a layer that is called twice is made once") {
    const std::string twice =
        R"({"module": "keras.layers", "class_name": "Conv2D", "name": "conv", "config": {"name": "conv", "filters": 3,
            "kernel_size": [1, 1]}, "inbound_nodes": [
            {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["image", 0, 0]}}], "kwargs": {}},
            {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["conv", 0, 0]}}], "kwargs": {}}]})";
    const std::string model = R"({"class_name": "Functional", "config": {"name": "net", "layers": [)" + image + ", " +
                              twice + R"(], "input_layers": [["image", 0, 0]], "output_layers": [["conv", 1, 0]]}})";
    CHECK(import(model).text == R"(def net(image: float32[8, 8, 3]):
    conv = Conv2D(3, 1, name="conv")
    x = conv(image)
    x = conv(x)
    return {"conv": x}
)");
}

TEST_CASE("functions of keras.ops on tensors and numbers become operators") {
    const std::string add =
        R"({"module": "keras.src.ops.numpy", "class_name": "Add", "name": "add", "config": {"name": "add"}, "inbound_nodes": [
            {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["image", 0, 0]}}, 3.0], "kwargs": {}}]})";
    const std::string divide =
        R"({"module": "keras.src.ops.numpy", "class_name": "TrueDivide", "name": "true_divide", "config": {"name": "true_divide"},
            "inbound_nodes": [{"args": [1.0, {"class_name": "__keras_tensor__", "config": {"keras_history": ["add", 0, 0]}}],
            "kwargs": {}}]})";
    CHECK(import(functional({image, add, divide}, "true_divide")).text == R"(def net(image: float32[8, 8, 3]):
    x = image + 3.0
    x = 1.0 / x
    return {"true_divide": x}
)");
}

TEST_CASE("files of Keras 2 have other references, and functions of TensorFlow") {
    const std::string model = R"({"class_name": "Functional", "config": {"name": "net", "layers": [
        {"class_name": "InputLayer", "name": "input_1", "inbound_nodes": [],
         "config": {"batch_input_shape": [null, 8, 8, 3], "dtype": "float32", "ragged": false, "name": "input_1"}},
        {"class_name": "Conv2D", "name": "a", "inbound_nodes": [[["input_1", 0, 0, {}]]],
         "config": {"name": "a", "filters": 3, "kernel_size": [1, 1]}},
        {"class_name": "LeakyReLU", "name": "leak", "inbound_nodes": [[["a", 0, 0, {}]]],
         "config": {"name": "leak", "alpha": 0.1}},
        {"class_name": "TFOpLambda", "name": "tf.math.add", "inbound_nodes": [["a", 0, 0, {"y": ["leak", 0, 0], "name": null}]],
         "config": {"name": "tf.math.add", "function": "math.add"}},
        {"class_name": "Concatenate", "name": "both", "config": {"name": "both", "axis": -1},
         "inbound_nodes": [[["tf.math.add", 0, 0, {}], ["input_1", 0, 0, {}]]]}],
        "input_layers": [["input_1", 0, 0]], "output_layers": [["both", 0, 0]]}})";
    CHECK(import(model).text == R"(def net(image: float32[8, 8, 3]):
    x = Conv2D(3, 1, name="a")(image)
    y = LeakyReLU(0.1, name="leak")(x)
    x = x + y
    return {"both": Concatenate(name="both")([x, image])}
)");
}

TEST_CASE("the layers of a Sequential inside a model become the model's") {
    const std::string inner =
        R"({"module": "keras", "class_name": "Sequential", "name": "inner", "config": {"name": "inner",
        "layers": [{"module": "keras.layers", "class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, 8, 8, 3]}},
                   {"module": "keras.layers", "class_name": "Flatten", "config": {"name": "flatten"}}]},
        "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["image", 0, 0]}}]}]})";
    CHECK(import(functional({image, inner, layer("Dense", "dense", R"("units": 2)", {"inner"})}, "dense")).text ==
          R"(def net(image: float32[8, 8, 3]):
    x = Flatten()(image)
    return {"output": Dense(2)(x)}
)");
}

TEST_CASE("sizes that the file leaves open are asked for") {
    const std::string model =
        functional({input("image", "[null, null, null, 3]"), layer("Conv2D", "conv", convolution, {"image"})}, "conv");
    CHECK(import(model).errors ==
          "error[E0407]: 'net.keras': the input 'image' has the shape (None, None, None, 3): a library is made for one "
          "size\n"
          "hint: give the open sizes, height and width of a picture: --input-size 224x224\n");
    CHECK(import(model, {{16, 32}}).text.starts_with("def net(image: float32[16, 32, 3]):\n"));
}

TEST_CASE("all layers that cannot be imported are one error") {
    const std::string model =
        functional({image, layer("Lambda", "code", R"("function": {"class_name": "__lambda__"})", {"image"}),
                    layer("Blur", "blur", "", {"code"}, "__main__"), layer("Bidirectional", "both", "", {"blur"}),
                    layer("Conv2D", "conv", R"("filters": 4, "kernel_size": [3, 3], "padding": "full")", {"both"})},
                   "conv");
    CHECK(import(model).errors ==
          "error[E0407]: 'net.keras' has 4 layers that cannot be imported:\n"
          "    Lambda 'code': a Lambda is Python code, which is never run\n"
          "    Blur 'blur': a class of one's own, from __main__: Python code, which is never run\n"
          "    Bidirectional 'both': Halcyon has no such layer\n"
          "    Conv2D 'conv': padding must be 'valid', 'same', a non-negative integer, (rows, columns) or ((top, "
          "bottom), "
          "(left, right)), not 'full'\n");
}

TEST_CASE("a subclassed model is refused with the reason") {
    CHECK(
        import(R"({"module": "builtins", "class_name": "MyNet", "config": {}})").errors ==
        "error[E0407]: 'net.keras': the model is a class of one's own, MyNet: Python code, which is never run; save a "
        "functional model of its layers\n");
}

TEST_CASE("descriptions that contradict themselves are refused, each with what is wrong") {
    const std::string loop =
        functional({image, layer("Add", "a", "", {"image", "b"}), layer("ReLU", "b", "", {"a"})}, "b");
    CHECK(import(loop).errors == "error[E0406]: 'net.keras': the layer 'b' needs its own result\n");
    const std::string dangling = functional({image, layer("ReLU", "a", "", {"nobody"})}, "a");
    CHECK(import(dangling).errors ==
          "error[E0406]: 'net.keras': it speaks of a layer 'nobody' that it does not have\n");
    const std::string twice =
        functional({image, layer("ReLU", "a", "", {"image"}), layer("ReLU", "a", "", {"image"})}, "a");
    CHECK(import(twice).errors == "error[E0406]: 'net.keras': two of its layers are named 'a'\n");
    CHECK(import("{").errors ==
          "error[E0406]: 'net.keras': the description of the model is not the JSON that Keras writes\n");
    CHECK(import(std::string(100'000, '[')).errors ==
          "error[E0406]: 'net.keras': the description of the model is not the JSON that Keras writes\n");
    CHECK(import(R"({"class_name": "Functional", "config": {"layers": [], "input_layers": 3}})").errors ==
          "error[E0406]: 'net.keras': the model has no inputs or no outputs\n");
}

TEST_CASE("what Halcyon cannot compute is reported with the line that says it") {
    const std::string model =
        functional({image, layer("Conv2D", "conv", R"("filters": 4, "kernel_size": [9, 9])", {"image"})}, "conv");
    const std::string errors = import(model).errors;
    CHECK(errors.starts_with("error[E0407]: 'net.keras' describes a network that Halcyon cannot compute:\n"));
    CHECK(errors.find("Conv2D(4, 9, name=\"conv\")(image)") != std::string::npos);
}
