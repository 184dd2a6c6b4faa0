"""The inner loops of ResNet-50's and MobileNetV2's convolutions for 64-bit ARM keep everything in registers and reach 85 % of
the peak by llvm-mca; the depthwise ones, whose loops compute whole results, are left out."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

if shutil.which("llvm-mca-19") is None:
    print("skipped: no llvm-mca-19")
    sys.exit(77)
loops = pathlib.Path("loops.json")
loops.unlink(missing_ok=True)
subprocess.run([sys.executable, os.environ["SOURCE_DIR"] + "/bench/arm_loops.py", "--json", loops])
rows = [row for row in json.loads(loops.read_text())
        if row["task"].startswith("conv2d") and ".depthwise_conv" not in row["kernel"]]
assert len(rows) > 30, len(rows)
bad = [row for row in rows if row["spills"] > 0 or min(row["shares"].values()) < 0.85]
for row in bad:
    print(f"{row['kernel']}: {row['spills']} spills, {row['shares']}")
sys.exit(1 if bad else 0)
