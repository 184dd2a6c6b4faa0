#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace halcyon {

/// Calls work(0) ... work(count - 1) from `workers` threads, 0: as many as the machine has; the first of their exceptions by
/// number goes on from here.
template <typename Work>
void in_parallel(std::size_t count, int workers, const Work& work) {
    if (workers <= 0) workers = static_cast<int>(std::thread::hardware_concurrency());
    const std::size_t threads =
        std::clamp<std::size_t>(static_cast<std::size_t>(std::max(workers, 1)), 1, std::max<std::size_t>(count, 1));
    std::vector<std::exception_ptr> errors(count);
    std::atomic<std::size_t> next{0};
    std::atomic<bool> failed{false};
    {
        std::vector<std::jthread> pool;
        for (std::size_t i = 0; i < threads; ++i) {
            pool.emplace_back([&] {
                for (std::size_t job = next++; job < count && !failed; job = next++) {
                    try {
                        work(job);
                    } catch (...) {
                        errors[job] = std::current_exception();
                        failed = true;
                    }
                }
            });
        }
    }
    for (const std::exception_ptr& error : errors) {
        if (error) std::rethrow_exception(error);
    }
}

}  // namespace halcyon
