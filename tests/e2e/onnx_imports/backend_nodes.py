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
from onnx import helper, numpy_helper

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

# What is no network's use, or not Halcyon's, and why; of each group the tests by their names.
OUT_OF_SCOPE = {
    "training": "test_batchnorm_*_training_mode test_training_dropout*",
    "places in memory of what a pool takes": "test_maxpool_with_argmax*",
    "powers whose exponents are a tensor: Halcyon's are one number": "test_pow test_pow_example test_pow_bcast_array test_pow_types*",
    "lengths that are no whole number under align_corners, where ONNX Runtime differs from ONNX's reference, too":
        "test_resize_downsample_scales_*_align_corners",
    "operators older than version 7": "test_not_*",
    "results rounded to bfloat16: Halcyon's are float32": "test_cast_*_to_BFLOAT16",
    "inputs of bfloat16, which NumPy's files do not have": "test_celu_bfloat16 test_cast_BFLOAT16_to_*",
    "sequences and optional values": "test_identity_sequence test_identity_opt",
}

# Their doors are int32 or int64, which Halcyon's cannot be; what the operator does is the same for float32.
AS_FLOAT = """test_*_pad test_top_k_same_values* test_where_long_example test_max_int32 test_max_int64 test_min_int32
    test_min_int64""".split()

# What depends on no input: proven by adding it to one.
CONSTANTS = {"Constant", "ConstantOfShape", "Shape", "Size"}

DOORS = {"float32", "float16", "bfloat16", "float64", "uint8", "int8", "bool"}


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
    if any(array.size == 0 for array in [*computed, *outputs]):
        return "tensors without elements"
    types = {array.dtype.name for array in computed} - DOORS
    if types & {"object", "str"} or any(array.dtype.kind in "OUS" for array in computed):
        return "text"
    if types and not any(fnmatch.fnmatch(case.name, pattern) for pattern in AS_FLOAT):
        small = all(name.startswith(("float", "int4", "uint4", "int2", "uint2")) for name in types)
        numbers = "numbers of fewer than 8 bits or of 8-bit floating point" if small else "whole numbers of more than 8 bits"
        return f"inputs of {numbers}, which are no types of doors"
    if case.model.graph.node[0].op_type == "Cast" and outputs[0].dtype.name not in DOORS:
        return "results of fewer than 8 bits or of 8-bit floating point: Halcyon's are float32"
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


def added_to_a_door(model, shape):
    """The model whose result is its constant, as float32, added to a new input."""
    graph = model.graph
    (constant,) = (door.name for door in graph.output)
    graph.node.append(helper.make_node("Cast", [constant], ["as_float"], to=onnx.TensorProto.FLOAT))
    graph.node.append(helper.make_node("Add", ["zeros", "as_float"], ["sum"]))
    graph.input.append(helper.make_tensor_value_info("zeros", onnx.TensorProto.FLOAT, [1, *shape]))
    graph.output[0].CopyFrom(helper.make_tensor_value_info("sum", onnx.TensorProto.FLOAT, [1, *shape]))
    return model


def arrays_of(values):
    """Arrays, of whatever a test holds: NumPy's scalars, and tensors of types that NumPy does not have."""
    return [numpy_helper.to_array(each) if isinstance(each, onnx.TensorProto) else np.asarray(each)
            if isinstance(each, (np.generic, np.ndarray)) else np.empty(0) for each in values]


def attempt(case, folder):
    """('pass' | 'fail' | 'out of scope', why)."""
    inputs, outputs = (arrays_of(side) for side in case.data_sets[0])
    operator = case.model.graph.node[0].op_type
    count = 0 if operator == "ConstantOfShape" else COMPUTED.get(operator, 1)
    reason = reason_against(case, inputs, outputs, inputs[:count])
    if reason:
        return "out of scope", reason
    model = with_constants(case, inputs, count)
    computed = inputs[:count]
    if any(fnmatch.fnmatch(case.name, pattern) for pattern in AS_FLOAT):
        for door in [*list(model.graph.input), model.graph.output[0]]:
            if door.type.tensor_type.elem_type in (onnx.TensorProto.INT32, onnx.TensorProto.INT64):
                door.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
        computed = [array.astype(np.float32) if array.dtype.name in ("int32", "int64") else array for array in computed]
    if operator in CONSTANTS:
        model = added_to_a_door(model, outputs[0].shape)
        computed.append(np.zeros((1, *outputs[0].shape), np.float32))
    computed = [array.astype(np.float32) if array.dtype.name in ("float64", "bfloat16") else array for array in computed]
    try:
        spec = networks.import_model(model, folder, "--plain")
        results = networks.run(spec, computed, "--exact")
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
