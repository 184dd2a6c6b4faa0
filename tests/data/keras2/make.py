"""Makes net.h5, net_image.npy and net_output.npy beside this, as Keras 2 saves and computes them.

    python make.py        needs Python 3.11 at most and tensorflow-cpu==2.15.1, the last that brings Keras 2
"""

import pathlib

import keras
import numpy as np
from keras import layers

folder = pathlib.Path(__file__).parent
random = np.random.default_rng(1)

image = layers.Input((16, 16, 3), name="image")
left = layers.SeparableConv2D(8, 3, padding="same", activation="relu", name="block1/left/separable")(image)
right = layers.Conv2D(8, 5, padding="same", use_bias=False, name="block1/right/conv")(image)
right = layers.BatchNormalization(name="block1/right/bn")(right)
x = layers.Concatenate()([left, right])
x = layers.DepthwiseConv2D(3, strides=2, padding="same")(x)
x = layers.Conv2DTranspose(6, 3, strides=2, padding="same")(x)
x = layers.PReLU(shared_axes=[1, 2])(x)
x = layers.LayerNormalization()(x)
x = layers.MaxPooling2D()(x)
x = layers.LeakyReLU(0.2)(x)
x = layers.ReLU(6.0)(x + 3.0) / 6.0
x = layers.UpSampling2D(interpolation="bilinear")(x)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.5)(x)
model = keras.Model(image, layers.Dense(10, activation="softmax")(x), name="net")

for layer in model.layers:
    layer.set_weights([random.uniform(0.5, 1.5, weight.shape) if "variance" in weight.name else
                       random.normal(0, 0.5, weight.shape) for weight in layer.weights])
picture = random.uniform(-1, 1, (1, 16, 16, 3)).astype("float32")
model.save(folder / "net.h5")
np.save(folder / "net_image.npy", picture[0])
np.save(folder / "net_output.npy", model.predict(picture, verbose=0)[0])
