#include "commands/common/door_files.h"

#include <algorithm>

#include "commands/common/element.h"
#include "formats/image.h"
#include "formats/tensor_file.h"
#include "support/check.h"

namespace halcyon {
namespace {

using Items = std::vector<std::string>;

std::string names_of(const std::vector<Door>& doors) {
    std::string names;
    for (const Door& door : doors) names += (names.empty() ? "" : ", ") + door.name;
    return names;
}

int find_door(const std::vector<Door>& doors, std::string_view name) {
    const auto found = std::find_if(doors.begin(), doors.end(), [&](const Door& door) { return door.name == name; });
    return found == doors.end() ? -1 : static_cast<int>(found - doors.begin());
}

bool is_name(std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
}

/// One item per array, or one per entry of its first axis where it has an axis more than the door.
bool add_array(const std::string& path, const Door& door, Items& items, bool& batch, Diagnostics& diag) {
    const std::optional<TensorFile> file = TensorFile::open(path, diag);
    if (!file) return false;
    if (file->tensors().size() != 1) {
        diag.error(Code::wrong_input, {}, "'{}' holds {} arrays; an input is one", path, file->tensors().size());
        return false;
    }
    const StoredTensor& tensor = file->tensors().begin()->second;
    const Shape& shape = door.type.shape;
    const bool stacked =
        tensor.shape.size() == shape.size() + 1 && std::equal(shape.begin(), shape.end(), tensor.shape.begin() + 1);
    if (tensor.shape != shape && !stacked) {
        diag.error(Code::wrong_input, {}, "'{}' has shape {}, but the input '{}' has {}, or one axis more for a batch",
                   path, to_text(tensor.shape), door.name, to_text(shape));
        return false;
    }
    if (!converts_exactly(tensor.type, door.type.element)) {
        diag.error(Code::wrong_input, {},
                   "'{}' holds {}, which does not convert to the {} of the input '{}' without loss", path,
                   to_text(tensor.type), to_text(door.type.element), door.name)
            .hint = fmt::format("in Python: array.astype(\"{}\")", to_text(door.type.element));
        return false;
    }
    const std::size_t count = stacked ? static_cast<std::size_t>(tensor.shape[0]) : 1;
    if (count == 0) {
        diag.error(Code::wrong_input, {}, "'{}' is a batch without items: its shape is {}", path,
                   to_text(tensor.shape));
        return false;
    }
    batch = batch || stacked;
    const std::size_t stored = tensor.bytes.size() / count;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view bytes = tensor.bytes.substr(i * stored, stored);
        items.push_back(tensor.type == stored_type(door.type.element)
                            ? std::string(bytes)
                            : bytes_of_exact(door.type.element, to_array({tensor.type, shape, bytes})));
    }
    return true;
}

/// How pictures lie in a door: (height, width), (height, width, channels) or (channels, height, width).
struct PictureDoor {
    std::int64_t height = 0, width = 0;
    int channels = 1;
    bool channels_first = false;
};

std::optional<PictureDoor> picture_door(const Shape& shape) {
    const auto colours = [](std::int64_t n) { return n == 1 || n == 3; };
    if (shape.size() == 2) return PictureDoor{shape[0], shape[1], 1, false};
    if (shape.size() != 3) return std::nullopt;
    if (colours(shape[2])) return PictureDoor{shape[0], shape[1], static_cast<int>(shape[2]), false};
    if (colours(shape[0])) return PictureDoor{shape[1], shape[2], static_cast<int>(shape[0]), true};
    return std::nullopt;
}

bool add_picture(const std::string& path, const Door& door, Items& items, Diagnostics& diag) {
    const std::optional<PictureDoor> wanted = picture_door(door.type.shape);
    if (!wanted || door.type.element == ElementType::int8) {
        diag.error(Code::wrong_input, {}, "'{}' is a picture, but the input '{}' is {}", path, door.name,
                   to_text(door.type));
        return false;
    }
    const std::optional<Image> image = read_image(path, wanted->channels, diag);
    if (!image) return false;
    if (image->height != wanted->height || image->width != wanted->width) {
        diag.error(Code::wrong_input, {}, "'{}' is {} pixels wide and {} high, but the input '{}' takes {} by {}", path,
                   image->width, image->height, door.name, wanted->width, wanted->height);
        return false;
    }
    std::string bytes;
    const std::size_t pixels = std::size_t{1} * image->width * image->height;
    const std::size_t channels = wanted->channels;
    for (std::size_t i = 0; i < pixels * channels; ++i) {
        const std::size_t from = wanted->channels_first ? i % pixels * channels + i / pixels : i;
        append_exactly(bytes, door.type.element, image->pixels[from]);
    }
    items.push_back(std::move(bytes));
    return true;
}

bool looks_like_picture(std::string_view path) {
    const auto ends_with = [&](std::string_view ending) {
        return path.size() >= ending.size() &&
               std::equal(ending.begin(), ending.end(), path.end() - static_cast<std::ptrdiff_t>(ending.size()),
                          [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
    };
    return ends_with(".png") || ends_with(".jpg") || ends_with(".jpeg");
}

}  // namespace

std::optional<std::vector<DoorFile>> match_doors(const std::vector<std::string>& words, const std::vector<Door>& doors,
                                                 bool input, Diagnostics& diag) {
    const char* const what = input ? "input" : "output";
    std::vector<DoorFile> files;
    std::vector<bool> taken(doors.size(), false);
    bool good = true;
    std::vector<std::string> unnamed;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        if (equals == std::string::npos || !is_name(name)) {
            unnamed.push_back(word);
            continue;
        }
        const int door = find_door(doors, name);
        if (door < 0) {
            std::vector<std::string_view> known;
            for (const Door& each : doors) known.push_back(each.name);
            Diagnostic& error = diag.error(Code::unknown_command_line_name, {}, "there is no {} '{}'; the model has {}",
                                           what, name, names_of(doors));
            if (const std::string_view near = nearest(name, known); !near.empty())
                error.hint = fmt::format("did you mean '{}'?", near);
            good = false;
            continue;
        }
        taken[static_cast<std::size_t>(door)] = true;
        files.push_back({door, word.substr(equals + 1)});
    }
    for (const std::string& path : unnamed) {
        std::size_t door = static_cast<std::size_t>(std::find(taken.begin(), taken.end(), false) - taken.begin());
        if (door == doors.size()) {
            if (!input || doors.size() != 1) {
                diag.error(Code::wrong_input, {}, "no {} is left for '{}'; the model has {}", what, path,
                           names_of(doors));
                good = false;
                continue;
            }
            door = 0;
        }
        taken[door] = true;
        files.push_back({static_cast<int>(door), path});
    }
    for (std::size_t door = 0; input && good && door < doors.size(); ++door) {
        if (taken[door]) continue;
        diag.error(Code::wrong_input, {}, "the input '{}', {}, has no file", doors[door].name,
                   to_text(doors[door].type))
            .hint = fmt::format("--input {}=FILE", doors[door].name);
        good = false;
    }
    if (!good) return std::nullopt;
    return files;
}

std::optional<RunInputs> read_inputs(const std::vector<std::string>& words, const std::vector<Door>& doors,
                                     Diagnostics& diag) {
    const auto files = match_doors(words, doors, true, diag);
    if (!files) return std::nullopt;
    RunInputs inputs;
    std::vector<Items> items(doors.size());
    bool good = true;
    for (const DoorFile& file : *files) {
        const Door& door = doors[static_cast<std::size_t>(file.door)];
        Items& of_door = items[static_cast<std::size_t>(file.door)];
        good &= looks_like_picture(file.path) ? add_picture(file.path, door, of_door, diag)
                                              : add_array(file.path, door, of_door, inputs.batch, diag);
    }
    if (!good) return std::nullopt;
    for (std::size_t door = 1; door < doors.size(); ++door) {
        if (items[door].size() == items[0].size()) continue;
        diag.error(Code::wrong_input, {}, "the input '{}' has {} items, but '{}' has {}", doors[door].name,
                   items[door].size(), doors[0].name, items[0].size());
        return std::nullopt;
    }
    inputs.batch = inputs.batch || items[0].size() > 1;
    inputs.items.resize(items[0].size());
    for (Items& of_door : items) {
        for (std::size_t i = 0; i < of_door.size(); ++i) inputs.items[i].push_back(std::move(of_door[i]));
    }
    return inputs;
}

}  // namespace halcyon
