"""Makes the networks' weights and the activations that Keras computes for them; the .npz files beside this are its output."""

import pathlib

import keras
import numpy as np
from keras import layers

FOLDER = pathlib.Path(__file__).parent


def photo():
    """A classifier of small photographs, with what such networks have."""
    image = keras.Input((16, 16, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="scale")(image)
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False, name="stem")(x)
    x = layers.BatchNormalization(name="stem_bn")(x)
    x = layers.ReLU(6.0, name="stem_relu")(x)
    shortcut = x
    x = layers.DepthwiseConv2D(3, padding="same", name="depth")(x)
    x = layers.BatchNormalization(name="depth_bn")(x)
    x = layers.LeakyReLU(negative_slope=0.1, name="leaky")(x)
    x = layers.Conv2D(8, 1, name="mix")(x)
    x = layers.Add(name="residual")([x, shortcut])
    x = layers.Conv2D(8, 3, dilation_rate=2, padding="same", activation="gelu", name="wide")(x)
    x = layers.AveragePooling2D(3, strides=2, padding="same", name="pool")(x)
    x = layers.Conv2D(8, 3, activation="relu", padding="same", name="last")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(16, activation="tanh", name="hidden")(x)
    return keras.Model(image, layers.Dense(5, activation="softmax", name="scores")(x))


def pair():
    """Two inputs, one of them bytes, and two outputs."""
    pixels = keras.Input((8, 8, 4), dtype="uint8", name="pixels")
    series = keras.Input((12, 4), name="series")
    x = layers.Normalization(name="normalize")(pixels)
    x = layers.Conv2D(8, 3, groups=2, activation="silu", name="grouped")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    y = layers.Conv1D(8, 3, padding="causal", name="past")(series)
    y = layers.LayerNormalization(name="norm")(y)
    y = layers.GlobalMaxPooling1D(name="peak")(y)
    both = layers.Concatenate(name="both")([x, y])
    return keras.Model([pixels, series], {"a": layers.Dense(3, name="first")(both), "b": layers.Subtract(name="gap")([x, y])})


def fill(model, random):
    """Weights as training leaves them: nothing is 0 or 1."""
    for layer in model.layers:
        for weight in layer.weights:
            if weight.name == "count":
                continue
            shape = weight.shape
            if "variance" in weight.name:
                value = random.uniform(0.3, 2.0, shape)
            elif weight.name == "gamma":
                # The first one lets numbers through that ReLU(6) cuts.
                value = random.uniform(0.5, 1.5, shape) * (4 if layer.name == "stem_bn" else 1)
            elif len(shape) > 1:
                value = random.normal(0, 1.6 / np.sqrt(np.prod(shape[:-1])), shape)
            else:
                value = random.normal(0, 0.4, shape)
            if layer.name == "normalize":  # of bytes
                value = value * 900 if "variance" in weight.name else value * 40 + 120
            weight.assign(value.astype("float32"))
        if layer.name == "normalize":
            layer.finalize_state()


def write(name, model, inputs, random):
    fill(model, random)
    weights = {f"{layer.name}/{weight.name}": np.asarray(weight)
               for layer in model.layers for weight in layer.weights}
    np.savez_compressed(FOLDER / f"{name}_weights.npz", **weights)
    probe = keras.Model(model.inputs, {operation.name: operation.output for operation in model.operations})
    activations = {key: np.asarray(value) for key, value in probe.predict(inputs, verbose=0).items()}
    np.savez_compressed(FOLDER / f"{name}_activations.npz", **{**activations, **inputs})


random = np.random.default_rng(20)
image = random.integers(0, 256, (1, 16, 16, 3)).astype("uint8")
write("photo", photo(), {"image": image}, random)
pixels = random.integers(0, 256, (2, 8, 8, 4)).astype("uint8")
series = random.normal(0, 1, (2, 12, 4)).astype("float32")
write("pair", pair(), {"pixels": pixels, "series": series}, random)
