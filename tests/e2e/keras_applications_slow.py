"""Every network of keras.applications is built by Keras, saved, imported, compiled, and gives Keras's logits.

Needs a Python with keras_applications/requirements.txt: `./dev test --all` installs it as .venv-keras, and KERAS_PYTHON
names another. KERAS_APPLICATIONS, a list of names, runs only these.
"""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "keras_applications"))

from compare import compare
from program import SOURCE, require, scratch

# Width and height of the picture; 0: the network's own. Large networks see small pictures: what costs time here is not
# the pictures' pixels but how many different kernels there are.
NETWORKS = {
    "VGG16": 0, "VGG19": 64,
    "ResNet50": 0, "ResNet101": 96, "ResNet152": 96, "ResNet50V2": 0, "ResNet101V2": 96, "ResNet152V2": 96,
    "InceptionV3": 0, "InceptionResNetV2": 139, "Xception": 0,
    "MobileNet": 0, "MobileNetV2": 0, "MobileNetV3Small": 224, "MobileNetV3Large": 224,
    "DenseNet121": 0, "DenseNet169": 96, "DenseNet201": 96,
    "NASNetMobile": 0, "NASNetLarge": 96,
    "EfficientNetB0": 0, "EfficientNetB1": 96, "EfficientNetB2": 96, "EfficientNetB3": 96, "EfficientNetB4": 96,
    "EfficientNetB5": 96, "EfficientNetB6": 96, "EfficientNetB7": 96,
    "EfficientNetV2B0": 0, "EfficientNetV2B1": 96, "EfficientNetV2B2": 96, "EfficientNetV2B3": 96,
    "EfficientNetV2S": 96, "EfficientNetV2M": 96, "EfficientNetV2L": 96,
    "ConvNeXtTiny": 0, "ConvNeXtSmall": 64, "ConvNeXtBase": 64, "ConvNeXtLarge": 64, "ConvNeXtXLarge": 64,
}  # fmt: skip
# Halcyon is an order of magnitude slower under AddressSanitizer.
SANITIZED = ["MobileNetV3Small", "ResNet50V2", "ConvNeXtTiny"]

here = pathlib.Path(__file__).parent / "keras_applications"
python = pathlib.Path(os.environ.get("KERAS_PYTHON", SOURCE / ".venv-keras/bin/python"))
require(python.exists(), f"no {python}: ./dev test --all installs Keras, and KERAS_PYTHON names a Python that has it")

names = os.environ.get("KERAS_APPLICATIONS", "").split() or (SANITIZED if os.environ["SANITIZED"] == "ON" else NETWORKS)
folder = scratch()
failed = []
for name in names:
    made = subprocess.run([python, here / "make.py", name, str(NETWORKS[name]), folder], capture_output=True, text=True)
    require(made.returncode == 0, f"{name}: {made.stdout}{made.stderr}")
    print(made.stdout, end="", flush=True)
    if not compare(name, folder, folder):
        failed.append(name)
    # All of them together would fill some disks.
    for path in folder.iterdir():
        path.unlink()
require(not failed, f"{len(failed)} of {len(names)} differ from Keras: {' '.join(failed)}")
