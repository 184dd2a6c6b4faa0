"""Trains the network of upscale.hcn with Keras on sample photographs, and writes what the demo reads.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python train.py

The demo does not need this script: what it writes is part of the repository.

    upscale.safetensors    the weights, named LAYER/WEIGHT, in Keras's shapes
    cat/original.png       a photograph that training never saw, 384x256 pixels
    cat/small.png          the same at half the width and height
    cat/keras_tile.npy     what Keras makes of the tile of cat/small.png whose corner is (64, 64), float32 [128, 128, 3]
"""

import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
import skimage
import sklearn
from keras import layers
from PIL import Image
from safetensors.numpy import save_file

FOLDER = Path(__file__).resolve().parent
SEED = 1
TILE, MARGIN, SCALE = 64, 6, 2
STEPS, BATCH, PATCH = 5000, 16, 24

SKIMAGE = Path(skimage.__file__).parent / "data"
SKLEARN = Path(sklearn.__file__).parent / "datasets/images"
PHOTOGRAPHS = [
    *(SKIMAGE / name for name in ("astronaut.png", "coffee.png", "motorcycle_left.png", "rocket.jpg")),
    *(SKIMAGE / name for name in ("brick.png", "grass.png", "gravel.png")),
    *(SKLEARN / name for name in ("china.jpg", "flower.jpg")),
]
UNSEEN = SKIMAGE / "chelsea.png", (40, 20, 40 + 384, 20 + 256)


def halve(picture):
    return picture.resize((picture.width // SCALE, picture.height // SCALE), Image.Resampling.BICUBIC)


def training_pairs():
    """Photographs and their halves, at two sizes each: pixels of the smaller are one, of the larger two by two."""
    pairs = []
    for path in PHOTOGRAPHS:
        picture = Image.open(path).convert("RGB")
        for large in (picture, halve(picture)):
            large = large.crop((0, 0, large.width // SCALE * SCALE, large.height // SCALE * SCALE))
            pairs.append((np.asarray(halve(large)), np.asarray(large, np.float32) / 255))
    return pairs


def batches(pairs, random):
    """Patches at random places, turned and mirrored at random, large pictures as often as they have pixels."""
    areas = np.array([small.size for small, _ in pairs], float)
    outer = PATCH + 2 * MARGIN
    while True:
        inputs, outputs = [], []
        for which in random.choice(len(pairs), BATCH, p=areas / areas.sum()):
            small, large = pairs[which]
            y, x = (random.integers(0, extent - outer + 1) for extent in small.shape[:2])
            inside = [slice(SCALE * (at + MARGIN), SCALE * (at + MARGIN + PATCH)) for at in (y, x)]
            turns, mirror = random.integers(4), random.choice([-1, 1])
            inputs.append(np.rot90(small[y:y + outer, x:x + outer], turns)[:, ::mirror])
            outputs.append(np.rot90(large[inside[0], inside[1]], turns)[:, ::mirror])
        yield np.stack(inputs), np.stack(outputs)


def bicubic_kernel(shape, dtype=None):
    """The filters of bicubic interpolation, whose new pixels lie a quarter to the left and right of the old ones."""
    distance = np.abs(np.arange(-2, 3)[:, np.newaxis] - np.array([-0.25, 0.25]))
    a = -0.5
    taps = np.where(distance < 1, ((a + 2) * distance - (a + 3)) * distance**2 + 1,
                    np.where(distance < 2, ((distance - 5) * distance + 8) * distance * a - 4 * a, 0))
    kernel = np.einsum("yv,xu,io->yxivuo", taps, taps, np.eye(3))
    return kernel.reshape(shape).astype("float32")


def build_model(tile):
    """The model of upscale.hcn, for tiles of any size. It begins as bicubic interpolation."""
    pixels = keras.Input((tile + 2 * MARGIN, tile + 2 * MARGIN, 3), dtype="uint8", name="tile")
    image = layers.Rescaling(1 / 255)(pixels)
    coarse = layers.Conv2D(12, 5, use_bias=False, kernel_initializer=bicubic_kernel, name="coarse")(
        layers.Cropping2D(4)(image))
    x = layers.Conv2D(32, 5, activation="relu", kernel_initializer="he_normal", name="look")(image)
    for step in range(3):
        x = layers.Conv2D(32, 3, activation="relu", kernel_initializer="he_normal", name=f"refine_{step}")(x)
    x = layers.Add()([coarse, layers.Conv2D(12, 3, kernel_initializer="zeros", name="detail")(x)])
    x = layers.Reshape((tile, tile, 2, 2, 3))(x)
    x = layers.Permute((1, 3, 2, 4, 5))(x)
    return keras.Model(pixels, layers.Reshape((2 * tile, 2 * tile, 3))(x), name="upscale")


def upscale(model, small):
    """A whole picture, tile by tile, its edges repeated outwards. Width and height are multiples of the tile."""
    framed = np.pad(small, ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), mode="edge")
    outer = TILE + 2 * MARGIN
    tiles = [[np.asarray(model(framed[np.newaxis, y:y + outer, x:x + outer], training=False))[0]
              for x in range(0, small.shape[1], TILE)] for y in range(0, small.shape[0], TILE)]
    return tiles, np.concatenate([np.concatenate(row, axis=1) for row in tiles])


def psnr(picture, original):
    return 10 * np.log10(255**2 / np.mean((picture.astype(float) - original.astype(float))**2))


def main():
    keras.utils.set_random_seed(SEED)
    model = build_model(PATCH)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=STEPS)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mean_absolute_error")
    model.fit(batches(training_pairs(), np.random.default_rng(SEED)), steps_per_epoch=STEPS // 10, epochs=10, verbose=2)
    save_file({f"{layer.name}/{weight.name}": np.asarray(weight.value, np.float32)
               for layer in model.layers for weight in layer.weights}, FOLDER / "upscale.safetensors")
    (FOLDER / "upscale.safetensors").chmod(0o644)

    path, box = UNSEEN
    original = Image.open(path).convert("RGB").crop(box)
    small = halve(original)
    (FOLDER / "cat").mkdir(exist_ok=True)
    original.save(FOLDER / "cat/original.png", optimize=True)
    small.save(FOLDER / "cat/small.png", optimize=True)

    whole = build_model(TILE)
    whole.set_weights(model.get_weights())
    tiles, large = upscale(whole, np.asarray(small))
    np.save(FOLDER / "cat/keras_tile.npy", tiles[1][1])
    large = np.rint(np.clip(large, 0, 1) * 255)
    bicubic = np.asarray(small.resize(original.size, Image.Resampling.BICUBIC))
    print(f"PSNR: bicubic {psnr(bicubic, np.asarray(original)):.2f} dB, "
          f"network {psnr(large, np.asarray(original)):.2f} dB")


if __name__ == "__main__":
    main()
