#include "backend/header.h"

#include <fmt/format.h>

#include <limits>

#include "backend/names.h"
#include "backend/runtime_bitcode.h"

namespace halcyon {

namespace {

std::string_view c_type(ElementType element) {
    switch (element) {
    case ElementType::float32: return "float";
    case ElementType::float16:
    case ElementType::bfloat16: return "uint16_t";
    case ElementType::uint8: return "uint8_t";
    case ElementType::int8: return "int8_t";
    }
    return "";
}

/// Text from the user for a C comment: nothing in it ends the comment or begins another.
std::string comment_text(std::string_view text) {
    std::string safe;
    for (char c : text) {
        if (c == '/' && safe.ends_with('*')) safe += ' ';
        if (c == '*' && safe.ends_with('/')) safe += ' ';
        safe += c;
    }
    return safe;
}

/// The lines, each behind " * "; ends in a line end.
std::string comment_lines(std::string_view text) {
    std::string lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string line(text.substr(0, end));
        // A backslash at the end would join lines.
        while (!line.empty() && (line.back() == ' ' || line.back() == '\\' || line.back() == '\r')) line.pop_back();
        lines += line.empty() ? " *\n" : " * " + line + "\n";
        text = end == std::string_view::npos ? "" : text.substr(end + 1);
    }
    return lines;
}

class HeaderWriter {
public:
    HeaderWriter(const Variant& variant, const LibraryOptions& options, bool needs_libm)
        : program_(variant.program), workspace_(workspace_size(variant.program, variant.kernels)), options_(options),
          needs_libm_(needs_libm), names_(interface_names(variant.program)) {}

    std::string write(const std::vector<HeaderWriter>& further) const {
        const std::string guard = names_.upper + "_H";
        std::string further_sizes, further_functions, further_faces;
        for (const HeaderWriter& writer : further) {
            further_sizes += writer.sizes();
            further_functions += writer.further_function();
            further_faces += writer.cpp_class();
        }
        return about() + fmt::format("#ifndef {0}\n#define {0}\n\n", guard) + std::string(interface_text()) + "\n" +
               sizes() + further_sizes + "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n" + tensors() + functions() +
               further_functions + "#ifdef __cplusplus\n}\n\n" +
               fmt::format("#include <cstddef>\n#include <new>\n\nnamespace {0} {{\n\n{1}{2}}}  // namespace {0}\n",
                           names_.model, cpp_class(), further_faces) +
               fmt::format("#endif\n\n#endif  /* {} */\n", guard);
    }

private:
    struct Field {
        const Door* door;
        std::string name, size;
        bool input;
    };
    std::vector<Field> fields() const {
        std::vector<Field> all;
        for (std::size_t i = 0; i < program_.inputs.size(); ++i) {
            all.push_back({&program_.inputs[i], names_.inputs[i], names_.input_sizes[i], true});
        }
        for (std::size_t i = 0; i < program_.outputs.size(); ++i) {
            all.push_back({&program_.outputs[i], names_.outputs[i], names_.output_sizes[i], false});
        }
        return all;
    }

    std::string door_line(const Field& field) const {
        TensorType type = field.door->type;
        const std::string batch = program_.batch == 1 ? "" : fmt::format("{} items of ", program_.batch);
        std::string text = fmt::format("{} {}: {}{}", field.input ? "in " : "out", field.name, batch, to_text(type));
        if (type.element == ElementType::float16) text += ", IEEE half precision in uint16_t";
        if (type.element == ElementType::bfloat16) text += ", the upper halves of float32 in uint16_t";
        return text;
    }

