"""Builds a network of keras.applications with seeded weights and writes NAME.keras, NAME_image.npy, NAME_logits.npy.

    python make.py NAME SIZE FOLDER        SIZE is the picture's width and height, 0 the network's own

NAME is one of keras.applications or of MINIATURES, which the same code of keras.applications builds. Runs under a Python
that has Keras; nothing here needs Halcyon.
"""

import os
import sys
import zipfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras.src.applications import convnext, efficientnet, resnet

COMMON = {"weights": None, "classes": 10, "classifier_activation": None}
MINIATURES = {
    "tiny_mobilenet": lambda shape: keras.applications.MobileNet(alpha=0.25, input_shape=shape, **COMMON),
    "tiny_resnet_v2": lambda shape: resnet.ResNet(
        lambda x: resnet.stack_residual_blocks_v2(
            resnet.stack_residual_blocks_v2(x, 8, 2, name="conv2"), 16, 2, name="conv3"),
        preact=True, use_bias=True, input_shape=shape, name="tiny_resnet_v2", **COMMON),
    "tiny_efficientnet": lambda shape: efficientnet.EfficientNet(
        0.25, 0.4, default_size=shape[0], input_shape=shape, name="tiny_efficientnet", **COMMON),
    "tiny_convnext": lambda shape: convnext.ConvNeXt(
        [1, 1, 2, 1], [8, 16, 24, 32], input_shape=shape, name="tiny_convnext", **COMMON),
}

random = np.random.default_rng(1)


def draw(layer, name, shape):
    """A weight's numbers: no two alike, and such that signals keep their size."""
    if name == "count":
        return np.zeros(shape, "int32")
    if name in ("gamma", "variance", "moving_variance"):
        return random.uniform(0.5, 1.5, shape)
    if len(shape) < 2:
        return random.normal(0, 0.1, shape)
    depthwise = name == "depthwise_kernel" or isinstance(layer, keras.layers.DepthwiseConv2D)
    inputs = np.prod(shape[:2] if depthwise else shape[:-1])
    # Of four values only, so that a file is small.
    return np.sqrt(1.6 / inputs) * random.choice([-1.5, -0.5, 0.5, 1.5], shape)


def fill(model):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            fill(layer)
            continue
        layer.set_weights([draw(layer, weight.name, weight.shape) for weight in layer.weights
                           if "seed" not in weight.name])
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # it computes with copies of its weights


class Measuring:
    """While it is entered, batch normalizations take their statistics from what they see, near enough to keep signals
    of size 1 all through the network, as training does. Without that, sigmoids in deep networks saturate, and small
    errors grow until Keras does not agree with itself."""

    def __enter__(self):
        self.call = call = keras.layers.BatchNormalization.call

        def measuring_call(layer, inputs, **arguments):
            values = np.asarray(inputs, "float64")
            channels = layer.moving_mean.shape
            layer.moving_mean.assign(values.mean() + values.std() * random.normal(0, 0.2, channels))
            layer.moving_variance.assign((values.var() + 1e-3) * random.uniform(0.5, 1.5, channels))
            return call(layer, inputs, **arguments)

        keras.layers.BatchNormalization.call = measuring_call

    def __exit__(self, *_):
        keras.layers.BatchNormalization.call = self.call


def build(name, size):
    if name in MINIATURES:
        return MINIATURES[name]((size, size, 3))
    shape = {"input_shape": (size, size, 3)} if size else {}
    return getattr(keras.applications, name)(weights=None, classifier_activation=None, **shape)


def save(model, path):
    """As Keras does, but compressed if the file is to be kept: large ones take minutes to compress."""
    model.save(path)
    if path.stem not in MINIATURES:
        return
    with zipfile.ZipFile(path) as archive:
        files = [(file.filename, archive.read(file)) for file in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, 9)


def main(name, size, folder):
    keras.utils.set_random_seed(1)
    model = build(name, size)
    fill(model)
    image = random.uniform(-1, 1, model.input_shape[1:]).astype("float32")
    # Those that scale their pictures themselves see bytes.
    if any(isinstance(layer, (keras.layers.Rescaling, keras.layers.Normalization)) for layer in model.layers[:2]):
        image = np.rint((image + 1) * 127.5)
    with Measuring():
        logits = np.asarray(model(image[np.newaxis], training=False))[0]
    if not np.isfinite(logits).all() or logits.std() < 1e-3 * np.abs(logits).max():
        sys.exit(f"{name}: these weights make nothing of the picture: {logits.min()} to {logits.max()}")
    save(model, folder / f"{name}.keras")
    np.save(folder / f"{name}_image.npy", image)
    np.save(folder / f"{name}_logits.npy", logits)
    print(f"{name}: {model.count_params():,} parameters, input {model.input_shape[1:]}, "
          f"logits from {logits.min():.3g} to {logits.max():.3g}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
