"""Every layer takes the arguments of Keras's layer of that name, in its order and with its defaults.

Needs a Python with Keras 3: this one, or the one that KERAS_PYTHON names; without either the test is skipped.
"""

import ast
import importlib.util
import inspect
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "command_line"))

from program import halcyon, require

SKIPPED = 77
# Every layer takes a name; types and training are not a matter of the spec.
EVERYWHERE = {"self", "name", "dtype", "trainable", "args", "kwargs"}
# What a library compiled for one size has no use for, or training leaves behind.
WITHOUT = {"InputLayer": {"input_tensor", "optional"}}


def keras_classes():
    """The layers of Keras by name, and those of keras.applications that its files name."""
    import keras
    from keras.src.applications import convnext

    classes = {name: each for name, each in vars(keras.layers).items() if inspect.isclass(each)}
    return {"LayerScale": convnext.LayerScale, "StochasticDepth": convnext.StochasticDepth, **classes}


def same(ours, theirs):
    """Whether two defaults mean the same: one number stands for a tuple of it."""
    if isinstance(theirs, list):
        theirs = tuple(theirs)
    if isinstance(ours, tuple) and isinstance(theirs, tuple) and len(ours) == len(theirs):
        return all(map(same, ours, theirs))
    if isinstance(ours, tuple) and (len(ours) == 1 or not isinstance(theirs, tuple)):
        return all(same(each, theirs) for each in ours)
    # What is not available is off.
    return ours == theirs or (ours is None and theirs is False)


def same_default(argument, theirs):
    import keras

    text = argument["default"]
    if argument["name"].endswith("_initializer"):
        return text.split("(")[0] == type(keras.initializers.get(theirs)).__name__
    usual = {"activation": "linear", "data_format": "channels_last", "dtype": "float32"}.get(argument["name"])
    return same(ast.literal_eval(text), usual if theirs is None else theirs)


def mistakes(layer, keras_class):
    """Sentences about what differs."""
    signature = inspect.signature(keras_class.__init__)
    ours = {argument["name"]: argument for argument in layer["arguments"]}
    left_out = EVERYWHERE - set(ours) | WITHOUT.get(layer["name"], set())
    theirs = {name: each for name, each in signature.parameters.items() if name not in left_out}
    for name in theirs:
        if name not in ours:
            yield f"has no {name}"
    order = [name for name in theirs if name in ours]
    if list(ours)[:len(order)] != order:
        yield f"takes ({', '.join(ours)}), Keras ({', '.join(theirs)})"
    for name in order:
        default = theirs[name].default
        if (default is inspect.Parameter.empty) != ("default" not in ours[name]):
            yield f"{name} is required here or there only"
        elif "default" in ours[name] and not ours[name]["training_only"] and not same_default(ours[name], default):
            yield f"{name} is {ours[name]['default']} by default, Keras's {default!r}"


def main():
    if importlib.util.find_spec("keras") is None:
        other = os.environ.get("KERAS_PYTHON")
        if not other:
            print("skipped: no Keras here; KERAS_PYTHON may name a Python that has it")
            sys.exit(SKIPPED)
        sys.exit(subprocess.run([other, __file__], check=False).returncode)
    os.environ.setdefault("KERAS_BACKEND", "jax")
    layers = json.loads(halcyon("show", "layers", "--json")[0])
    classes = keras_classes()
    compared = [layer for layer in layers if layer["name"] in classes]
    require(len(compared) >= 60, f"only {len(compared)} layers have Keras's names")
    found = [f"{layer['name']}: {text}" for layer in compared for text in mistakes(layer, classes[layer["name"]])]
    for layer in compared:
        for alias in layer["aliases"]:
            if alias in classes and classes[alias] is not classes[layer["name"]]:
                found.append(f"{layer['name']}: {alias} is another layer in Keras")
    require(not found, "\n".join(found))
    print(f"{len(compared)} layers agree with Keras's")


if __name__ == "__main__":
    main()
