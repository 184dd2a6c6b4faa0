#include "backend/header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "backend/items_driver.h"
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
    /// `targets`: the names of all that the library has code for, best first.
    HeaderWriter(const Program& program, const WorkspaceSize& workspace, const std::vector<std::string>& targets,
                 const LibraryOptions& options, bool needs_libm)
        : program_(program), workspace_(workspace), targets_(targets), options_(options), needs_libm_(needs_libm),
          names_(interface_names(program)) {}

    std::string write(const std::vector<HeaderWriter>& further, bool any_items) const {
        const std::string guard = names_.upper + "_H";
        std::string further_sizes, further_functions, further_faces;
        for (const HeaderWriter& writer : further) {
            further_sizes += writer.sizes();
            further_functions += writer.further_function();
            further_faces += writer.cpp_class(writer.own_face());
        }
        if (any_items) {
            further_sizes += items_workspace(further);
            further_functions += items_function();
            further_faces += cpp_class({"ModelItems", names_.run_items, names_.upper + "_ITEMS", true});
        }
        return about() + fmt::format("#ifndef {0}\n#define {0}\n\n", guard) + std::string(interface_text()) + "\n" +
               sizes() + further_sizes + "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n" + tensors() + functions() +
               further_functions + target_functions() + "#ifdef __cplusplus\n}\n\n" +
               fmt::format("#include <cstddef>\n#include <new>\n\nnamespace {0} {{\n\n{1}{2}}}  // namespace {0}\n",
                           names_.model, cpp_class(own_face()), further_faces) +
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
        text += fmt::format("Made by Halcyon for {}. Link with lib{}.a{}{}.\n", fmt::join(targets_, " and "),
                            program_.model, needs_libm_ ? " and -lm" : "",
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
        if (further) {
            if (!enumerators.empty()) {
                enumerators.erase(enumerators.size() - 2, 1);
                enumerators = fmt::format("enum {{\n{}}};\n", enumerators);
            }
            return fmt::format("\n/* The same for calls of {}, which compute {} items. */\n{}{}"
                               "#define {}_WORKSPACE_BYTES(workers) ((size_t){} + {})\n",
                               names_.run, program_.batch, enumerators, macros, names_.upper_batch,
                               workspace_.first_worker, per_worker(workspace_));
        }
        enumerators.erase(enumerators.size() - 2, 1);
        return fmt::format("/* Sizes of tensors in elements. */\nenum {{\n{}}};\n{}\n"
                           "/* The memory that a call works in. It holds nothing between calls; calls that run at the "
                           "same time need one\n"
                           " * each. `workers` is the executor's worker_count, or 1 without one. */\n"
                           "#define {}_WORKSPACE_BYTES(workers) ((size_t){} + {})\n",
                           enumerators, macros, names_.upper, workspace_.first_worker, per_worker(workspace_));
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

    std::string target_functions() const {
        if (!program_.one_of_targets) return "";
        return fmt::format(
            "/* The target whose code calls run: the first of {} that this CPU has,\n"
            " * or what {} asked for. */\n"
            "const char *{}(void);\n\n"
            "/* Sets the target, by its name, for all calls that begin later on any thread; NULL sets "
            "the best again. Returns HALCYON_OK,\n"
            " * HALCYON_ERROR_TARGET if the library has no code for it, or HALCYON_ERROR_CPU if this CPU "
            "cannot run it. */\n"
            "int {}(const char *target);\n\n",
            fmt::join(targets_, ", "), names_.use_target, names_.target, names_.use_target);
    }

    std::string items_function() const {
        return fmt::format("/* Any number of items, which lie one behind the other in every tensor, by the functions "
                           "above: the largest "
                           "that the items\n * left over are enough for, again and again. The workspace has "
                           "{}_ITEMS_WORKSPACE_BYTES. */\n"
                           "int {}(const {}_tensors *tensors, size_t items, void *workspace, size_t workspace_bytes,\n"
                           "    const halcyon_executor *executor);\n\n",
                           names_.upper, names_.run_items, names_.model);
    }

    std::string items_workspace(const std::vector<HeaderWriter>& further) const {
        WorkspaceSize most = workspace_;
        for (const HeaderWriter& writer : further) {
            most.first_worker = std::max(most.first_worker, writer.workspace_.first_worker);
            most.further_worker = std::max(most.further_worker, writer.workspace_.further_worker);
        }
        return fmt::format("\n/* The same for calls of {}, which computes any number of items. */\n"
                           "#define {}_ITEMS_WORKSPACE_BYTES(workers) ((size_t){} + {})\n",
                           names_.run_items, names_.upper, most.first_worker, per_worker(most));
    }

    static std::string per_worker(const WorkspaceSize& size) {
        return size.further_worker == 0 ? "0 * (size_t)(workers)"
                                        : fmt::format("(size_t){} * ((size_t)(workers) - 1)", size.further_worker);
    }

    /// A C++ class: its name, the function it calls, what its macros begin with, whether that takes a number of items.
    struct Face {
        std::string name, run, upper;
        bool any_items = false;
    };
    Face own_face() const { return {names_.face, names_.run, names_.upper_batch}; }

    std::string cpp_class(const Face& face) const {
        std::string parameters, arguments;
        for (const Field& field : fields()) {
            const std::string separator = parameters.empty() ? "" : ", ";
            parameters += fmt::format("{}{}{} *{}", separator, field.input ? "const " : "",
                                      c_type(field.door->type.element), field.name);
            arguments += separator + field.name;
        }
        if (face.any_items) parameters = "std::size_t model_items, " + parameters;
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
        return {2}(&model_tensors, {10}model_workspace_, model_workspace_bytes_,
                   model_has_executor_ ? &model_executor_ : nullptr);
    }}

private:
    halcyon_executor model_executor_;
{7}    bool model_has_executor_;
    std::size_t model_workspace_bytes_;
    void *model_workspace_;
}};

)",
            names_.model, names_.upper, face.run, weights_parameters, weights_initializers, parameters, arguments,
            weights_members, face.name, face.upper, face.any_items ? "model_items, " : "");
    }

    const Program& program_;
    WorkspaceSize workspace_;
    std::vector<std::string> targets_;
    const LibraryOptions& options_;
    bool needs_libm_;
    InterfaceNames names_;
};

}  // namespace

std::string make_header(const std::vector<Variant>& variants, const LibraryOptions& options, bool needs_libm) {
    std::vector<std::string> targets;
    for (const Variant& variant : variants) {
        if (variant.program.batch == variants.front().program.batch) targets.push_back(variant.program.target.name);
    }
    std::vector<HeaderWriter> writers;
    for (const Variant& variant : variants) {
        if (variant.program.target != variants.front().program.target) continue;
        writers.emplace_back(variant.program, workspace_size(variants, variant.program), targets, options, needs_libm);
    }
    return writers.front().write({writers.begin() + 1, writers.end()}, runs_any_items(variants));
}

}  // namespace halcyon
