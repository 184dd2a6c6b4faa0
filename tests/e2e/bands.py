"""Random networks on images larger than the cache, computed in bands of rows: they agree with the reference, layer by layer, and
the values that --dump-layers writes are those of the same network computed whole."""

import os
import pathlib
import random
import subprocess
import sys

import numpy as np

HALCYON = os.environ["HALCYON"]
NETWORKS = 8
TARGET = "x86-64-v3"


def window(draw):
    """Arguments of a sliding window."""
    arguments = [str(draw.choice([1, 2, 3, 5]))]
    if draw.random() < 0.4:
        arguments.append(f"strides={draw.choice([1, 2])}")
    elif draw.random() < 0.3:
        arguments.append("dilation_rate=2")
    arguments.append(f'padding="{draw.choice(["same", "valid"])}"')
    return arguments


def layer(draw):
    """A layer that keeps images large, as a call without its input."""
    kind = draw.choice(["conv", "depthwise", "depthwise", "max", "average", "relu", "pointwise", "normalize"])
    if kind == "conv":
        return f"Conv2D({draw.choice([8, 24, 40])}, {', '.join(window(draw))}, activation='relu')"
    if kind == "pointwise":
        return f"Conv2D({draw.choice([16, 48, 96])}, 1)"
    if kind == "depthwise":
        return f"DepthwiseConv2D({', '.join(window(draw))})"
    if kind in ("max", "average"):
        size = draw.choice([2, 3])
        name = "MaxPooling2D" if kind == "max" else "AveragePooling2D"
        return f'{name}({size}, strides={draw.choice([1, size])}, padding="{draw.choice(["same", "valid"])}")'
    return "ReLU(6.0)" if kind == "relu" else "BatchNormalization()"


def network(seed):
    draw = random.Random(seed)
    height, width = draw.randrange(90, 140), draw.randrange(70, 120)
    lines = [f"def net(image: float32[{height}, {width}, {draw.choice([3, 32])}]):"]
    lines.append("    x = Conv2D(40, 3, name='first')(image)")
    for number in range(6):
        lines.append(f"    x = {layer(draw)[:-1]}, name='step{number}')(x)".replace("(, ", "("))
        if draw.random() < 0.25:
            lines.append("    x = Multiply()([x, Activation('sigmoid')(GlobalAveragePooling2D(keepdims=True)(x))])")
    lines.append('    return {"y": x}' if draw.random() < 0.5 else '    return {"y": GlobalMaxPooling2D()(x), "x": x}')
    return "\n".join(lines) + "\n"


def halcyon(*arguments):
    result = subprocess.run([HALCYON, *arguments], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"halcyon {' '.join(arguments)}:\n{result.stdout}{result.stderr}")
    return result.stdout


def layers_of(spec, folder, *options):
    """Every layer's value by name."""
    image = spec.with_name("image.npy")
    shape = [int(extent) for extent in spec.read_text().split("[")[1].split("]")[0].split(",")]
    np.save(image, np.random.default_rng(1).random(shape, dtype=np.float32))
    halcyon("run", str(spec), "--target", TARGET, "--initialize", "1", *options, "--input", str(image),
            "--dump-layers", str(folder))
    return {path.stem: np.load(path) for path in sorted(folder.glob("*.npy"))}


def main():
    in_bands = 0
    for seed in range(NETWORKS):
        folder = pathlib.Path(f"net{seed}")
        folder.mkdir(exist_ok=True)
        spec = folder / "net.hcn"
        spec.write_text(network(seed))
        (folder / "whole.hcs").write_text(
            f"halcyon-schedules 1\ntarget {TARGET}\n\nnetwork net batch 1 threads 1 {{\n    plan cut_bands 0\n}}\n"
        )
        emit = ["compile", str(spec), "--target", TARGET, "--initialize", "1", "--emit", "program"]
        program, whole = halcyon(*emit), halcyon(*emit, "--schedules", str(folder / "whole.hcs"))
        in_bands += program != whole
        checked = halcyon("check", str(spec), "--target", TARGET)
        dumps = [layers_of(spec, folder / "cut"),
                 layers_of(spec, folder / "whole", "--schedules", str(folder / "whole.hcs"))]
        if dumps[0].keys() != dumps[1].keys():
            sys.exit(f"{spec}: layers {sorted(dumps[0])}, but whole {sorted(dumps[1])}")
        for name, values in dumps[0].items():
            difference = np.abs(values - dumps[1][name]).max()
            if values.shape != dumps[1][name].shape or difference > 1e-5 * np.abs(values).max():
                sys.exit(f"{spec}: {name} differs from what is computed whole by {difference}")
        print(f"{spec}: {'in bands' if program != whole else 'whole'}, {checked.strip().splitlines()[-1]}")
    if in_bands * 2 < NETWORKS:
        sys.exit(f"only {in_bands} of {NETWORKS} networks are computed in bands")


main()
