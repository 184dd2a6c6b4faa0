#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "formats/tensor_file.h"
#include "graph/array.h"
#include "importers/network.h"

namespace halcyon::importers {

/// Why a node of an ONNX file cannot be imported, in words that follow its name. Thrown inside this room only.
struct Refused {
    std::string reason;
};

/// A part of an axis that no node has torn apart so far. Axes of extent 1 have none.
struct Atom {
    int id = 0;
    std::int64_t extent = 1;
    friend bool operator==(const Atom&, const Atom&) = default;
};
using Axis = std::vector<Atom>;

/// What a name in an ONNX file stands for: a constant, or a value of the network that is being made. The value need not lie as
/// the file has it: `axes` are the file's, each a product of atoms, and `lies` are the value's own. So a Transpose or a
/// Reshape only rearranges `axes`, and an image that the file has as (N, C, H, W) can lie as (H, W, C) from layer to layer.
/// The batch, where it has several items, is an atom that `axes` have and `lies` do not.
struct OnnxValue {
    std::optional<StoredTensor> constant;
    int id = -1;  ///< in the network
    std::vector<Axis> axes, lies;
    bool whole = false;    ///< its numbers are known to be whole
    bool integer = false;  ///< in the file it has a type of whole numbers, or is true or false

    [[nodiscard]] Shape shape() const;  ///< as the file has it
    [[nodiscard]] int rank() const { return static_cast<int>(constant ? constant->shape.size() : axes.size()); }
};

[[nodiscard]] std::int64_t extent_of(const Axis& axis);
/// (3, 4) as a layer's argument.
[[nodiscard]] Value shape_argument(const Shape& shape);

/// Makes a network, call by call, from what the operators of an ONNX file ask for.
class OnnxBuilder {
public:
    using Arguments = std::vector<std::pair<std::string, Value>>;

    /// The batch has that many items; 1 where the file leaves it open.
    explicit OnnxBuilder(std::int64_t batch) : batch_{0, batch} {}

    /// An input of the file's shape. `drop_batch`: the first axis is the batch's; `order`, if given, are the axes in the order
    /// in which callers shall hand them over.
    OnnxValue add_input(const std::string& name, ElementType element, const Shape& shape, bool drop_batch,
                        const std::vector<int>& order);

    // Layers take and give values of the network. A layer's name is that of `set_name`, once; further ones are numbered.
    void set_name(std::string name, std::string file_type);
    int layer(std::string_view type, const Arguments& arguments, std::vector<int> inputs);
    /// '+', '-', '*', '/', 'p' between two values, or with a number, which may be on the left.
    int arithmetic(char symbol, int left, int right);
    int arithmetic(char symbol, int value, double number, bool number_left = false);
    /// x[text]
    int slice(int value, const std::string& text);
    /// A weight of the layer that was made last.
    void weight(const std::string& name, const Array& numbers);

    /// The layer whose call gave the value; null for inputs. `inputs` are then what it was called with.
    [[nodiscard]] const ImportedLayer* maker_of(int value, std::vector<int>& inputs) const;

    /// Whether the layer that gave the value took over what it is multiplied with (`scales`), or what is added to it: a layer
    /// without a bias, an Affine without an offset, a normalization without a scale. Nothing else may read its result.
    /// The numbers lie as the last of so many axes do.
    bool absorb(int value, bool scales, const Array& numbers, int rank);

    /// A value whose axes are those of the file, in that order: (2, 3, 1) of an image is what Keras calls channels_last. All
    /// axes but the batch's and those of extent 1 have to be among them.
    int arranged(const OnnxValue& value, const std::vector<int>& order);
    /// A value that lies so: the atoms of `wanted` are those of `lies`.
    int lay(const OnnxValue& value, const std::vector<Axis>& wanted);
    /// The file's axes in the order in which they lie, or should: what `arranged` gets at least cost. Those of `also` are
    /// among them even if their extent is 1.
    [[nodiscard]] std::vector<int> order_of(const OnnxValue& value, const std::vector<int>& also = {}) const;
    /// Of a value that `arranged` gave, or a layer made whose result has these axes: what a name stands for then.
    OnnxValue made(int id, const Shape& shape, const std::vector<int>& order, const OnnxValue& like);

    /// The file's axis of the batch, if it has several items; else -1.
    [[nodiscard]] int batch_axis(const OnnxValue& value) const;
    /// The same numbers in the same order under another shape.
    OnnxValue reshaped(const OnnxValue& value, const Shape& shape);
    /// Both with the same atoms along axes that are equally long, right-aligned; one-to-one axes where that cannot be.
    void unify(OnnxValue& a, OnnxValue& b);

    /// Memory for constants that are computed, of which there is not much: a few bytes of a file can ask for any amount.
    /// `make_room` is for weights that are.
    void make_room(std::int64_t numbers);
    StoredTensor keep(StoredType type, Shape shape, std::span<const double> numbers);
    StoredTensor keep(StoredType type, const Array& array);

    ImportedNetwork network;
    struct LayerWeight {
        int layer;
        std::string name;
        StoredTensor value;
    };
    std::vector<LayerWeight> weights;
    [[nodiscard]] std::deque<std::string>& storage() { return storage_; }

private:
    Atom new_atom(std::int64_t extent) { return {next_atom_++, extent}; }
    int add(ImportedLayer layer, std::vector<int> inputs);
    StoredTensor stored(StoredType type, Shape shape, std::span<const double> numbers);
    [[nodiscard]] bool has_batch(const Axis& axis) const;
    void split(OnnxValue& value, int atom, const std::vector<Atom>& parts) const;

    Atom batch_;  ///< of extent 1: none
    int next_atom_ = 1;
    std::string name_, file_type_;
    std::map<std::string, int> laid_;
    std::deque<std::string> storage_;
    std::int64_t kept_bytes_ = 0;
};

}  // namespace halcyon::importers
