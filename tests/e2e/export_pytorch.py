"""Networks and single layers exported to PyTorch give the same numbers there."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "exports"))
sys.path.insert(0, str(pathlib.Path(__file__).parent / "random_specs"))

import numpy as np
import torch_models as models
from networks import layer_inputs
from program import SOURCE, halcyon, require, scratch
from runner import random_array
from spec_generator import Spec

folder = scratch()

# Every layer that Keras computed a case of: the module gives Keras's own numbers.
cases = sorted(path.parent for path in (SOURCE / "tests/data/keras").glob("*/layer.hcn"))
require(len(cases) > 100, f"only {len(cases)} cases")
wrong = []
for case in cases:
    inputs = {path.stem: np.load(path) for path in sorted(case.glob("input_*.npy"))}
    expected = np.load(case / "output_0.npy")
    weights = case / "layer.safetensors"
    words = ["--weights", weights] if weights.exists() else ["--initialize", 1]
    module = models.Module(case / "layer.hcn", folder / "layer.py", *words)
    results = module.run(inputs)
    error = results if isinstance(results, str) else models.error(*results.values(), expected.astype(np.float32))
    if not isinstance(error, float) or error > 1e-5:
        wrong.append(f"{case.name}: {error}")
require(not wrong, "these differ from Keras:\n" + "\n".join(wrong))

# The layers that Keras has no case of.
spec = SOURCE / "tests/e2e/exports/layers.hcn"
tested = "".join(path.read_text() for path in [spec, *(case / "layer.hcn" for case in cases)])
listed = [line.split()[0] for line in halcyon("show", "layers")[0].splitlines()[1:]]
# A door is no line of its own, and slices are written with brackets.
untested = [layer for layer in listed if f"{layer}(" not in tested and layer not in ("InputLayer", "GetItem")]
require(len(listed) > 100 and not untested, f"layers without a case: {untested}")
module = models.Module(spec, folder / "layers.py", "--initialize", 3)
models.compare(folder, spec, ["--initialize", 3], module, layer_inputs(2), 1e-5)

# A module that loads nothing begins with numbers of the same spread as those that Halcyon draws.
(folder / "drawn.hcn").write_text("""
def drawn(image: float32[9, 9, 16]):
    x = Conv2D(64, 3, name="glorot_uniform")(image)
    x = Conv2D(64, 3, kernel_initializer="he_normal", name="he_normal")(x)
    x = DepthwiseConv2D(5, depth_multiplier=8, depthwise_initializer="lecun_uniform", name="lecun_uniform")(x)
    x = Conv2DTranspose(16, 3, kernel_initializer="he_uniform", name="he_uniform")(x)
    x = Dense(200, kernel_initializer=VarianceScaling(2.0, "fan_out", "untruncated_normal"), name="scaled")(x)
    x = Dense(50, kernel_initializer=RandomNormal(0.5, 0.1), bias_initializer=Constant(0.3), name="normal")(x)
    x = Dense(100, kernel_initializer=TruncatedNormal(0.0, 0.2), name="truncated")(x)
    return Dense(100, kernel_initializer="lecun_normal", name="lecun_normal")(x)
""")
module = models.Module(folder / "drawn.hcn", folder / "drawn.py", "--initialize", 1)
result = module.run({"image": np.zeros((1, 9, 9, 16), np.float32)}, drawn=folder / "drawn.npz")
require(isinstance(result, dict), f"{result}\n{module.text}")
with np.load(folder / "drawn.npz") as torch_draws:
    own = models.read_safetensors(folder / "drawn.safetensors")
    require(len(torch_draws.files) == len(own) == 16, f"{torch_draws.files}, {list(own)}")
    for name in torch_draws.files:
        layer, parameter = name.split(".")
        drawn, expected = torch_draws[name], own[f"{layer}/{'kernel' if parameter == 'weight' else 'bias'}"]
        for what, measure in {"mean": np.mean, "deviation": np.std, "largest": np.max}.items():
            # Normal numbers have no largest one; those cut at two deviations come close to it, uniform ones closer.
            if what == "largest" and layer in ("scaled", "normal"):
                continue
            most = 0.2 if what == "largest" and not layer.endswith("uniform") else 0.05
            apart = abs(measure(drawn) - measure(expected))
            require(apart <= most * max(np.std(expected), 1e-6), f"{name}: the {what} is {apart} apart\n{module.text}")

# Layers in small networks, as random as those that the compiler is tested with.
for seed in range(100, 124):
    spec = Spec(seed, 4, 12)
    (folder / "net.hcn").write_text(spec.text)
    random = np.random.default_rng(seed)
    inputs = {}
    if any(kind == "bfloat16" for _, kind, _ in spec.inputs):
        continue  # NumPy has none to give PyTorch
    for name, kind, shape in spec.inputs:
        inputs[name] = random_array(random, kind, (2, *shape))
    module = models.Module(folder / "net.hcn", folder / "net.py", "--initialize", seed)
    models.compare(folder, folder / "net.hcn", ["--initialize", seed], module, inputs, 1e-5)