    std::string about() const {
        std::string text = program_.model + "\n\n";
        if (!program_.doc.empty()) text += program_.doc + "\n\n";
        for (const Field& field : fields()) text += door_line(field) + "\n";
        text += "Tensors are dense, the last axis fastest, at any address that suits their type.\n\n";
        if (!options_.initialized.empty()) text += "WEIGHTS ARE NOT TRAINED: " + options_.initialized + "\n\n";
        text += fmt::format("Made by Halcyon for {}. Link with lib{}.a{}{}.\n", program_.target.name, program_.model,
                            needs_libm_ ? " and -lm" : "",
                            options_.shared ? fmt::format(", or with lib{}.so", program_.model) : "");
        if (options_.weights_file) {
            text += fmt::format("The weights are in {0}.weights, which the program reads or maps and keeps.\n",
                                program_.model);
        }
        text += "This header is C99 and C++17.";
        return "/*\n" + comment_lines(comment_text(text)) + " */\n";
    }

    std::string sizes() const {
        const bool further = program_.further_batch;
        // An enumerator is an int; larger sizes become macros.
        std::string enumerators, macros;
        const auto add = [&](const std::string& name, std::int64_t value) {
            if (value <= std::numeric_limits<std::int32_t>::max()) {
                enumerators += fmt::format("    {} = {},\n", name, value);
            } else {
                macros += fmt::format("#define {} ((size_t){}u)\n", name, value);
            }
        };
        for (const Field& field : fields()) add(field.size, program_.batch * element_count(field.door->type.shape));
        if (program_.batch > 1 && !further) add(names_.upper + "_BATCH", program_.batch);
        if (!further) add(names_.upper + "_WORKSPACE_ALIGNMENT", alignment);
        if (options_.weights_file && !further) add(names_.upper + "_WEIGHTS_ALIGNMENT", alignment);
        const std::string per_worker =
            workspace_.further_worker == 0
                ? "0 * (size_t)(workers)"
                : fmt::format("(size_t){} * ((size_t)(workers) - 1)", workspace_.further_worker);
        if (further) {
            if (!enumerators.empty()) {
                enumerators.erase(enumerators.size() - 2, 1);
                enumerators = fmt::format("enum {{\n{}}};\n", enumerators);
            }
            return fmt::format("\n/* The same for calls of {}, which compute {} items. */\n{}{}"
                               "#define {}_WORKSPACE_BYTES(workers) ((size_t){} + {})\n",
                               names_.run, program_.batch, enumerators, macros, names_.upper_batch,
                               workspace_.first_worker, per_worker);
        }
        enumerators.erase(enumerators.size() - 2, 1);
        return fmt::format("/* Sizes of tensors in elements. */\nenum {{\n{}}};\n{}\n"
                           "/* The memory that a call works in. It holds nothing between calls; calls that run at the "
                           "same time need one\n"
                           " * each. `workers` is the executor's worker_count, or 1 without one. */\n"
                           "#define {}_WORKSPACE_BYTES(workers) ((size_t){} + {})\n",
                           enumerators, macros, names_.upper, workspace_.first_worker, per_worker);
    }

    std::string tensors() const {
        std::string text = fmt::format("typedef struct {}_tensors {{\n", names_.model);
        for (const Field& field : fields()) {
            text += fmt::format("    {}{} *{};  /* {} of {} */\n", field.input ? "const " : "",
                                c_type(field.door->type.element), field.name, field.size,
                                comment_text(to_text(field.door->type)));
        }
        if (options_.weights_file) {
            text +=
                fmt::format("    const void *weights;  /* the bytes of {}.weights, aligned to {}_WEIGHTS_ALIGNMENT */\n"
                            "    size_t weights_bytes;\n",
                            program_.model, names_.upper);
        }
        return text + fmt::format("}} {}_tensors;\n\n", names_.model);
    }

