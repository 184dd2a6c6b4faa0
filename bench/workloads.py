"""What is timed: the networks of examples/models and single layers, each with seeded weights and one seeded input."""

import dataclasses
import json
import os
import pathlib
import re
import subprocess

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
HALCYON = os.environ.get("HALCYON", str(ROOT / "build/release/halcyon"))
SEED = 1

NETWORKS = ("squeezenet", "mobilenet", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0",
            "resnet50", "densenet121", "inception_v3", "vgg16")
QUICK = ("squeezenet", "mobilenet", "mobilenet_v2")
# Who keeps images as Halcyon's doors have them; the others have the channels first inside.
CHANNELS_LAST = ("halcyon", "litert")


class Failed(Exception):
    pass


def halcyon(*words):
    done = subprocess.run([HALCYON, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"halcyon {words[0]}: {(done.stdout + done.stderr).strip()[-600:]}")
    return done.stdout


@dataclasses.dataclass
class Workload:
    name: str
    kind: str  # network or layer
    spec: str  # for the command line

    def prepare(self, folder):
        """Learns shapes and work, and writes the weights that all contestants get."""
        self.folder = folder / self.name
        self.folder.mkdir(parents=True, exist_ok=True)
        shown = json.loads(halcyon("show", self.spec, "--json", "--weights", "--initialize", SEED))
        if len(shown["inputs"]) != 1 or len(shown["outputs"]) != 1:
            raise Failed(f"{self.spec} has not one input and one output")
        self.model = shown["model"]
        self.input_name, self.input_shape = shown["inputs"][0]["name"], shown["inputs"][0]["shape"]
        self.output_name, self.output_shape = shown["outputs"][0]["name"], shown["outputs"][0]["shape"]
        self.flops = 2 * shown["total"]["macs"]
        self.weight_bytes = 4 * shown["total"]["parameters"]
        self.peer_spec = self.channels_first_twin() if self.kind == "layer" else self.spec
        self.weights = self.folder / "weights.npz"
        np.savez(self.weights, **{weight["name"]: random_weight(weight) for weight in shown["weights"]})

    def image(self, batch):
        return np.random.default_rng(SEED).uniform(-1, 1, (batch, *self.input_shape)).astype(np.float32)

    def channels_first_twin(self):
        """The same layer with doors as most peers keep images inside: otherwise they would be timed transposing."""
        path, model = self.spec.split(":")
        text = re.search(rf"^def {model}\(.*?(?=^def |\Z)", pathlib.Path(path).read_text(), re.M | re.S)[0]
        text = re.sub(r"float32\[(\d+), (\d+), (\d+)\]", r"float32[\3, \1, \2]", text)
        text = re.sub(r"Conv2D\((.*)\)\(image\)", r'Conv2D(\1, data_format="channels_first")(image)', text)
        twin = self.folder / "channels_first.hcn"
        twin.write_text(text)
        return str(twin)

    def has_channels_first(self, contestant):
        return self.peer_spec != self.spec and contestant not in CHANNELS_LAST

    def given_to(self, contestant, array):
        """An array of images as that one gets and gives it."""
        return np.ascontiguousarray(np.moveaxis(array, -1, 1)) if self.has_channels_first(contestant) else array

    def given_by(self, contestant, array):
        return np.moveaxis(array, 1, -1) if self.has_channels_first(contestant) else array

    def least_bytes(self, batch):
        """What must move whatever the schedule: weights, inputs and outputs, once each."""
        doors = int(np.prod(self.input_shape)) + int(np.prod(self.output_shape))
        return self.weight_bytes + 4 * batch * doors


def random_weight(weight):
    """Numbers with which activations neither vanish nor grow from layer to layer, so that outputs can be compared."""
    shape = weight["shape"]
    random = np.random.default_rng([SEED, *weight["name"].encode()])
    role = weight["name"].rsplit("/", 1)[-1]
    if role in ("gamma", "variance", "moving_variance"):
        return random.uniform(0.7, 1.3, shape).astype(np.float32)
    if not role.endswith("kernel"):
        return random.normal(0, 0.1, shape).astype(np.float32)
    # A depthwise kernel, [window..., channels, multiplier], reads one channel for each number that it gives.
    depthwise = role == "depthwise_kernel" or (len(shape) == 4 and shape[-1] == 1 and shape[-2] > 1)
    fan_in = np.prod(shape[:-2]) if depthwise else np.prod(shape[:-1])
    return random.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)


def networks():
    """Those of the list that this checkout has."""
    paths = [ROOT / f"examples/models/{name}.hcn" for name in NETWORKS]
    return [Workload(path.stem, "network", str(path)) for path in paths if path.exists()]


def layers():
    path = ROOT / "bench/layers.hcn"
    return [Workload(name, "layer", f"{path}:{name}") for name in re.findall(r"^def (\w+)", path.read_text(), re.M)]
