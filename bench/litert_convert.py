"""Writes a network as LiteRT reads it: what only TensorFlow can, in the environment that litert.py makes.

    litert_convert.py SPEC.hcn:MODEL WEIGHTS.npz BATCHxHEIGHTxWIDTHxCHANNELS RESULT.tflite

A spec is a program for Keras, but for the types of its inputs and for numbers as padding. So Keras runs it, and takes
the weights by the names that they have there too.
"""

import importlib.machinery
import importlib.util
import os
import pathlib
import sys

os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2


class Type:
    """Of an input, as in `image: float32[32, 32, 3]`: here the command line says it."""

    def __class_getitem__(cls, shape):
        return cls


def with_numbers_as_padding(layer):
    """`padding=1` as Keras's users write it, two layers, of which XNNPACK makes one."""
    def make(*arguments, padding="valid", **others):
        if isinstance(padding, str):
            return layer(*arguments, padding=padding, **others)
        convolution, pad = layer(*arguments, **others), keras.layers.ZeroPadding2D(padding)
        return lambda image: convolution(pad(image))
    return make


NAMES = {name: value for name, value in vars(keras.layers).items() if not name.startswith("_")}
NAMES |= {name: with_numbers_as_padding(NAMES[name]) for name in ("Conv2D", "DepthwiseConv2D")}
NAMES["float32"] = Type


class SpecLoader(importlib.machinery.SourceFileLoader):
    """Specs see Keras's layers without importing them."""

    def exec_module(self, module):
        vars(module).update(NAMES)
        super().exec_module(module)


class SpecFinder:
    """A spec is a module, and so are those beside it, for its imports."""

    def __init__(self, folder):
        self.folder = folder

    def find_spec(self, name, path, target=None):
        file = self.folder / f"{name}.hcn"
        if not file.exists():
            return None
        return importlib.util.spec_from_file_location(name, file, loader=SpecLoader(name, str(file)))


def load_model(path, name, shape):
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, SpecFinder(path.parent))
    image = keras.Input(batch_shape=shape)
    output = getattr(importlib.import_module(path.stem), name)(image)
    return keras.Model(image, *(output.values() if isinstance(output, dict) else [output]))


def main():
    spec, weights, shape, result = sys.argv[1:]
    path, name = spec.rsplit(":", 1)
    shape = [int(extent) for extent in shape.split("x")]
    model, arrays = load_model(pathlib.Path(path), name, shape), np.load(weights)
    for variable in model.variables:
        # Dropout has the state of its random numbers, which nobody asks for.
        if "seed_generator" not in variable.path:
            variable.assign(arrays[variable.path])
    for layer in model.layers:
        # It computes with what it made of its variables when they were new.
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()

    # The same file as from_keras_model makes, in a tenth of the time.
    run = tf.function(lambda x: model(x, training=False), input_signature=[tf.TensorSpec(shape, tf.float32)])
    frozen = convert_variables_to_constants_v2(run.get_concrete_function())
    pathlib.Path(result).write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([frozen]).convert())


if __name__ == "__main__":
    main()
