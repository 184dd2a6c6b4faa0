#pragma once

#include <hdf5.h>

#include <string>
#include <utility>

namespace halcyon {

/// One of libhdf5's identifiers, released at the end; negative when the call that gave it failed.
class Hdf5Handle {
public:
    explicit Hdf5Handle(hid_t id) : id_(id) {}
    Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
    Hdf5Handle(const Hdf5Handle&) = delete;
    Hdf5Handle& operator=(const Hdf5Handle&) = delete;
    Hdf5Handle& operator=(Hdf5Handle&&) = delete;
    ~Hdf5Handle() {
        if (good()) H5Idec_ref(id_);
    }
    [[nodiscard]] bool good() const { return id_ >= 0; }
    [[nodiscard]] hid_t id() const { return id_; }

private:
    hid_t id_;
};

/// What libhdf5 says of its last failure, innermost first: "bad heap free list".
[[nodiscard]] std::string hdf5_problem();

}  // namespace halcyon
