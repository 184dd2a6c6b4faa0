// What programs that build networks write beyond layers: Python's own statements, methods and modules.

#include <doctest/doctest.h>

#include "elaborating.h"

TEST_CASE("texts are filled in as Python fills them") {
    CHECK(value_of("'{}_{}'.format('a',1)") == "a_1");
    CHECK(value_of("'{1}{0}{{}}'.format('a','b')") == "ba{}");
    CHECK(value_of("'{n:03d}'.format(n=7)") == "007");
    CHECK(value_of("'block%d_%s%%'%(3,'x')") == "block3_x%");
    CHECK(value_of("'%05.2f'%3.14159") == "03.14");
    CHECK(value_of("('%-3d|'%5).replace(' ','.')") == "5..|");
    CHECK(value_of("('%3s|'%'a').replace(' ','.')") == "..a|");
    CHECK(value_of("'%d'%2.9") == "2");
}

TEST_CASE("texts have Python's methods") {
    CHECK(value_of("'_'.join(['a','b'])") == "a_b");
    CHECK(value_of("'A-b'.lower()+'c'.upper()") == "a-bC");
    CHECK(value_of("'stage1_block2'.split('_')[1]") == "block2");
    CHECK(value_of("len(' a  b '.split())") == "2");
    CHECK(value_of("'conv1'.replace('1','2')") == "conv2");
    CHECK(value_of("'conv1'.startswith('conv')") == "True");
    CHECK(value_of("'  x '.strip()") == "x");
    CHECK(value_of("'xxyx'.rstrip('x')") == "xxy");
    CHECK(value_of("'hELLO'.capitalize()") == "Hello");
}

TEST_CASE("elements of dicts and lists can be assigned to, and dicts unpacked into calls") {
    CHECK(value_of("d['b']+d['a']", "d = {'a': 1}\nd['b'] = 5\nd['a'] += 2") == "8");
    CHECK(value_of("xs[0]*xs[-1]", "xs = [1, 2]\nxs[0] = 3\nxs[-1] = 4") == "12");
    CHECK(value_of("d.pop('a')+len(d)", "d = {'a': 1}") == "1");
    CHECK(value_of("d['b']", "d = dict(a=1)\nd.update(b=2)") == "2");
    CHECK(value_of("c['a'][0]", "import copy\nd = {'a': [1]}\nc = copy.deepcopy(d)\nd['a'][0] = 2") == "1");
    CHECK(value_of("f(1,**d)", "def f(a, b, c=0):\n    return a + 10 * b + 100 * c\nd = {'b': 2, 'c': 3}") == "321");
    CHECK(value_of("f(1,2,3,x=4)", "def f(a, *rest, **named):\n    return a + len(rest) * 10 + named['x'] * 100") ==
          "421");
}

TEST_CASE("sets are tuples without repetitions; a generator is a list") {
    CHECK(value_of("len({1,2,1})") == "2");
    CHECK(value_of("None in{'imagenet',None}") == "True");
    CHECK(value_of("sum(n*n for n in[1,2,3]if n>1)") == "13");
    CHECK(value_of("any(n>2 for n in[1,2,3])") == "True");
    CHECK(value_of("all(n>2 for n in[1,2,3])") == "False");
    CHECK(value_of("sorted([3,1,2])[0]") == "1");
}

TEST_CASE("math, numpy and backend have what networks are computed with") {
    CHECK(value_of("math.ceil(2.1)", "import math") == "3");
    CHECK(value_of("math.sqrt(4)", "import math") == "2.0");
    CHECK(value_of("int(np.ceil(np.log2(9)))", "import numpy as np") == "4");
    CHECK(value_of("np.linspace(0,1,3)[1]", "import numpy as np") == "0.5");
    CHECK(value_of("np.prod([2,3,4])", "import numpy as np") == "24");
    CHECK(value_of("np.array([2,3])[1]", "import numpy as np") == "3");
    CHECK(value_of("backend.image_data_format()", "from keras import backend") == "channels_last");
    CHECK(value_of("K.get_uid('a')+K.get_uid('a')", "from keras import backend as K") == "3");
    CHECK(value_of("isinstance((1,),(tuple,list))") == "True");
    CHECK(value_of("isinstance(1,str)") == "False");
}

TEST_CASE("try, with, decorators and docstrings of functions mean nothing more than what they hold") {
    const Elaborating e(R"(@keras_export(["keras.applications.net.Net"])
def build(size, name="net"):
    """Builds it."""
    inputs = keras.Input((size,))
    try:
        x = Dense(2)(inputs)
    except ValueError:
        x = inputs
    finally:
        with backend.name_scope("head"):
            x = Dense(3)(x)
    return keras.Model(inputs, x, name=name)


build.__doc__ = UNKNOWN.format(1)
setattr(build, "__doc__", build.__doc__ + "!")
model = build(4)
model.trainable = False
)");
    CHECK(names(e.graph()) == "inputs dense dense_1");
    CHECK(e.graph().name == "net");
    CHECK(e.errors().find("'trainable' only matters for training") != std::string::npos);
}

TEST_CASE("data sets, plots and training are ignored with a note each, and so is what comes from them") {
    const Elaborating e(R"(import os
import matplotlib.pyplot as plt
import numpy as np
from tensorflow import keras
from tensorflow.keras.optimizers import Adam

os.environ["KERAS_BACKEND"] = "jax"
(x_train, y_train), _ = keras.datasets.mnist.load_data()
x_train = np.expand_dims(x_train.astype("float32") / 255, -1)
y_train = keras.utils.to_categorical(y_train, 10)
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(10)])
model.compile(optimizer=Adam(1e-3))
history = model.fit(x_train, y_train)
print("loss", history.history["loss"])
plt.plot(history.history["loss"])
if __name__ == "__main__":
    model.save("model.keras")
)");
    CHECK(names(e.graph()) == "input dense");
    CHECK(e.diag.error_count() == 0);
    CHECK(e.diag.all().size() == 6);
}

TEST_CASE("initializers may be written as Keras stores them") {
    const Elaborating e(R"(
kernel = {"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_out", "distribution": "uniform"}}


def net(x: float32[4, 4, 2]):
    return Conv2D(3, 1, kernel_initializer=kernel)(x)
)");
    CHECK(to_text(e.graph().nodes[1].attributes["kernel_initializer"]) ==
          "VarianceScaling(distribution='uniform', mode='fan_out', scale=2.0, seed=None)");
}
