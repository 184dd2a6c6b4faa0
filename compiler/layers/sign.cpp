#include "graph/layer_def.h"

namespace halcyon::layers {
namespace {

ScalarExpr scalar(const LayerCall&) {
    const ScalarExpr x = ScalarExpr::input(0);
    return select(less(0.0, x), 1.0, select(less(x, 0.0), -1.0, 0.0));
}

}  // namespace

extern const LayerDef sign;
const LayerDef sign{
    .name = "Sign",
    .doc = "1 for each positive element, -1 for each negative one, 0 for the others.",
    .scalar = scalar,
};

}  // namespace halcyon::layers
