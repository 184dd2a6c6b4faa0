#include "backend/object_cache.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace halcyon;
namespace fs = std::filesystem;

namespace {

/// A folder of its own, empty.
std::string fresh_folder(const std::string& name) {
    const fs::path folder = fs::path(HALCYON_TEST_SCRATCH) / name;
    fs::remove_all(folder);
    return folder.string();
}

const CompiledKernel kernel{"object\ncode", 128, 64};

}  // namespace

TEST_CASE("what was stored is found again, by another process too") {
    const std::string folder = fresh_folder("cache_found");
    ObjectCache(folder).store("key", kernel);
    const std::optional<CompiledKernel> found = ObjectCache(folder).find("key");
    REQUIRE(found.has_value());
    CHECK(found->object == kernel.object);
    CHECK(found->scratch_bytes == 128);
    CHECK(found->worker_scratch_bytes == 64);
    CHECK_FALSE(ObjectCache(folder).find("other"));
}

TEST_CASE("a damaged or shortened file is as good as none") {
    const std::string folder = fresh_folder("cache_damaged");
    ObjectCache cache(folder);
    cache.store("key", kernel);
    const fs::path file = fs::path(folder) / "kernels" / "key.kernel";
    const auto size = fs::file_size(file);
    for (std::uintmax_t place = 0; place < size; ++place) {
        cache.store("key", kernel);
        {
            std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
            stream.seekp(static_cast<std::streamoff>(place));
            stream.put('#');
        }
        REQUIRE_FALSE(cache.find("key"));
        cache.store("key", kernel);
        fs::resize_file(file, place);
        REQUIRE_FALSE(cache.find("key"));
    }
}

TEST_CASE("a folder that cannot be made is said, not fatal") {
    ObjectCache cache("/proc/none");
    cache.store("key", kernel);
    CHECK(cache.trouble() == "cannot write into /proc/none/kernels: No such file or directory");
    CHECK_FALSE(cache.find("key"));
}

TEST_CASE("without a folder nothing is kept and nothing is wrong") {
    ObjectCache cache("");
    cache.store("key", kernel);
    CHECK_FALSE(cache.find("key"));
    CHECK_FALSE(cache.trouble());
}

TEST_CASE("the files used longest ago go first when the cache is full") {
    const std::string folder = fresh_folder("cache_full");
    ObjectCache cache(folder);
    const CompiledKernel large{std::string(1000, 'x'), 0, 0};
    const fs::file_time_type now = fs::file_time_type::clock::now();
    for (int i = 0; i < 4; ++i) {
        cache.store(std::to_string(i), large);
        fs::last_write_time(fs::path(folder) / "kernels" / (std::to_string(i) + ".kernel"),
                            now - std::chrono::hours(10 - i));
    }
    CHECK(cache.find("0"));  // and so it is the one used last
    cache.trim(3 * 1100);
    CHECK(cache.find("0"));
    CHECK_FALSE(cache.find("1"));
    CHECK(cache.find("2"));
    CHECK(cache.find("3"));
}

TEST_CASE("the key depends on task, candidate and target") {
    Task task;
    Candidate candidate;
    TargetInfo target;
    const std::string key = ObjectCache::key(task, candidate, target);
    target.halide = "x86-64-linux";
    CHECK(ObjectCache::key(task, candidate, target) != key);
    target.halide.clear();
    candidate.parameters = {{"tile", {1}}};
    CHECK(ObjectCache::key(task, candidate, target) != key);
    candidate.parameters.clear();
    task.threads = 2;
    CHECK(ObjectCache::key(task, candidate, target) != key);
    task.threads = 1;
    CHECK(ObjectCache::key(task, candidate, target) == key);
}
