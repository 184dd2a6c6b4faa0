"""Makes the .keras and .h5 files beside this, with Keras 3 and h5py: python make.py

net.* hold the network of net.hcn with the weights that net.npz holds under Halcyon's names. types.npz has the same numbers in
two types. refused_* are files that no honest program writes.
"""

import io
import json
import os
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import h5py
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(1)


def build(dtype="float32"):
    keras.utils.clear_session()
    keras.config.set_dtype_policy(dtype)
    image = keras.Input((6, 6, 2), name="image")
    x = layers.RandomFlip(seed=1)(image)
    x = layers.Normalization(name="scale")(x)
    left = layers.Conv2D(3, 3, padding="same", name="left_conv")(x)
    right = layers.SeparableConv2D(3, 3, padding="same")(x)
    encoder = keras.Sequential(
        [keras.Input((6, 6, 3)), layers.Conv2D(3, 1), layers.BatchNormalization()], name="encoder"
    )
    x = layers.Add()([encoder(left), right])
    x = layers.Dropout(0.5, seed=2)(layers.PReLU(shared_axes=[1, 2])(x))
    x = layers.LayerNormalization()(x)
    shared = layers.Dense(3, name="shared")
    x = shared(shared(x))
    x = layers.Dense(2, use_bias=False)(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(image, x, name="net")
    model.get_layer("scale").adapt(rng.normal(size=(8, 6, 6, 2)).astype("float32"))
    return model


def weights_of(model):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from weights_of(layer)
            continue
        for weight in layer.weights:
            yield f"{layer.name}/{weight.name}", weight


def set_weights(model, values):
    for name, weight in weights_of(model):
        weight.assign(values[name])


def texts(names):
    return np.array([name.encode() for name in names], dtype="S") if names else np.array([], dtype="float64")


def write_like_keras2(path, model, whole):
    """What Keras 2 wrote: fixed-length text, ":0" behind weights' names, nested models' weights without the model's name."""
    with h5py.File(path, "w") as file:
        group = file
        if whole:
            file.attrs["keras_version"] = np.bytes_("2.11.0")
            file.attrs["backend"] = np.bytes_("tensorflow")
            file.attrs["model_config"] = np.bytes_(json.dumps({"class_name": "Functional", "config": {"name": "net"}}))
            group = file.create_group("model_weights")
            file.create_group("optimizer_weights").attrs["weight_names"] = texts(["Adam/iter:0"])
        group.attrs["keras_version"] = np.bytes_("2.11.0")
        names = [layer.name for layer in model.layers]
        group.attrs["layer_names0"], group.attrs["layer_names1"] = texts(names[:4]), texts(names[4:])
        for layer in model.layers:
            inner = group.create_group(layer.name)
            weights = list(weights_of(layer)) if isinstance(layer, keras.Model) else [
                (f"{layer.name}/{w.name}", w) for w in layer.weights
            ]
            inner.attrs["weight_names"] = texts([f"{name}:0" for name, _ in weights])
            for name, weight in weights:
                inner[f"{name}:0"] = np.asarray(weight)


def rewrite(source, target, dtype=None, **options):
    """Copies an HDF5 file's groups and datasets; kernels get the options, and groups lose their attributes."""
    with h5py.File(source) as old, h5py.File(target, "w") as new:

        def copy(name, thing):
            if isinstance(thing, h5py.Dataset):
                kind = dtype if thing.dtype.kind == "f" else None
                new.create_dataset(name, data=thing[()], dtype=kind, **(options if len(thing.shape) == 4 else {}))
            else:
                new.require_group(name)

        old.visititems(copy)


def hostile(name, make):
    with h5py.File(f"refused_{name}.h5", "w") as file:
        make(file.create_group("layers/dense/vars"), file)


def archive(name, entries, change=lambda data: data):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as target:
        for entry, content in entries:
            target.writestr(zipfile.ZipInfo(entry), content)
    with open(f"refused_{name}.keras", "wb") as file:
        file.write(change(data.getvalue()))


def make_sound_files():
    model = build()
    values = {name: rng.normal(size=weight.shape).astype("float16").astype("float32") for name, weight in weights_of(model)}
    for name in ("scale/variance", "batch_normalization/moving_variance"):
        values[name] = np.abs(values[name])
    values["scale/count"] = np.int32(7)
    set_weights(model, values)
    np.savez("net.npz", **values)
    np.savez("types.npz", half=np.array([0.5, -1.25, 65280], "float16"), double=np.array([0.5, -1.25, 65280], "float64"))
    model.save("net.keras")
    model.save("net.h5")
    model.save_weights("net.weights.h5")
    write_like_keras2("net_keras2.h5", model, whole=True)
    write_like_keras2("net_keras2_weights.h5", model, whole=False)
    rewrite("net.weights.h5", "net_nameless.weights.h5")
    rewrite("net.weights.h5", "net_packed.weights.h5", compression="gzip", shuffle=True, fletcher32=True)
    rewrite("net.weights.h5", "net_float64.weights.h5", dtype="float64")
    for dtype in ("float16", "bfloat16"):
        other = build(dtype)
        set_weights(other, values)
        other.save(f"net_{dtype}.keras")
    trained = build()
    trained.compile("adam", "mse", metrics=["mae"])
    trained.fit(np.zeros((2, 6, 6, 2)), np.zeros((2, 2)), verbose=0)
    set_weights(trained, values)
    trained.save("net_trained.keras")


def make_refused_hdf5():
    numbers = np.arange(6, dtype="float32").reshape(2, 3)

    def external_storage(vars, file):
        vars.create_dataset("0", (2, 3), "float32", external=[("/etc/passwd", 0, 24)])

    def virtual(vars, file):
        layout = h5py.VirtualLayout((2, 3), "float32")
        layout[...] = h5py.VirtualSource("other.h5", "0", (2, 3))
        vars.create_virtual_dataset("0", layout)

    def never_written(vars, file):
        vars.create_dataset("0", (1 << 20, 1 << 20), "float32", chunks=(64, 64))

    def overflowing(vars, file):
        vars.create_dataset("0", (1 << 40, 1 << 40), "float32", chunks=(1, 1))

    def circle(vars, file):
        vars["0"] = numbers
        vars["again"] = file["layers"]

    def twice(vars, file):
        vars["0"] = numbers
        vars["1"] = vars["0"]

    def huge_chunk(vars, file):
        vars.create_dataset("0", (2, 3), "float32", chunks=(1 << 14, 1 << 14), maxshape=(None, None), compression="gzip")

    hostile("external_link", lambda vars, file: vars.__setitem__("0", h5py.ExternalLink("/etc/passwd", "/")))
    hostile("soft_link", lambda vars, file: vars.__setitem__("0", h5py.SoftLink("/elsewhere")))
    hostile("external_storage", external_storage)
    hostile("virtual", virtual)
    hostile("never_written", never_written)
    hostile("overflowing", overflowing)
    hostile("circle", circle)
    hostile("twice", twice)
    hostile("huge_chunk", huge_chunk)
    hostile("lzf", lambda vars, file: vars.create_dataset("0", data=numbers, chunks=(2, 3), compression="lzf"))
    hostile("text", lambda vars, file: vars.__setitem__("0", "no number"))
    hostile("complex", lambda vars, file: vars.__setitem__("0", numbers.astype("complex64")))
    with h5py.File("refused_not_keras.h5", "w") as file:
        file["measurements"] = numbers
    with h5py.File("refused_listed_not_there.h5", "w") as file:
        file.attrs["layer_names"] = texts(["dense", "../../etc"])
        file.create_group("dense").attrs["weight_names"] = texts([])


def make_refused_archives():
    keras.Sequential([keras.Input((1,)), layers.Dense(1)]).save("tiny.keras")
    with zipfile.ZipFile("tiny.keras") as sound:
        whole = [(name, sound.read(name)) for name in sound.namelist()]
    os.remove("tiny.keras")

    def without(name):
        return [part for part in whole if part[0] != name]

    archive("no_config", without("config.json"))
    archive("no_weights", without("model.weights.h5"))
    archive("duplicate_entry", [*whole, ("config.json", b"{}")])
    archive("traversal", [*whole, ("../../evil.txt", b"evil")])
    archive("traversal_in_assets", [*whole, ("assets/../../evil.txt", b"evil")])
    archive("config_not_json", [*without("config.json"), ("config.json", b"{'a': 1}")])
    archive("config_deep", [*without("config.json"), ("config.json", b"[" * 1000 + b"]" * 1000)])
    archive("weights_not_hdf5", [*without("model.weights.h5"), ("model.weights.h5", b"no weights")])
    archive("encrypted", whole, lambda data: data.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
            .replace(b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00"))
    archive("truncated", whole, lambda data: data[: len(data) // 2])
    archive("wrong_checksum", whole, lambda data: data.replace(b"HDF\r\n\x1a\n\x00\x00", b"HDF\r\n\x1a\n\x00\x01", 1))


if __name__ == "__main__":
    make_sound_files()
    make_refused_hdf5()
    make_refused_archives()
