#include "formats/common/hdf5_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "formats/common/hdf5_dataset.h"
#include "formats/common/hdf5_handle.h"

namespace halcyon {
namespace {

constexpr int deepest = 32;
constexpr std::size_t most_objects = 200'000;
constexpr std::size_t longest_name = 1024;
constexpr std::size_t most_text = std::size_t{1} << 26;  ///< of all attributes together

FormatError damaged(std::string message) {
    return {.code = Code::bad_keras_file, .message = std::move(message)};
}

/// The attributes that Keras keeps names, versions and architecture in; longer lists are split, "weight_names0".
bool is_wanted(std::string_view attribute) {
    return attribute == "name" || attribute == "keras_version" || attribute == "model_config" ||
           attribute.starts_with("layer_names") || attribute.starts_with("weight_names");
}

struct Link {
    std::string name;
    H5L_type_t type = H5L_TYPE_ERROR;
};

struct NameList {
    std::vector<Link> links;         ///< of a group
    std::vector<std::string> names;  ///< of attributes
    bool too_many = false;
};

herr_t collect_link(hid_t /*group*/, const char* name, const H5L_info_t* info, void* data) {
    auto* list = static_cast<NameList*>(data);
    list->too_many = list->links.size() >= most_objects;
    if (list->too_many) return -1;
    list->links.push_back({name, info->type});
    return 0;
}

herr_t collect_attribute(hid_t /*object*/, const char* name, const H5A_info_t* /*info*/, void* data) {
    auto* list = static_cast<NameList*>(data);
    list->too_many = list->names.size() >= most_objects;
    if (list->too_many) return -1;
    if (is_wanted(name)) list->names.emplace_back(name);
    return 0;
}

std::string place_of(const Hdf5Group& group) {
    return group.path.empty() ? "/" : printable(group.path);
}

class Walk {
public:
    explicit Walk(std::uint64_t file_bytes) : storage_left_(file_bytes) {}

    std::optional<FormatError> group(hid_t id, Hdf5Group& found, int depth) {
        const std::string place = place_of(found);
        if (depth > deepest) return damaged(fmt::format("groups are nested more than {} deep", deepest));
        if (auto mistake = texts(id, found)) return mistake;
        NameList list;
        hsize_t from = 0;
        if (H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, &from, collect_link, &list) < 0) {
            if (list.too_many) return damaged(fmt::format("it holds more than {} objects", most_objects));
            return damaged(fmt::format("group '{}' cannot be read: {}", place, hdf5_problem()));
        }
        for (const Link& link : list.links) {
            if (auto mistake = object(id, link, found, depth)) return mistake;
        }
        return std::nullopt;
    }

private:
    std::optional<FormatError> object(hid_t parent, const Link& link, Hdf5Group& found, int depth) {
        std::string path = found.path.empty() ? link.name : found.path + "/" + link.name;
        const std::string shown = printable(path);
        if (++objects_ > most_objects) return damaged(fmt::format("it holds more than {} objects", most_objects));
        if (link.name.empty() || link.name.size() > longest_name || !is_utf8(link.name))
            return damaged(fmt::format("the name '{}' is not one that Keras gives", shown));
        if (link.type != H5L_TYPE_HARD)
            return damaged(fmt::format("'{}' is a link to another place or file, which is not followed", shown));
        const Hdf5Handle opened(H5Oopen(parent, link.name.c_str(), H5P_DEFAULT));
        H5O_info_t info;
        if (!opened.good() || H5Oget_info2(opened.id(), &info, H5O_INFO_BASIC) < 0)
            return damaged(fmt::format("'{}' cannot be read: {}", shown, hdf5_problem()));
        if (!seen_.insert(info.addr).second)
            return damaged(fmt::format("'{}' is an object that has another name too", shown));
        if (info.type == H5O_TYPE_GROUP) {
            Hdf5Group& inner = found.groups[link.name];
            inner.path = std::move(path);
            return group(opened.id(), inner, depth + 1);
        }
        if (info.type != H5O_TYPE_DATASET) return damaged(fmt::format("'{}' is neither a group nor a dataset", shown));
        Hdf5Dataset& dataset = found.datasets[link.name];
        dataset.path = std::move(path);
        return examine_dataset(opened.id(), storage_left_, dataset);
    }

