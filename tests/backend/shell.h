#pragma once

#include <string>

namespace halcyon::tests {

/// A fresh, empty folder for one test, under the tests' scratch folder.
[[nodiscard]] std::string fresh_folder(const std::string& name);

void write_file(const std::string& path, const std::string& bytes);
[[nodiscard]] std::string read_file(const std::string& path);

/// What a shell command did: its exit status (-1 when a signal ended it) and all it printed, errors too.
struct Outcome {
    int status = 0;
    std::string output;
};
[[nodiscard]] Outcome shell(const std::string& command);

/// The output of a command that must succeed; doctest's REQUIRE otherwise.
std::string must(const std::string& command);

}  // namespace halcyon::tests
