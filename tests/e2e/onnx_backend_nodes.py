"""Some of ONNX's own tests of single operators, through halcyon import and halcyon run; the slow test has them all."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "onnx_imports"))

import backend_nodes
from program import require, scratch

CHOSEN = """
    test_basic_conv_with_padding test_conv_with_autopad_same test_convtranspose_pads test_batchnorm_example test_gemm_all_attributes
    test_averagepool_2d_ceil test_averagepool_2d_pads_count_include_pad test_maxpool_2d_same_lower test_globalaveragepool
    test_matmul_2d test_prelu_broadcast test_hardswish test_clip test_add_bcast test_concat_2d_axis_1 test_slice_neg_steps
    test_reshape_zero_and_negative_dim test_transpose_all_permutations_3 test_split_variable_parts_2d_opset18
    test_reduce_mean_keepdims_random test_softmax_axis_1 test_layer_normalization_4d_axis1 test_lrn test_depthtospace_example
    test_resize_upsample_scales_linear_align_corners test_top_k test_where_example test_argmax_keepdims_random
""".split()

folder = scratch()
chosen = [case for case in backend_nodes.cases() if case.name in CHOSEN]
missing = set(CHOSEN) - {case.name for case in chosen}
require(not missing, f"ONNX has no tests {sorted(missing)}")
backend_nodes.run(chosen, folder)