    std::optional<FormatError> texts(hid_t id, Hdf5Group& found) {
        NameList list;
        hsize_t from = 0;
        if (H5Aiterate2(id, H5_INDEX_NAME, H5_ITER_INC, &from, collect_attribute, &list) < 0) {
            return damaged(fmt::format("the attributes of '{}' cannot be read: {}", place_of(found), hdf5_problem()));
        }
        for (const std::string& name : list.names) {
            const Hdf5Handle attribute(H5Aopen(id, name.c_str(), H5P_DEFAULT));
            std::vector<std::string> values;
            const bool read = attribute.good() && read_text(attribute.id(), values);
            if (!read || !std::ranges::all_of(values, [](const std::string& value) { return is_utf8(value); })) {
                return damaged(fmt::format("attribute '{}' of '{}' cannot be read: {}", printable(name),
                                           place_of(found), hdf5_problem()));
            }
            found.texts[name] = std::move(values);
        }
        return std::nullopt;
    }

    bool take_text(std::size_t bytes) {
        if (bytes > text_left_) return false;
        text_left_ -= bytes;
        return true;
    }

    /// An empty list is stored as one of numbers.
    bool read_text(hid_t attribute, std::vector<std::string>& values) {
        const Hdf5Handle type(H5Aget_type(attribute));
        const Hdf5Handle space(H5Aget_space(attribute));
        const hssize_t count = H5Sget_simple_extent_npoints(space.id());
        if (!type.good() || count < 0) return false;
        if (count == 0) return true;
        if (static_cast<std::size_t>(count) > most_objects || H5Tget_class(type.id()) != H5T_STRING) return false;
        const auto number = static_cast<std::size_t>(count);
        if (H5Tis_variable_str(type.id()) > 0) {
            std::vector<char*> pointers(number, nullptr);
            bool good = H5Aread(attribute, type.id(), static_cast<void*>(pointers.data())) >= 0;
            for (const char* text : pointers) {
                if (!good) break;
                values.emplace_back(text == nullptr ? "" : text);
                good = take_text(values.back().size());
            }
            H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, static_cast<void*>(pointers.data()));
            return good;
        }
        const std::size_t width = H5Tget_size(type.id());
        if (width == 0 || width > most_text / number || !take_text(width * number)) return false;
        std::string bytes(width * number, '\0');
        if (H5Aread(attribute, type.id(), bytes.data()) < 0) return false;
        for (std::size_t i = 0; i < number; ++i) {
            const std::string_view padded = std::string_view(bytes).substr(i * width, width);
            values.emplace_back(padded.substr(0, padded.find('\0')));
        }
        return true;
    }

    std::set<haddr_t> seen_;
    std::size_t objects_ = 0;
    std::size_t text_left_ = most_text;
    std::uint64_t storage_left_;
};

// libhdf5 asks these for the copy of the file that it works on. It is given the bytes themselves: it only reads.
void* no_copy(std::size_t size, H5FD_file_image_op_t /*op*/, void* data) {
    const auto* image = static_cast<const std::string_view*>(data);
    return size <= image->size() ? const_cast<char*>(image->data()) : nullptr;
}
void* copied_already(void* to, const void* /*from*/, std::size_t /*size*/, H5FD_file_image_op_t /*op*/,
                     void* /*data*/) {
    return to;
}
void* no_resize(void* /*image*/, std::size_t /*size*/, H5FD_file_image_op_t /*op*/, void* /*data*/) {
    return nullptr;
}
herr_t keep(void* /*image*/, H5FD_file_image_op_t /*op*/, void* /*data*/) {
    return 0;
}
void* same_data(void* data) {
    return data;
}
herr_t keep_data(void* /*data*/) {
    return 0;
}

