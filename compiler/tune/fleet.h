#pragma once

#include <string>
#include <variant>
#include <vector>

#include "tune/round.h"

namespace halcyon {

/// Other workers, each with the same tasks, that do rounds for a tuner.
class Fleet {
public:
    struct Joined {
        int worker = 0;  ///< has no round, and may be sent one
    };
    struct Trial {
        int worker = 0;
        std::size_t option = 0;
        Score score;
    };
    struct Done {
        int worker = 0;  ///< has finished its round, and may be sent another
    };
    struct Left {
        int worker = 0;  ///< has given up, in a round or without one
    };
    using News = std::variant<Joined, Trial, Done, Left>;

    Fleet() = default;
    virtual ~Fleet() = default;
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    virtual void send(int worker, const RoundOrder& order) = 0;
    /// What has come since the last call, of each worker in order; does not wait.
    [[nodiscard]] virtual std::vector<News> news() = 0;
    /// Sends all home after their running trials, and waits until they are; what they still had to tell.
    [[nodiscard]] virtual std::vector<News> end() = 0;
};

}  // namespace halcyon
