#include "tune/command_process.h"

#include <chrono>

#include <doctest/doctest.h>

namespace halcyon::testing {
namespace {

constexpr double long_enough = 60.0;

using Ending = CommandEnd::Ending;

}  // namespace

TEST_CASE("a command of several words gets further words as they are") {
    const CommandEnd end = run_command("printf '<%s>'", {"a b", "$c"}, long_enough);
    CHECK(end.ending == Ending::done);
    CHECK(end.output == "<a b><$c>");
    CHECK(end.how == "");
}

TEST_CASE("a command that fails is quoted on one line") {
    const CommandEnd end = run_command("sh -c 'echo no; echo board >&2; echo there >&2; exit 255'", {}, long_enough);
    CHECK(end.ending == Ending::failed);
    CHECK(end.output == "no\n");
    CHECK(end.how == "exit status 255: board there");
}

TEST_CASE("a command that crashes is told by its signal") {
    const CommandEnd end = run_command("kill -SEGV $$ #", {}, long_enough);
    CHECK(end.ending == Ending::failed);
    CHECK(end.how == "signal 11");
}

TEST_CASE("a command that is not there is the shell's to tell") {
    const CommandEnd end = run_command("nonesuch-runner", {}, long_enough);
    CHECK(end.ending == Ending::failed);
    CHECK(end.how.starts_with("exit status 127: "));
}

TEST_CASE("a command that takes too long is killed with all that it has started") {
    const auto begin = std::chrono::steady_clock::now();
    const CommandEnd end = run_command("sh -c 'sleep 100 & sleep 100'", {}, 0.2);
    CHECK(end.ending == Ending::too_slow);
    CHECK(end.how == "no end within 0.2 s");
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
}

TEST_CASE("a command that never stops writing is ended") {
    const CommandEnd end = run_command("yes", {}, long_enough);
    CHECK(end.ending == Ending::failed);
    CHECK(end.how == "it wrote too much");
}

}  // namespace halcyon::testing
