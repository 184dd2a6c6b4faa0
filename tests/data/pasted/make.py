"""Writes what Keras (3.15.1, jax backend) computes for the programs in this folder, which are Python to Python: python make.py"""

import os
import pathlib

os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
from safetensors.numpy import save_file

folder = pathlib.Path(__file__).parent
random = np.random.default_rng(7)

for program in sorted(folder.glob("*.hcn")):
    scope = {}
    exec(program.read_text(), scope)
    model, tensors = scope["model"], {}
    for variable in model.weights:
        layer, name = variable.path.split("/")[-2:]
        if layer == "seed_generator":
            continue
        value = random.normal(size=variable.shape) / np.sqrt(max(1, np.prod(variable.shape[:-1])))
        if name in ("moving_variance", "gamma"):
            value = np.abs(value) + 0.5
        variable.assign(value.astype("float32"))
        tensors[f"{layer}/{name}"] = np.asarray(variable)
    image = random.integers(0, 256, size=(2, *model.input_shape[1:])).astype("float32")
    save_file(tensors, program.with_suffix(".safetensors"))
    np.save(program.with_suffix(".input.npy"), image)
    np.save(program.with_suffix(".output.npy"), np.asarray(model(image, training=False)))
