"""Trains the network of digits.hcn with Keras, and writes everything that the demo reads.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python train.py

The demo does not need this script: what it writes is part of the repository.

    digits.safetensors           the weights, named LAYER/WEIGHT, in Keras's shapes
    held_out/images.npy          the scans that training never saw, uint8 [450, 8, 8, 1]
    held_out/labels.npy          what they show, uint8 [450]
    held_out/probabilities.npy   what Keras makes of them, float32 [450, 10]
    scans/*.png                  nine of them as pictures: the first 0 to 5, and the three that Keras is least sure of
"""

import os
import struct
import zlib
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers
from safetensors.numpy import save_file
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

FOLDER = Path(__file__).resolve().parent
SEED = 1


def load_scans():
    """1,797 scans of 8x8 pixels. Their 17 grey levels become those of an ordinary picture, 0..255."""
    scans = load_digits()
    pixels = np.rint(scans.images * 255 / 16).astype(np.uint8)[..., np.newaxis]
    return train_test_split(pixels, scans.target, test_size=450, stratify=scans.target, random_state=SEED)


def build_model():
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Rescaling(1 / 255)(image)

    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(2)(x)

    x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.4)(x)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x), name="digits")


def train(model, pixels, labels):
    epochs, batch = 40, 32
    rate = keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=epochs * -(-len(pixels) // batch))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(pixels, labels, batch_size=batch, epochs=epochs, verbose=2)


def write_weights(model, path):
    save_file({f"{layer.name}/{weight.name}": np.asarray(weight.value, np.float32)
               for layer in model.layers for weight in layer.weights if "seed" not in weight.name}, path)
    path.chmod(0o644)


def write_png(path, pixels):
    """Greyscale PNG, uncompressed ("stored" deflate blocks, no filters): the demo's reader stays 40 lines long."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(rows, level=0)) + chunk(b"IEND", b""))


def main():
    keras.utils.set_random_seed(SEED)
    train_pixels, held_out_pixels, train_labels, held_out_labels = load_scans()
    model = build_model()
    train(model, train_pixels, train_labels)

    probabilities = np.asarray(model(held_out_pixels, training=False), np.float32)
    correct = np.count_nonzero(probabilities.argmax(axis=1) == held_out_labels)
    accuracy = 100 * correct / len(held_out_labels)
    print(f"Keras reads {correct} of {len(held_out_labels)} held-out scans, {accuracy:.2f} %")

    write_weights(model, FOLDER / "digits.safetensors")
    (FOLDER / "held_out").mkdir(exist_ok=True)
    np.save(FOLDER / "held_out/images.npy", held_out_pixels)
    np.save(FOLDER / "held_out/labels.npy", held_out_labels.astype(np.uint8))
    np.save(FOLDER / "held_out/probabilities.npy", probabilities)

    (FOLDER / "scans").mkdir(exist_ok=True)
    for old in (FOLDER / "scans").glob("*.png"):
        old.unlink()
    first = [np.argmax(held_out_labels == digit) for digit in range(6)]
    least_sure = np.argsort(probabilities.max(axis=1))[:3]
    for i in [*first, *least_sure]:
        write_png(FOLDER / f"scans/{i:03}-is-{held_out_labels[i]}.png", held_out_pixels[i, :, :, 0])


if __name__ == "__main__":
    main()
