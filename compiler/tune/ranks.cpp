#include "tune/ranks.h"

#include <dlfcn.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "backend/build_id.h"
#include "support/check.h"
#include "support/file_system.h"
#include "support/hash.h"
#include "tune/mpi/ranks_module.h"

// Messages are JSON with one key. To rank 0: hello, trial, done, left, bye; from it: round, end. Whoever is sent home says bye
// and nothing after it, so that no message is left when MPI ends.

namespace halcyon {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::milliseconds between_looks{5};

Json to_json(const Score& score) {
    return {to_text(score.status), score.seconds, score.noise};
}

Score score_of(const Json& json) {
    const std::optional<TrialStatus> status = trial_status_of(json.at(0).get<std::string>());
    CHECK_INTERNAL(status);
    return {*status, json.at(1), json.at(2)};
}

Json to_json(const RoundOrder& order) {
    Json json{{"task", order.task}, {"batch", order.batch}};
    if (order.best) json["best"] = {order.best->first, to_json(order.best->second)};
    return json;
}

RoundOrder order_of(const Json& json) {
    RoundOrder order{json.at("task"), json.at("batch"), {}};
    if (json.contains("best")) order.best = {json["best"].at(0).get<std::size_t>(), score_of(json["best"].at(1))};
    return order;
}

/// A program started as one of several knows so from what starts it: Open MPI, Slurm and MPICH, PMIx.
int number_in_environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? -1 : std::atoi(value);
}

}  // namespace

bool is_one_of_several_ranks() {
    if (const int count = number_in_environment("OMPI_COMM_WORLD_SIZE"); count >= 0) return count > 1;
    if (const int count = number_in_environment("PMI_SIZE"); count >= 0) return count > 1;
    return number_in_environment("PMIX_RANK") >= 0;
}

std::unique_ptr<Ranks> Ranks::start(const std::string& program_path, std::string& why) {
    const std::string path = join_path(folder_of(program_path), "lib/halcyon_mpi.so");
    // Never closed: MPI leaves threads and handlers behind.
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (library == nullptr) {
        why = dlerror();
        return nullptr;
    }
    const auto start = reinterpret_cast<decltype(&halcyon_start_ranks)>(dlsym(library, HALCYON_START_RANKS));
    const halcyon_ranks* const module = start == nullptr ? nullptr : start();
    if (module == nullptr) why = fmt::format("MPI does not start in '{}'", path);
    return module == nullptr ? nullptr : std::make_unique<Ranks>(*module);
}

Ranks::~Ranks() {
    // The others may wait for what an exception has kept this rank from sending; mpirun ends all when one ends like that.
    if (std::uncaught_exceptions() == 0) module_.finish();
}

int Ranks::rank() const {
    return module_.rank;
}

int Ranks::count() const {
    return module_.count;
}

void Ranks::send(int to, const std::string& text) const {
    module_.send(to, text.data(), text.size());
}

std::optional<Ranks::Message> Ranks::receive() const {
    Message message;
    std::size_t size = 0;
    if (module_.has_arrived(&message.from, &size) == 0) return std::nullopt;
    message.text.resize(size);
    module_.receive(message.from, message.text.data(), size);
    return message;
}

std::string hash_of(const std::vector<TuningTask>& tasks) {
    std::string text(halcyon_build_id());
    for (const TuningTask& task : tasks) {
        text += "\n" + to_text(task.task);
        for (const Option& option : task.options) text += "\n " + to_text(option.candidate, task.task);
    }
    return hash_hex(text);
}

void RankFleet::send(int worker, const RoundOrder& order) {
    ranks_.send(worker, Json{{"round", to_json(order)}}.dump());
}

void RankFleet::send_home(int worker) {
    if (sent_home_.insert(worker).second) ranks_.send(worker, R"({"end":true})");
}

void RankFleet::read(const Ranks::Message& message, std::vector<News>& news) {
    const Json json = Json::parse(message.text);
    const int from = message.from;
    if (json.contains("hello")) {
        const RankIdentity identity{json["hello"].at(0), json["hello"].at(1)};
        if (identity == identity_) {
            news.emplace_back(Joined{from});
        } else if (!identity_.tasks.empty()) {
            const bool is_cpu = identity.tasks == identity_.tasks;
            fmt::print(stderr, "rank {} is left out: {}\n", from,
                       is_cpu ? fmt::format("its CPU is '{}', rank 0's is '{}'", identity.cpu, identity_.cpu)
                              : "its Halcyon or its model is another");
            send_home(from);
        }
    } else if (json.contains("trial")) {
        news.emplace_back(Trial{from, json["trial"].at(0), score_of(json["trial"].at(1))});
    } else if (json.contains("done")) {
        news.emplace_back(Done{from});
    } else if (json.contains("left")) {
        fmt::print(stderr, "rank {} has left, others do its work: {}\n", from, json["left"].get<std::string>());
        news.emplace_back(Left{from});
        send_home(from);
    } else if (json.contains("bye")) {
        gone_.insert(from);
    }
}

std::vector<Fleet::News> RankFleet::news() {
    std::vector<News> news;
    while (const std::optional<Ranks::Message> message = ranks_.receive()) read(*message, news);
    return news;
}

std::vector<Fleet::News> RankFleet::end() {
    std::vector<News> last;
    for (int worker = 1; worker < ranks_.count(); ++worker) send_home(worker);
    while (gone_.size() + 1 < static_cast<std::size_t>(ranks_.count())) {
        std::vector<News> news = this->news();
        if (news.empty()) std::this_thread::sleep_for(between_looks);
        last.insert(last.end(), std::make_move_iterator(news.begin()), std::make_move_iterator(news.end()));
    }
    return last;
}

void RankWorker::listen() {
    while (const std::optional<Ranks::Message> message = ranks_.receive()) {
        const Json json = Json::parse(message->text);
        if (json.contains("round")) order_ = order_of(json["round"]);
        if (json.contains("end")) over_ = true;
    }
}

void RankWorker::work(const std::vector<TuningTask>& tasks, const Diligence& diligence, const Laboratory& laboratory,
                      const RankIdentity& identity, const std::function<std::optional<std::string>()>& trouble) {
    const Laboratory listening = attentive(laboratory, [this] { listen(); });
    RoundWorker worker(tasks, diligence, listening);
    const auto is_over = [&] {
        listen();
        return over_ || laboratory.stop();
    };
    const auto tell = [this](std::size_t option, const Score& score) {
        ranks_.send(0, Json{{"trial", {option, to_json(score)}}}.dump());
    };
    ranks_.send(0, Json{{"hello", {identity.tasks, identity.cpu}}}.dump());
    for (listen(); !over_; listen()) {
        if (!order_) {
            std::this_thread::sleep_for(between_looks);
            continue;
        }
        worker.perform(*std::exchange(order_, std::nullopt), is_over, tell);
        if (const std::optional<std::string> why = trouble()) return leave(*why);
        ranks_.send(0, R"({"done":true})");
    }
    ranks_.send(0, R"({"bye":true})");
}

void RankWorker::leave(const std::string& why) {
    ranks_.send(0, Json{{"left", why}}.dump());
    for (listen(); !over_; listen()) std::this_thread::sleep_for(between_looks);
    ranks_.send(0, R"({"bye":true})");
}

}  // namespace halcyon
