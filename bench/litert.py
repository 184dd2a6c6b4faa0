"""LiteRT's files. TensorFlow makes them, which gets an environment of its own: only who times LiteRT needs it."""

import hashlib
import subprocess
import sys

from workloads import ROOT, Failed

ENVIRONMENT = ROOT / "build/bench/litert-venv"
REQUIREMENTS = ROOT / "bench/requirements-litert.txt"


def install():
    """Takes minutes, once."""
    stamp = ENVIRONMENT / "installed"
    wanted = f"{ROOT} {hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"bench: installing TensorFlow into {ENVIRONMENT}, which LiteRT's files need", file=sys.stderr, flush=True)
    ENVIRONMENT.parent.mkdir(parents=True, exist_ok=True)
    log = ENVIRONMENT.parent / "litert-install.log"
    pip = [ENVIRONMENT / "bin/python", "-m", "pip", "install", "--disable-pip-version-check", "--only-binary", ":all:"]
    with open(log, "wb") as said:
        for command in ([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], [*pip, "-r", REQUIREMENTS]):
            if subprocess.run([str(word) for word in command], stdout=said, stderr=said).returncode != 0:
                raise Failed(f"cannot install TensorFlow (see {log})")
    stamp.write_text(wanted)


def convert(workload, batch):
    """The network as LiteRT reads it, channels last and for that many images; made once."""
    result = workload.folder / f"{workload.name}_{batch}.tflite"
    if not result.exists():
        spec = workload.spec if ":" in workload.spec else f"{workload.spec}:{workload.model}"
        shape = "x".join(str(extent) for extent in (batch, *workload.input_shape))
        command = [ENVIRONMENT / "bin/python", ROOT / "bench/litert_convert.py", spec, workload.weights, shape, result]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"litert_convert.py: {done.stderr.strip()[-300:]}")
    return result
