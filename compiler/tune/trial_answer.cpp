#include "tune/trial_answer.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "backend/host_cpu.h"

namespace halcyon {
namespace {

constexpr std::string_view mark = "{\"halcyon-trial\":1,";

std::string_view marked_line(std::string_view output) {
    std::string_view found;
    while (!output.empty()) {
        const std::size_t end = std::min(output.find('\n'), output.size());
        std::string_view line = output.substr(0, end);
        while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.starts_with(mark)) found = line;
        output.remove_prefix(std::min(end + 1, output.size()));
    }
    return found;
}

/// A name as one word of a schedule file.
std::string one_word(std::string text) {
    for (char& letter : text)
        if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '-';
    return text;
}

/// Throws where the JSON is of another shape.
void read_machine(const nlohmann::json& machine, TrialAnswer& answer) {
    const auto architecture = machine.at("architecture").get<std::string>();
    if (architecture == "aarch64") {
        const auto implementer = machine.at("implementer").get<unsigned>();
        const auto part = machine.at("part").get<unsigned>();
        const std::string kind = arm_cpu_kind(implementer, part);
        answer.cpu_kind = kind == "generic" ? architecture : kind;
        answer.cpu = fmt::format("{}, implementer {:#04x}, part {:#05x}", answer.cpu_kind, implementer, part);
        return;
    }
    const auto name = machine.value("name", std::string());
    answer.cpu_kind = name.empty() ? architecture : one_word(name);
    answer.cpu = name.empty() ? architecture : architecture + ", " + name;
}

bool is_possible(const Timing& timing) {
    return std::isfinite(timing.seconds) && timing.seconds >= 0.0 && std::isfinite(timing.noise) &&
           timing.noise >= 0.0 && std::isfinite(timing.error) && timing.error >= 0.0;
}

}  // namespace

std::optional<TrialAnswer> trial_answer_in(std::string_view output) {
    const std::string_view line = marked_line(output);
    if (line.empty()) return std::nullopt;
    try {
        const nlohmann::json json = nlohmann::json::parse(line);
        TrialAnswer answer;
        read_machine(json.at("machine"), answer);
        answer.status = json.value("status", 0);
        if (answer.status != 0) return answer;
        for (const nlohmann::json& one : json.at("timings")) {
            Timing timing{one.at("seconds"), one.at("noise"), one.at("error"), false};
            timing.right = timing.seconds > 0.0;
            if (!is_possible(timing)) return std::nullopt;
            answer.timings.push_back(timing);
        }
        return answer;
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

}  // namespace halcyon
