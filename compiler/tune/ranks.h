#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tune/fleet.h"

struct halcyon_ranks;

namespace halcyon {

/// Whether mpirun, or srun with its MPI, has started this process as one of several.
[[nodiscard]] bool is_one_of_several_ranks();

/// This process as one of those, through the module lib/halcyon_mpi.so beside the program. Its end waits for the ends of all
/// others.
class Ranks {
public:
    struct Message {
        int from = 0;
        std::string text;
    };

    /// Nothing where the module is not there or does not start, and `why`. `program_path`: Halcyon itself.
    [[nodiscard]] static std::unique_ptr<Ranks> start(const std::string& program_path, std::string& why);
    explicit Ranks(const halcyon_ranks& module) : module_(module) {}
    ~Ranks();
    Ranks(const Ranks&) = delete;
    Ranks& operator=(const Ranks&) = delete;

    [[nodiscard]] int rank() const;
    [[nodiscard]] int count() const;
    void send(int to, const std::string& text) const;
    /// The next message, if it is there; does not wait.
    [[nodiscard]] std::optional<Message> receive() const;

private:
    const halcyon_ranks& module_;
};

/// What ranks must have in common.
struct RankIdentity {
    std::string tasks;  ///< a hash of all tasks with their options, in order
    std::string cpu;
    friend bool operator==(const RankIdentity&, const RankIdentity&) = default;
};
[[nodiscard]] std::string hash_of(const std::vector<TuningTask>& tasks);

/// The ranks from 1 on, as rank 0 sees them. Those that leave or are of another identity are told of on standard error.
class RankFleet final : public Fleet {
public:
    explicit RankFleet(Ranks& ranks) : ranks_(ranks) {}

    /// Before it, ranks that have come wait.
    void accept(RankIdentity identity) { identity_ = std::move(identity); }
    void send(int worker, const RoundOrder& order) override;
    [[nodiscard]] std::vector<News> news() override;
    [[nodiscard]] std::vector<News> end() override;

private:
    void read(const Ranks::Message& message, std::vector<News>& news);
    void send_home(int worker);

    Ranks& ranks_;
    RankIdentity identity_;
    std::set<int> sent_home_, gone_;
};

/// What a rank from 1 on does.
class RankWorker {
public:
    explicit RankWorker(Ranks& ranks) : ranks_(ranks) {}

    /// Rounds, until rank 0 has no more, or `trouble` says why none can be done here any more: then others do what was begun.
    void work(const std::vector<TuningTask>& tasks, const Diligence& diligence, const Laboratory& laboratory,
              const RankIdentity& identity, const std::function<std::optional<std::string>()>& trouble);
    /// Instead of work: this rank can do nothing, and why.
    void leave(const std::string& why);
    /// Whether rank 0 has sent this rank home. Any thread may ask.
    [[nodiscard]] bool is_over() const { return over_; }

private:
    void listen();

    Ranks& ranks_;
    std::optional<RoundOrder> order_;
    std::atomic<bool> over_ = false;
};

}  // namespace halcyon
