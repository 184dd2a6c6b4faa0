"""One library for two levels of x86-64 takes the best that the CPU has, or what it is told to, with the same results from
nearly the same weights."""

import json
import os
import pathlib
import shutil
import subprocess

import numpy as np

HALCYON = os.environ["HALCYON"]
SOURCE_DIR = pathlib.Path(os.environ["SOURCE_DIR"])
DIGITS = SOURCE_DIR / "examples/digits/digits.hcn"
LEVELS = ["x86-64-v4", "x86-64-v3"]


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, **options).stdout


def compiled(folder, targets, *options):
    run(HALCYON, "compile", DIGITS, "--target", targets, "-o", folder, *options)
    return json.loads(pathlib.Path(folder, "digits.json").read_text())


def has_level(level):
    listed = dict(line.split()[:2] for line in run(HALCYON, "targets").decode().splitlines() if line.startswith("x86"))
    return listed[level] == "yes"


both = compiled("both", "x86-64-v3,x86-64-v4")
assert both["target"]["name"] == "x86-64-v4"
assert [further["target"]["name"] for further in both["further_targets"]] == ["x86-64-v3"]
for level in LEVELS:
    alone = compiled(level, level)["bytes"]["weights"]
    print(f"weights: {both['bytes']['weights']} bytes for two levels, {alone} for {level}")
alone = compiled("x86-64-v4", "x86-64-v4")["bytes"]["weights"]
assert both["bytes"]["weights"] <= 1.1 * alone

symbols = [line for line in run("nm", "both/libdigits.a").decode().splitlines() if " " in line]
exported = [line.split()[2] for line in symbols if len(line.split()) == 3 and line.split()[1].isupper()]
assert sorted(exported) == ["digits_run", "digits_target", "digits_use_target"], exported
imports = {line.split()[1] for line in symbols if line.split()[0] == "U"}
assert imports <= {"memset", "memcpy", "memmove", "expf", "_GLOBAL_OFFSET_TABLE_"}, imports
for level in LEVELS:
    assert any(f" t digits_{level}.conv2d." in line for line in symbols), level

# What it computes, on this CPU and on those that QEMU knows.
run("gcc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-Iboth", SOURCE_DIR / "tests/e2e/library/levels.c",
    "both/libdigits.a", "-lm", "-o", "levels")
image = np.random.default_rng(1).integers(0, 256, (8, 8, 1)).astype(np.uint8)
np.save("image.npy", image)
run(HALCYON, "run", DIGITS, "--exact", "--target", "x86-64-v2", "--input", "image.npy", "--output", "scores.npy")
expected = np.load("scores.npy")


def check_run(line, level):
    name, scores = line.split(":")
    assert name == level, line
    assert np.max(np.abs(np.array(scores.split(), np.float32) - expected)) <= 2e-5 * np.max(expected), line


here = [level for level in LEVELS if has_level(level)]
if here:
    lines = run("./levels", here[0], input=image.tobytes()).decode().splitlines()
    check_run(lines[0], here[0])
    for line, level in zip(lines[1:], ["x86-64-v3", "x86-64-v4"]):
        if level in here:
            check_run(line, level)
        else:
            assert line == f"{level}: cannot be used: 4", line

if shutil.which("qemu-x86_64"):
    # One that has AVX2 but not AVX-512, and one that has neither.
    lines = run("qemu-x86_64", "-cpu", "Haswell", "./levels", "x86-64-v3", input=image.tobytes()).decode().splitlines()
    check_run(lines[0], "x86-64-v3")
    check_run(lines[1], "x86-64-v3")
    assert lines[2] == "x86-64-v4: cannot be used: 4", lines
    lines = run("qemu-x86_64", "-cpu", "Nehalem", "./levels", input=image.tobytes()).decode().splitlines()
    assert lines == ["x86-64-v3: error 4", "x86-64-v3: cannot be used: 4", "x86-64-v4: cannot be used: 4"], lines

# With several batch sizes and the weights in a file.
file = compiled("file", "x86-64-v4,x86-64-v3", "--batch", "1,4", "--weights-file", "--shared")
assert [(further["target"]["name"], further["batch"]) for further in file["further_targets"]] == [
    ("x86-64-v3", 1), ("x86-64-v3", 4)]
pathlib.Path("file.c").write_text(r"""
#include <stdio.h>
#include <string.h>
#include "digits.h"
static _Alignas(64) char weights[1 << 20], workspace[DIGITS_BATCH4_WORKSPACE_BYTES(1)];
static uint8_t image[DIGITS_BATCH4_IMAGE_SIZE];
static float scores[DIGITS_SCORES_SIZE], four[DIGITS_BATCH4_SCORES_SIZE];
int main(void) {
    FILE *file = fopen("file/digits.weights", "rb");
    const size_t bytes = fread(weights, 1, sizeof weights, file);
    const digits_tensors tensors = {image, scores, weights, bytes}, of_four = {image, four, weights, bytes};
    const char *targets[] = {"x86-64-v3", "x86-64-v4"};
    fclose(file);
    if (digits_check_weights(weights, bytes)) return 1;
    for (int i = 0; i < DIGITS_BATCH4_IMAGE_SIZE; ++i) image[i] = (uint8_t)(i % DIGITS_IMAGE_SIZE * 7);
    for (int i = 0; i < 2; ++i) {
        if (digits_use_target(targets[i])) continue;
        if (digits_run(&tensors, workspace, DIGITS_WORKSPACE_BYTES(1), NULL)) return 2;
        if (digits_run_batch4(&of_four, workspace, sizeof workspace, NULL)) return 3;
        if (digits_run(&tensors, workspace, DIGITS_WORKSPACE_BYTES(1) - 64, NULL) != HALCYON_ERROR_WORKSPACE_SIZE) return 4;
        for (int j = 0; j < DIGITS_BATCH4_SCORES_SIZE; ++j) {
            const float difference = four[j] - scores[j % DIGITS_SCORES_SIZE];
            if (!(difference < 1e-5f && difference > -1e-5f)) return 5;
        }
    }
    return 0;
}
""")
run("gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Ifile", "file.c", "file/libdigits.a", "-lm", "-o", "from_file")
run("./from_file")

# What cannot be one library.
for targets, message in {
        "x86-64-v3,arm-64-linux": "of several targets each must be a level of x86-64, such as x86-64-v3, and "
                                  "'arm-64-linux' is none",
        "x86-64-v3,x86-64-v3": "'x86-64-v3' comes twice"}.items():
    done = subprocess.run([HALCYON, "compile", DIGITS, "--target", targets, "-o", "none"], capture_output=True, text=True)
    assert done.returncode == 1 and f"error[E0603]: {message}\n" in done.stderr, done
