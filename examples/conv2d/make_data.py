"""Draws the inputs and weights of conv2d.hcn's layers, and has Keras and PyTorch compute the outputs.

    KERAS_PYTHON=venv/bin/python PYTORCH_PYTHON=/usr/bin/python3 python3 make_data.py

Needs NumPy itself; KERAS_PYTHON needs Keras (made with 3.15.1 on jax 0.10.2), PYTORCH_PYTHON needs PyTorch (made with
Debian 12's python3-torch, 1.13). Both default to the Python that runs this. check.sh needs none of them.
"""

import os
import subprocess
import sys

import numpy as np

from tensors import FOLDER, save, save_weights


def main():
    random = np.random.default_rng(20)

    def draw(*shape):
        return random.uniform(-1, 1, shape).astype(np.float32)

    def draw_weights(name, height, width, channels, filters):
        limit = np.sqrt(3 / (height * width * channels))  # outputs about as large as inputs
        save_weights(name, draw(height, width, channels, filters) * np.float32(limit), draw(filters) * np.float32(0.2))

    (FOLDER / "data").mkdir(exist_ok=True)
    picture, grey = draw(32, 32, 3), draw(28, 28, 1)
    save("picture", picture)
    save("picture_channels_first", picture.transpose(2, 0, 1))
    save("features", draw(32, 32, 32))
    save("grey", grey)
    save("grey_channels_first", grey.transpose(2, 0, 1))
    draw_weights("relu", 3, 3, 3, 32)
    draw_weights("strided", 5, 5, 32, 64)
    draw_weights("sigmoid", 3, 3, 1, 128)
    draw_weights("halved", 3, 3, 3, 8)

    for python, script in [("KERAS_PYTHON", "keras_layers.py"), ("PYTORCH_PYTHON", "pytorch.py")]:
        subprocess.run([os.environ.get(python, sys.executable), FOLDER / script], check=True)


if __name__ == "__main__":
    main()
