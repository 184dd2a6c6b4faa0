#include "formats/common/read_onnx.h"

#include "importers/import_network.h"
#include "importers/read_onnx.h"
#include "input.h"

using namespace halcyon;

// A model is refused with one error, or becomes a network that Halcyon can compute or says why it cannot.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::deque<std::string> unpacked;
    const auto no_files = [](const onnx_file::ExternalData&) -> std::variant<std::string_view, FormatError> {
        return FormatError{Code::bad_onnx_file, "its external data is not there"};
    };
    const auto read = onnx_file::read_model(input_text(data, size), no_files, unpacked);
    if (const auto* mistake = std::get_if<FormatError>(&read)) {
        require(!mistake->message.empty());
        return 0;
    }
    const auto& model = std::get<onnx_file::Model>(read);
    for (const onnx_file::Tensor& tensor : model.initializers) {
        if (tensor.refused.empty()) use(tensor.value);
    }
    Diagnostics diag;
    auto onnx = importers::read_onnx(model, "fuzz.onnx", {}, diag);
    require(onnx.has_value() != diag.has_errors());
    require(diag.error_count() <= 1);
    if (!onnx) return 0;
    for (const auto& [name, weight] : onnx->weights) use(weight);
    const auto spec = write_spec(std::move(onnx->network), {"fuzz.onnx", {}, {}, false}, diag);
    require(spec.has_value() != diag.has_errors());
    require(diag.error_count() <= 1);
    return 0;
}
