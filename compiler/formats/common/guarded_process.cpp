#include "formats/common/guarded_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>

namespace halcyon {
namespace {

// What the child ends with.
constexpr int done = 0;
constexpr int out_of_memory = 3;
constexpr int not_guarded = 4;

#if defined(__SANITIZE_ADDRESS__)
// The sanitizer asks through a pipe of its own whether memory can be read.
constexpr std::uint64_t open_files = 8;
#else
constexpr std::uint64_t open_files = 0;
#endif

bool limit(__rlimit_resource resource, std::uint64_t most) {
    const rlimit both{most, most};
    return setrlimit(resource, &both) == 0;
}

/// The bytes of address space that the process has, from /proc; 0 if that cannot be read.
std::uint64_t mapped_bytes() {
    std::FILE* file = std::fopen("/proc/self/statm", "re");
    if (file == nullptr) return 0;
    unsigned long long pages = 0;
    const int read = std::fscanf(file, "%llu", &pages);
    std::fclose(file);
    return read == 1 ? pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

/// Keeps the answer as the only open file, and shuts every door to others. What is printed is lost: libraries that find
/// their memory damaged say so on standard error.
bool guard(const ProcessLimits& limits, int& answer, pid_t parent) {
    const std::uint64_t mapped = mapped_bytes();
    const int nowhere = open("/dev/null", O_RDWR);
    if (mapped == 0 || nowhere < 0) return false;
    for (const int standard : {0, 1, 2}) {
        if (dup2(nowhere, standard) < 0) return false;
    }
    constexpr int kept = 3;
    if (answer != kept && dup2(answer, kept) < 0) return false;
    answer = kept;
    if (close_range(kept + 1, ~0U, 0) != 0) return false;
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) return false;
    const auto seconds = static_cast<std::uint64_t>(limits.seconds);
    alarm(static_cast<unsigned>(limits.seconds) * 10);
    const auto answer_bytes = static_cast<std::uint64_t>(limits.answer_bytes);
    return limit(RLIMIT_CORE, 0) && limit(RLIMIT_CPU, seconds) && limit(RLIMIT_FSIZE, answer_bytes) &&
           limit(RLIMIT_NOFILE, open_files) &&
           limit(RLIMIT_AS, mapped + answer_bytes + static_cast<std::uint64_t>(limits.memory_bytes));
}

class AnswerFile {
public:
    AnswerFile(int file, std::int64_t most) : file_(file), most_(static_cast<std::size_t>(most)) {}

    char* resize(std::size_t bytes) {
        if (memory_ != nullptr) munmap(memory_, size_);
        memory_ = nullptr;
        size_ = bytes;
        if (bytes == 0 || bytes > most_ || ftruncate(file_, static_cast<off_t>(bytes)) != 0) return nullptr;
        void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
        if (mapped == MAP_FAILED) return nullptr;
        memory_ = static_cast<char*>(mapped);
        return memory_;
    }

private:
    int file_;
    std::size_t most_;
    char* memory_ = nullptr;
    std::size_t size_ = 0;
};

[[noreturn]] void run_child(const ProcessLimits& limits, int answer, pid_t parent,
                            const std::function<void(const AnswerMemory&)>& work) {
    if (!guard(limits, answer, parent)) _exit(not_guarded);
    try {
        AnswerFile file(answer, limits.answer_bytes);
        work([&](std::size_t bytes) { return file.resize(bytes); });
    } catch (const std::bad_alloc&) {
        _exit(out_of_memory);
    }
    _exit(done);
}

std::string failure_text(int status) {
    if (WIFSIGNALED(status)) {
        const int signal = WTERMSIG(status);
        if (signal == SIGXCPU || signal == SIGKILL || signal == SIGALRM) return "took too long";
        return fmt::format("crashed (signal {})", signal);
    }
    switch (WEXITSTATUS(status)) {
    case out_of_memory: return "needed too much memory";
    case not_guarded: return "could not be guarded";
    default: return fmt::format("failed (status {})", WEXITSTATUS(status));
    }
}

}  // namespace

std::variant<ProcessAnswer, ProcessFailure> run_guarded(const ProcessLimits& limits,
                                                        const std::function<void(const AnswerMemory&)>& work) {
    const int file = memfd_create("answer", MFD_CLOEXEC);
    if (file < 0) return ProcessFailure{fmt::format("got no memory: {}", std::strerror(errno))};
    const std::shared_ptr<const int> closing(&file, [](const int* open_file) { close(*open_file); });
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0) run_child(limits, file, parent, work);
    if (child < 0) return ProcessFailure{fmt::format("could not be started: {}", std::strerror(errno))};
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return ProcessFailure{fmt::format("was lost: {}", std::strerror(errno))};
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != done) return ProcessFailure{failure_text(status)};

    struct stat info{};
    if (fstat(file, &info) != 0 || info.st_size <= 0 || info.st_size > limits.answer_bytes)
        return ProcessFailure{"gave no answer"};
    const auto size = static_cast<std::size_t>(info.st_size);
    void* mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (mapped == MAP_FAILED) return ProcessFailure{fmt::format("got no memory: {}", std::strerror(errno))};
    std::shared_ptr<const void> memory(mapped, [size](void* bytes) { munmap(bytes, size); });
    return ProcessAnswer(std::move(memory), {static_cast<const char*>(mapped), size});
}

}  // namespace halcyon
