"""ONNX's own tests of single operators, through import and run."""

import fnmatch
import pathlib
import re
import sys
import warnings
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import numpy as np
import onnx_networks as networks
import onnx
from onnx import numpy_helper

# The operators that issue and documentation promise. What a network has as weights is made a constant: an operator's inputs
# but the first, or the first and those that stand here.
COMPUTED = {
    "Add": 2, "Sub": 2, "Mul": 2, "Div": 2, "Max": 9, "Min": 9, "Sum": 9, "Mean": 9, "Concat": 9, "Where": 3, "And": 2,
    "Or": 2, "Xor": 2, "Less": 2, "Greater": 2, "LessOrEqual": 2, "GreaterOrEqual": 2, "Equal": 2,
}
OPERATORS = set(COMPUTED) | set("""
    Conv ConvTranspose BatchNormalization MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool Gemm MatMul
    Relu LeakyRelu PRelu Elu Celu Selu ThresholdedRelu Sigmoid HardSigmoid HardSwish Tanh Softplus Softsign Gelu Mish Swish Erf
    Exp Log Sqrt Abs Neg Floor Ceil Round Sign Reciprocal Clip Not Resize Upsample Pad Reshape Transpose Flatten Squeeze
    Unsqueeze Slice Split Gather ReduceMean ReduceSum ReduceMax ReduceMin ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp
    ReduceSumSquare DepthToSpace SpaceToDepth LRN InstanceNormalization LayerNormalization GroupNormalization
    RMSNormalization LpNormalization MeanVarianceNormalization Softmax LogSoftmax ArgMax ArgMin TopK Pow Identity Dropout
    Cast Expand Tile Constant ConstantOfShape Shape Size""".split())

# Operators whose other outputs are for training.
ONE_OUTPUT = {"LayerNormalization", "Dropout", "BatchNormalization"}

# What is known not to come in, and why; of each group the tests by their names.
OUT_OF_SCOPE = {
    "pools whose window is dilated": "test_*pool_*dilations*",
    "training": "test_batchnorm_*_training_mode test_training_dropout*",
    "places of what a pool takes": "test_maxpool_with_argmax*",
    "products of several pairs of matrices": "test_matmul_3d test_matmul_4d test_matmul_bcast test_matmul_1d_3d",
    "exponents that are tensors": "test_pow test_pow_example test_pow_bcast_array test_pow_types*",
    "resizing of a region, or with smoothing": "test_resize_tf_crop* test_resize_*antialias*",
    "sizes that align_corners leaves between two, where ONNX's reference and ONNX Runtime differ":
        "test_resize_downsample_scales_*_align_corners",
    "operators older than version 7": "test_not_*",
    "nothing is computed: the result is a constant": "test_shape* test_size*",
}

DOORS = {np.dtype(np.float32), np.dtype(np.float16), np.dtype(bool)}


def cases():
    """Every test whose operator is one of ours, once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the generators overflow on purpose
        from onnx.backend.test.case.node import collect_testcases

        found = collect_testcases(None)
    return [case for case in found if "_expanded" not in case.name and case.model.graph.node[0].op_type in OPERATORS
            and len(case.model.graph.node) == 1]


def reason_against(case, inputs, outputs, computed):
    """Why a test is none of a network's use; None if it is."""
    for reason, patterns in OUT_OF_SCOPE.items():
        if any(fnmatch.fnmatch(case.name, pattern) for pattern in patterns.split()):
            return reason
    arrays = [*inputs, *outputs]
    if not all(isinstance(array, np.ndarray) for array in arrays):
        return "sequences and optional values"
    if any(array.size == 0 for array in [*computed, *outputs]):
        return "tensors without elements"
    if not computed:
        return "nothing is computed: the result is a constant"
    if any(array.dtype not in DOORS for array in computed):
        return "inputs of another type than float32, float16 and bool"
    return None


def with_constants(case, inputs, count):
    """The model with all inputs after the first `count` as constants."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    graph = model.graph
    kept = list(graph.input)[:count]
    for door, array in zip(list(graph.input)[count:], inputs[count:]):
        graph.initializer.append(numpy_helper.from_array(array, door.name))
    if graph.node[0].op_type in ONE_OUTPUT:
        del graph.output[1:], graph.node[0].output[1:]
    del graph.input[:]
    graph.input.extend(kept)
    return model


def attempt(case, folder):
    """('pass' | 'fail' | 'out of scope', why)."""
    # Some numbers without axes come as NumPy's scalars.
    inputs, outputs = ([np.asarray(each) if isinstance(each, np.generic) else each for each in side] for side in case.data_sets[0])
    operator = case.model.graph.node[0].op_type
    count = COMPUTED.get(operator, 1)
    reason = reason_against(case, inputs, outputs, inputs[:count])
    if reason:
        return "out of scope", reason
    try:
        spec = networks.import_model(with_constants(case, inputs, count), folder, "--plain")
        results = networks.run(spec, inputs[:count], "--exact")
    except networks.Failed as failed:
        return "fail", str(failed)
    if operator in ONE_OUTPUT:
        outputs = outputs[:1]
    for result, expected in zip(results, outputs, strict=True):
        if result.size != expected.size:
            return "fail", f"{result.shape} instead of {expected.shape}"
        # The tolerance is ONNX's own for this test.
        with np.errstate(invalid="ignore"):
            close = np.allclose(result.reshape(-1).astype(np.float64), expected.reshape(-1).astype(np.float64), case.rtol,
                                max(case.atol, 1e-6), equal_nan=True)
        if not close:
            return "fail", f"the largest error is {networks.error(result, expected)}"
    return "pass", ""


def run(chosen, folder):
    """Prints how all went, and ends with an error if one failed."""
    counts, reasons, failures = Counter(), Counter(), []
    for case in chosen:
        outcome, why = attempt(case, folder)
        counts[outcome] += 1
        if outcome == "out of scope":
            reasons[why] += 1
        if outcome == "fail":
            failures.append(f"{case.name}: {re.sub(chr(10), ' ', why)}")
            print(failures[-1], flush=True)
    print(f"{counts['pass']} pass, {counts['fail']} fail, {counts['out of scope']} out of scope:")
    for why, number in reasons.most_common():
        print(f"  {number:4} {why}")
    if failures:
        sys.exit("\n".join(failures))
