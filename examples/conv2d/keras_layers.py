"""conv2d.hcn's layers in Keras, and the numbers that Keras computes for them: data/*.keras.npy, channels last."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers

from tensors import load, load_weights, save


def relu_valid():
    return keras.Sequential([layers.Conv2D(32, (3, 3), activation="relu")])


def strided():
    return keras.Sequential([layers.Conv2D(64, (5, 5), strides=(2, 2), padding="valid")])


def sigmoid():
    return keras.Sequential([layers.Conv2D(128, (3, 3), activation="sigmoid")])


def halved_same():
    return keras.Sequential([layers.Conv2D(8, 3, strides=2, padding="same")])


def halved_padded():  # Keras itself has no padding=1.
    return keras.Sequential([layers.ZeroPadding2D(1), layers.Conv2D(8, 3, strides=2)])


def compute(model, input_name, weights_name):
    batch = load(input_name)[np.newaxis]
    model.build(batch.shape)
    model.set_weights(load_weights(weights_name))
    return np.asarray(model(batch))[0]


if __name__ == "__main__":
    save("relu_valid.keras", compute(relu_valid(), "picture", "relu"))
    save("strided.keras", compute(strided(), "features", "strided"))
    save("sigmoid.keras", compute(sigmoid(), "grey", "sigmoid"))
    save("halved_same.keras", compute(halved_same(), "picture", "halved"))
    save("halved_padded.keras", compute(halved_padded(), "picture", "halved"))
