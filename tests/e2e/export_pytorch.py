"""Networks and single layers exported to PyTorch give the same numbers there."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "exports"))
sys.path.insert(0, str(pathlib.Path(__file__).parent / "random_specs"))

import numpy as np
import torch_models as models
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

# Layers in small networks, as random as those that the compiler is tested with.
for seed in range(100, 124):
    spec = Spec(seed, 4, 12)
    (folder / "net.hcn").write_text(spec.text)
    random = np.random.default_rng(seed)
    inputs, files, outputs = {}, [], []
    if any(kind == "bfloat16" for _, kind, _ in spec.inputs):
        continue  # NumPy has none to give PyTorch
    for name, kind, shape in spec.inputs:
        inputs[name] = random_array(random, kind, (2, *shape))
        np.save(folder / f"{name}.npy", inputs[name])
        files += ["--input", f"{name}={folder / name}.npy"]
    module = models.Module(folder / "net.hcn", folder / "net.py", "--initialize", seed)
    results = module.run(inputs)
    require(isinstance(results, dict), f"seed {seed}: {results}\n{spec.text}\n{module.text}")
    for name in results:
        outputs += ["--output", f"{name}={folder / name}_out.npy"]
    halcyon("run", folder / "net.hcn", "--initialize", seed, "--exact", *files, *outputs)
    for name, result in results.items():
        error = models.error(result, np.load(folder / f"{name}_out.npy"))
        require(isinstance(error, float) and error <= 1e-5, f"seed {seed}, {name}: {error}\n{spec.text}\n{module.text}")