    std::string functions() const {
        std::string text = fmt::format("/* Returns HALCYON_OK or one of HALCYON_ERROR_...; halcyon_error_text says it "
                                       "in words. Re-entrant; allocates nothing,\n"
                                       " * starts no thread. `executor` may be NULL: then everything runs on the "
                                       "calling thread. The results are the same\n"
                                       " * bits on any number of threads. */\n"
                                       "int {}(const {}_tensors *tensors, void *workspace, size_t workspace_bytes,\n"
                                       "    const halcyon_executor *executor);\n\n",
                                       names_.run, names_.model);
        if (options_.weights_file) {
            text += fmt::format("/* Whether these are whole and undamaged weights for this library: HALCYON_OK, or an "
                                "error. {} itself checks only\n"
                                " * that they belong to it. */\n"
                                "int {}(const void *weights, size_t weights_bytes);\n\n",
                                names_.run, names_.check_weights);
        }
        return text;
    }

    std::string further_function() const {
        return fmt::format(
            "/* The same for {} items, which lie one behind the other in every tensor; an item's results are the "
            "same bits wherever it\n * lies. */\n"
            "int {}(const {}_tensors *tensors, void *workspace, size_t workspace_bytes,\n"
            "    const halcyon_executor *executor);\n\n",
            program_.batch, names_.run, names_.model);
    }

    std::string cpp_class() const {
        std::string parameters, arguments;
        for (const Field& field : fields()) {
            const std::string separator = parameters.empty() ? "" : ", ";
            parameters += fmt::format("{}{}{} *{}", separator, field.input ? "const " : "",
                                      c_type(field.door->type.element), field.name);
            arguments += separator + field.name;
        }
        const bool file = options_.weights_file;
        if (file) arguments += ", model_weights_, model_weights_bytes_";
        const std::string weights_parameters =
            file ? "const void *model_weights, std::size_t model_weights_bytes, " : "";
        const std::string weights_initializers =
            file ? "\n          model_weights_(model_weights), model_weights_bytes_(model_weights_bytes)," : "";
        const std::string weights_members =
            file ? "    const void *model_weights_;\n    std::size_t model_weights_bytes_;\n" : "";
        return fmt::format(
            R"(/* A workspace and, if given, an executor, for one call at a time. */
class {8} {{
public:
    explicit {8}({3}const halcyon_executor *model_executor = nullptr)
        : model_executor_(model_executor ? *model_executor : halcyon_executor()),{4}
          model_has_executor_(model_executor != nullptr),
          model_workspace_bytes_({9}_WORKSPACE_BYTES(
              model_executor && model_executor->worker_count > 1 ? model_executor->worker_count : 1)),
          model_workspace_(::operator new(model_workspace_bytes_, std::align_val_t({1}_WORKSPACE_ALIGNMENT))) {{}}
    ~{8}() {{ ::operator delete(model_workspace_, std::align_val_t({1}_WORKSPACE_ALIGNMENT)); }}
    {8}(const {8} &) = delete;
    {8} &operator=(const {8} &) = delete;

    /* Returns HALCYON_OK or one of HALCYON_ERROR_.... */
    int operator()({5}) noexcept {{
        const {0}_tensors model_tensors = {{{6}}};
        return {2}(&model_tensors, model_workspace_, model_workspace_bytes_,
                   model_has_executor_ ? &model_executor_ : nullptr);
    }}

private:
    halcyon_executor model_executor_;
{7}    bool model_has_executor_;
    std::size_t model_workspace_bytes_;
    void *model_workspace_;
}};

)",
            names_.model, names_.upper, names_.run, weights_parameters, weights_initializers, parameters, arguments,
            weights_members, names_.face, names_.upper_batch);
    }

    const Program& program_;
    WorkspaceSize workspace_;
    const LibraryOptions& options_;
    bool needs_libm_;
    InterfaceNames names_;
};

}  // namespace

std::string make_header(const std::vector<Variant>& variants, const LibraryOptions& options, bool needs_libm) {
    std::vector<HeaderWriter> further;
    for (std::size_t i = 1; i < variants.size(); ++i) further.emplace_back(variants[i], options, needs_libm);
    return HeaderWriter(variants.front(), options, needs_libm).write(further);
}

}  // namespace halcyon
