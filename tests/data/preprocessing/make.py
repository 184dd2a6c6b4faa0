"""Makes the other files of this folder with Keras (3.15.1, jax backend): python make.py

    image.npy            a picture, uint8 [7, 9, 3]
    conv.safetensors     a 3x3 convolution's weights
    MODE.npy             what that convolution, padded to "same", makes of preprocess_input(image, mode=MODE)
"""

import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras.applications.imagenet_utils import preprocess_input
from safetensors.numpy import save_file

FOLDER = Path(__file__).resolve().parent

random = np.random.default_rng(1)
image = random.integers(0, 256, (7, 9, 3), dtype=np.uint8)
conv = keras.layers.Conv2D(4, 3, padding="same")
conv.build((None, 7, 9, 3))
conv.set_weights([random.normal(0, 0.3, weight.shape).astype(np.float32) for weight in conv.weights])

np.save(FOLDER / "image.npy", image)
save_file({f"conv/{weight.name}": np.asarray(weight.value) for weight in conv.weights}, FOLDER / "conv.safetensors")
for mode in ["caffe", "torch", "tf"]:
    seen = preprocess_input(image[np.newaxis].astype(np.float32), mode=mode)
    np.save(FOLDER / f"{mode}.npy", np.asarray(conv(seen))[0])
