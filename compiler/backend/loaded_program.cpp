#include "backend/loaded_program.h"

#include <llvm/ExecutionEngine/Orc/LLJIT.h>

#include <cstring>
#include <new>

#include "backend/library.h"
#include "backend/llvm_support.h"
#include "backend/names.h"
#include "backend/objects.h"
#include "backend/program_objects.h"
#include "halcyon/pool.h"
#include "support/check.h"

namespace halcyon {

namespace {

namespace orc = llvm::orc;

/// Memory aligned to 64 bytes, zero at first.
class AlignedBytes {
public:
    AlignedBytes() = default;
    explicit AlignedBytes(std::size_t size) : size_(size) {
        bytes_.reset(static_cast<std::byte*>(::operator new(size == 0 ? 1 : size, std::align_val_t(alignment))));
        std::memset(bytes_.get(), 0, size);
    }
    [[nodiscard]] std::byte* data() const { return bytes_.get(); }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    struct Free {
        void operator()(std::byte* bytes) const { ::operator delete(bytes, std::align_val_t(alignment)); }
    };
    std::unique_ptr<std::byte, Free> bytes_;
    std::size_t size_ = 0;
};

struct DestroyPool {
    void operator()(halcyon_pool* pool) const { halcyon_pool_destroy(pool); }
};

using RunFunction = int (*)(const void* tensors, void* workspace, std::size_t bytes, const halcyon_executor* executor);
using BeginFunction = int (*)(void* workspace, std::size_t bytes, const halcyon_executor* executor);
using CallFunction = int (*)(const void* tensors, void* workspace, void* user_context, void* item_memory,
                             std::size_t item);

}  // namespace

struct LoadedProgram::State {
    Program program;
    WorkspaceSize size;
    AlignedBytes weights, workspace, item_memory;
    std::unique_ptr<orc::LLJIT> jit;
    RunFunction run = nullptr;
    BeginFunction begin = nullptr;
    std::vector<CallFunction> calls;
    std::vector<void*> tensors;  ///< as the C interface's struct: inputs, then outputs
    std::unique_ptr<halcyon_pool, DestroyPool> pool;
    int pool_workers = 1;
    halcyon_executor executor{};

    template <typename Function>
    Function find(const std::string& symbol) {
        return check(jit->lookup(symbol)).toPtr<Function>();
    }

    /// Null for one thread.
    const halcyon_executor* executor_for(int threads) {
        CHECK_INTERNAL(threads >= 1);
        reserve_workspace(threads);
        if (threads == 1) return nullptr;
        if (pool_workers != threads) {
            pool.reset();
            pool.reset(halcyon_pool_create(threads));
            CHECK_INTERNAL(pool != nullptr);
            pool_workers = threads;
            executor = halcyon_pool_executor(pool.get());
        }
        return &executor;
    }

    void reserve_workspace(int workers) {
        const std::size_t bytes = size.first_worker + static_cast<std::size_t>(size.further_worker) * (workers - 1);
        if (workspace.size() >= bytes) return;
        AlignedBytes larger(bytes);
        if (workspace.size() > 0) std::memcpy(larger.data(), workspace.data(), workspace.size());
        workspace = std::move(larger);
    }

    std::vector<void*> pointers(std::span<const void* const> inputs, std::span<void* const> outputs) const {
        CHECK_INTERNAL(inputs.size() == program.inputs.size() && outputs.size() == program.outputs.size());
        std::vector<void*> all;
        for (const void* input : inputs) all.push_back(const_cast<void*>(input));
        all.insert(all.end(), outputs.begin(), outputs.end());
        return all;
    }

