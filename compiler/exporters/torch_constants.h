#pragma once

#include <map>
#include <string>
#include <vector>

#include "exporters/axis_order.h"
#include "graph/graph.h"

namespace halcyon {

/// The constants of a module that the file defines itself: parameters, which are weights under their own names, and
/// buffers, which are numbers that the spec says.
class TorchConstants {
public:
    explicit TorchConstants(const std::vector<Weight>& weights) : weights_(weights) {}

    /// The constant, which broadcasts against values whose axes are in `order`.
    [[nodiscard]] std::string text(const ConstantExpr& constant, const AxisOrder& order);

    struct Parameter {
        std::string name;  ///< "gamma"
        Weight weight;
    };
    [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
    /// "torch.tensor([...])" by name.
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& buffers() const { return buffers_; }

private:
    std::string plain(const ConstantExpr& constant);
    std::string parameter(const std::string& weight);
    std::string buffer(const Array& array);

    const std::vector<Weight>& weights_;
    std::vector<Parameter> parameters_;
    std::vector<std::pair<std::string, std::string>> buffers_;
};

/// The number that a constant is; nothing if it has several elements or reads weights.
[[nodiscard]] std::optional<double> single_number(const ConstantExpr& constant);
/// The weight of which a kernel or a bias is made by moving axes.
[[nodiscard]] const Weight& weight_behind(const ConstantExpr& constant, const std::vector<Weight>& weights);

}  // namespace halcyon