/// How to open the image without a file on disk. The plug-ins that a file may name are never loaded.
hid_t image_access(std::string_view* image) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5PLset_loading_state(0);
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(access, std::size_t{1} << 16, false);
    H5FD_file_image_callbacks_t callbacks{no_copy, copied_already, no_resize, keep, same_data, keep_data, image};
    H5Pset_file_image_callbacks(access, &callbacks);
    H5Pset_file_image(access, const_cast<char*>(image->data()), image->size());
    return access;
}

/// The last component, reached step by step from `group`.
std::pair<const Hdf5Group*, std::string_view> walk_to(const Hdf5Group* group, std::string_view path) {
    for (;;) {
        const std::size_t slash = path.find('/');
        if (slash == std::string_view::npos || group == nullptr) return {group, path};
        const auto next = group->groups.find(std::string(path.substr(0, slash)));
        group = next == group->groups.end() ? nullptr : &next->second;
        path.remove_prefix(slash + 1);
    }
}

}  // namespace

/// libhdf5 refers to where the image's address and size are kept.
struct Hdf5File::Opened {
    // libhdf5 refuses an image whose name is that of a file; nothing can have this one.
    explicit Opened(std::string_view bytes)
        : image(bytes), access(image_access(&image)), id(H5Fopen("/dev/null/image", H5F_ACC_RDONLY, access.id())) {}
    std::string_view image;
    Hdf5Handle access, id;
};

std::string hdf5_problem() {
    std::string text;
    const auto innermost = [](unsigned depth, const H5E_error2_t* error, void* data) -> herr_t {
        if (depth == 0 && error->desc != nullptr) *static_cast<std::string*>(data) = printable(error->desc);
        return 0;
    };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, &text);
    return text.empty() ? "it is damaged" : text;
}

const Hdf5Group* Hdf5Group::group(std::string_view wanted) const {
    const auto [parent, name] = walk_to(this, wanted);
    if (parent == nullptr) return nullptr;
    const auto found = parent->groups.find(std::string(name));
    return found == parent->groups.end() ? nullptr : &found->second;
}

const Hdf5Dataset* Hdf5Group::dataset(std::string_view wanted) const {
    const auto [parent, name] = walk_to(this, wanted);
    if (parent == nullptr) return nullptr;
    const auto found = parent->datasets.find(std::string(name));
    return found == parent->datasets.end() ? nullptr : &found->second;
}

std::variant<Hdf5File, FormatError> Hdf5File::open(std::string_view image) {
    const auto opened = std::make_shared<Opened>(image);
    if (!opened->id.good()) return damaged(fmt::format("the HDF5 file is not sound: {}", hdf5_problem()));
    const Hdf5Handle root(H5Gopen2(opened->id.id(), "/", H5P_DEFAULT));
    if (!root.good()) return damaged(fmt::format("the HDF5 file is not sound: {}", hdf5_problem()));
    Hdf5File file;
    file.root_ = std::make_unique<Hdf5Group>();
    if (auto mistake = Walk(image.size()).group(root.id(), *file.root_, 0)) return *mistake;
    file.file_ = opened;
    return file;
}

std::optional<FormatError> Hdf5File::read(const Hdf5Dataset& dataset, char* to) const {
    if (dataset.bytes == 0) return std::nullopt;
    const Hdf5Handle opened(H5Dopen2(file_->id.id(), ("/" + dataset.path).c_str(), H5P_DEFAULT));
    if (opened.good()) {
        const Hdf5Handle type(memory_type_of(opened.id()));
        if (type.good() && H5Dread(opened.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, to) >= 0) return std::nullopt;
    }
    return damaged(fmt::format("dataset '{}' cannot be read: {}", printable(dataset.path), hdf5_problem()));
}

bool looks_like_hdf5(std::string_view bytes) {
    return bytes.starts_with("\x89HDF\r\n\x1a\n");
}

}  // namespace halcyon