    void load(const std::vector<CompiledKernel>& kernels) {
        // Merged first, so that code reaches code by 32-bit distances wherever ORC puts it.
        const std::string object =
            merge_objects(program_objects({{program, kernels}}, {.single_calls = true}), program.target);
        jit = check(orc::LLJITBuilder().create());
        orc::JITDylib& library = jit->getMainJITDylib();
        const auto is_wanted = [](const orc::SymbolStringPtr& symbol) {
            return is_allowed_import(std::string_view(*symbol));
        };
        library.addGenerator(check(orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
            jit->getDataLayout().getGlobalPrefix(), is_wanted)));
        if (program.constant_bytes > 0) {
            orc::SymbolMap symbols;
            symbols[jit->mangleAndIntern(weights_symbol(program))] = {orc::ExecutorAddr::fromPtr(weights.data()),
                                                                      llvm::JITSymbolFlags::Exported};
            check(library.define(orc::absoluteSymbols(std::move(symbols))));
        }
        check(jit->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(object, program.model)));
        run = find<RunFunction>(interface_names(program).run);
        begin = find<BeginFunction>(begin_symbol(program));
        for (std::size_t i = 0; i < program.calls.size(); ++i)
            calls.push_back(find<CallFunction>(call_symbol(program, i)));
    }
};

LoadedProgram::LoadedProgram(const Program& program, const std::vector<CompiledKernel>& kernels,
                             const std::string& weights_blob)
    : state_(std::make_unique<State>()) {
    CHECK_INTERNAL(runs_here(program.target));
    CHECK_INTERNAL(static_cast<std::int64_t>(weights_blob.size()) == program.constant_bytes);
    state_->program = program;
    state_->size = workspace_size(program, kernels);
    state_->weights = AlignedBytes(weights_blob.size());
    std::memcpy(state_->weights.data(), weights_blob.data(), weights_blob.size());
    state_->item_memory = AlignedBytes(static_cast<std::size_t>(program.item_buffer_bytes));
    state_->reserve_workspace(program.threads);
    state_->load(kernels);
}

LoadedProgram::~LoadedProgram() = default;
LoadedProgram::LoadedProgram(LoadedProgram&&) noexcept = default;

std::size_t LoadedProgram::input_bytes(int door) const {
    const TensorType& type = state_->program.inputs.at(door).type;
    return static_cast<std::size_t>(state_->program.batch * element_count(type.shape) * bytes_of(type.element));
}

std::size_t LoadedProgram::output_bytes(int door) const {
    const TensorType& type = state_->program.outputs.at(door).type;
    return static_cast<std::size_t>(state_->program.batch * element_count(type.shape) * bytes_of(type.element));
}

int LoadedProgram::run(std::span<const void* const> inputs, std::span<void* const> outputs, int threads) {
    const halcyon_executor* executor = state_->executor_for(threads);
    const std::vector<void*> tensors = state_->pointers(inputs, outputs);
    return state_->run(static_cast<const void*>(tensors.data()), state_->workspace.data(), state_->workspace.size(),
                       executor);
}

void LoadedProgram::bind(std::span<const void* const> inputs, std::span<void* const> outputs) {
    state_->tensors = state_->pointers(inputs, outputs);
}

int LoadedProgram::run_call(int call, std::int64_t item) {
    const halcyon_executor* executor = state_->executor_for(state_->program.threads);
    CHECK_INTERNAL(!state_->tensors.empty());
    std::byte* workspace = state_->workspace.data();
    if (const int error = state_->begin(workspace, state_->workspace.size(), executor)) return error;
    return state_->calls.at(call)(static_cast<const void*>(state_->tensors.data()), workspace,
                                  workspace + aligned(state_->program.buffer_bytes), state_->item_memory.data(),
                                  static_cast<std::size_t>(item)) == 0
               ? HALCYON_OK
               : HALCYON_ERROR_KERNEL;
}

void* LoadedProgram::address(const Place& place) {
    std::byte* base = nullptr;
    switch (place.kind) {
    case Place::Kind::input: base = static_cast<std::byte*>(state_->tensors.at(place.door)); break;
    case Place::Kind::output:
        base = static_cast<std::byte*>(state_->tensors.at(state_->program.inputs.size() + place.door));
        break;
    case Place::Kind::workspace: base = state_->workspace.data(); break;
    case Place::Kind::constant: base = state_->weights.data(); break;
    case Place::Kind::item: base = state_->item_memory.data(); break;
    }
    return base + place.offset;
}

}  // namespace halcyon
