#include "importers/onnx_operators.h"

#include <map>

namespace halcyon::importers {
namespace {

/// What is only known where it can be computed at once.
constexpr OnnxOperator only_folded[] = {{"Constant", nullptr},        {"Shape", nullptr}, {"Size", nullptr},
                                        {"ConstantOfShape", nullptr}, {"Range", nullptr}, {"Mod", nullptr},
                                        {"ReduceProd", nullptr},      {"Sin", nullptr},   {"Cos", nullptr}};

std::map<std::string_view, OnnxOperator> all_operators() {
    std::map<std::string_view, OnnxOperator> all;
    for (const OnnxOperator& each : only_folded) all.emplace(each.type, each);
    for (const auto* family :
         {&onnx_convolutions(), &onnx_pools(), &onnx_activations(), &onnx_arithmetic(), &onnx_products(),
          &onnx_normalizations(), &onnx_reductions(), &onnx_moves(), &onnx_resizes()}) {
        for (const OnnxOperator& each : *family) all.emplace(each.type, each);
    }
    return all;
}

}  // namespace

const OnnxOperator* find_onnx_operator(std::string_view type) {
    static const std::map<std::string_view, OnnxOperator> all = all_operators();
    const auto found = all.find(type);
    return found == all.end() ? nullptr : &found->second;
}

}  // namespace halcyon::importers
