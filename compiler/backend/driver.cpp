// The driver as LLVM IR:
//
//     int digits.call.0(const void *const *tensors, char *workspace) {    // inlined into digits_run
//         halide_buffer_t image = {.host = tensors[0]}, ..., out = {.host = workspace + 1024};
//         return digits.conv2d.direct_conv(workspace + BUFFER_BYTES, &image, ..., &out);
//     }
//     int digits_run(const digits_tensors *tensors, void *workspace, size_t workspace_bytes,
//                    const halcyon_executor *executor) {
//         if (!tensors || !tensors->image || !tensors->scores) return HALCYON_ERROR_NULL;
//         if (int error = halcyon_begin(&digits.needs, workspace, workspace_bytes, executor)) return error;
//         const halcyon_executor *watched = halcyon_watched(executor);
//         if (watched) halcyon_report(watched, HALCYON_KERNEL_BEGINS, 0, "conv2d", "digits.conv2d.direct_conv");
//         int status = digits.call.0(tensors, workspace);
//         if (watched) halcyon_report(watched, HALCYON_KERNEL_ENDS, 0, "conv2d", "digits.conv2d.direct_conv");
//         if (!status) ...
//         return halcyon_end(workspace + BUFFER_BYTES, status);
//     }
#include "backend/driver.h"

#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Linker/Linker.h>
#include <llvm/TargetParser/Triple.h>

#include <algorithm>
#include <map>

#include "backend/cpu_features.h"
#include "backend/items_driver.h"
#include "backend/level_choice.h"
#include "backend/llvm_support.h"
#include "backend/names.h"
#include "backend/runtime_bitcode.h"
#include "backend/weights_file.h"
#include "halcyon/interface.h"
#include "support/check.h"
#include "weights.h"

namespace halcyon {

namespace {

using llvm::BasicBlock;
using llvm::Function;
using llvm::Value;

class DriverWriter {
public:
    /// `layout` is the weights_layout() of the library.
    DriverWriter(const Program& program, const MemoryNeeds& memory, const DriverOptions& options, std::uint64_t layout,
                 llvm::Module& module)
        : program_(program), memory_(memory), options_(options), layout_(layout), names_(interface_names(program)),
          module_(module), builder_(module.getContext()) {
        needs_ = define_needs();
        if (!options.weights_file && program.constant_bytes > 0) {
            weights_ = llvm::cast<llvm::GlobalVariable>(
                module_.getOrInsertGlobal(weights_symbol(program), builder_.getInt8Ty()));
            weights_->setConstant(true);
        }
    }

    void write() {
        std::vector<Function*> calls;
        for (std::size_t i = 0; i < program_.calls.size(); ++i) calls.push_back(define_call(i));
        define_run(calls);
        if (options_.single_calls) define_begin();
    }

    void define_check_weights() {
        Function* function = begin_function(names_.check_weights, {pointer(), size_type()});
        check_weights("halcyon_weights_whole", function->getArg(0), function->getArg(1));
        builder_.CreateRet(builder_.getInt32(HALCYON_OK));
    }

private:
    llvm::PointerType* pointer() { return builder_.getPtrTy(); }
    llvm::IntegerType* size_type() { return module_.getDataLayout().getIntPtrType(module_.getContext()); }
    llvm::IntegerType* int32() { return builder_.getInt32Ty(); }

    llvm::FunctionCallee runtime(const char* name, std::initializer_list<llvm::Type*> parameters) {
        return module_.getOrInsertFunction(name, llvm::FunctionType::get(int32(), parameters, false));
    }

    Function* begin_function(const std::string& name, std::initializer_list<llvm::Type*> parameters) {
        auto* function = Function::Create(llvm::FunctionType::get(int32(), parameters, false),
                                          llvm::GlobalValue::ExternalLinkage, name, module_);
        function->addFnAttr(llvm::Attribute::NoUnwind);
        builder_.SetInsertPoint(BasicBlock::Create(module_.getContext(), "", function));
        return function;
    }

    /// Goes on in a new block if `good`; else returns `error`.
    void return_unless(Value* good, Value* error) {
        Function* function = builder_.GetInsertBlock()->getParent();
        BasicBlock* fail = BasicBlock::Create(module_.getContext(), "fail", function);
        BasicBlock* next = BasicBlock::Create(module_.getContext(), "", function);
        builder_.CreateCondBr(good, next, fail);
        builder_.SetInsertPoint(fail);
        builder_.CreateRet(error);
        builder_.SetInsertPoint(next);
    }
    void return_unless(Value* good, int error) { return_unless(good, builder_.getInt32(error)); }
    void return_if_error(Value* status) { return_unless(builder_.CreateIsNull(status), status); }

    llvm::GlobalVariable* define_needs() {
        // As struct halcyon_needs.
        llvm::Constant* fields[] = {builder_.getInt64(memory_.buffers), builder_.getInt64(memory_.first_worker),
                                    builder_.getInt64(memory_.further_worker), builder_.getInt32(program_.threads > 1),
                                    builder_.getInt32(needed_cpu_features(program_.target.halide))};
        llvm::Constant* value = llvm::ConstantStruct::getAnon(fields);
        auto* needs = llvm::cast<llvm::GlobalVariable>(
            module_.getOrInsertGlobal(symbol_prefix(program_) + ".needs", value->getType()));
        needs->setInitializer(value);
        needs->setConstant(true);
        needs->setLinkage(llvm::GlobalValue::InternalLinkage);
        return needs;
    }

    /// Field `index` of the struct of tensors, which holds nothing but pointers and at its end a size.
    Value* load_field(Value* tensors, std::size_t index, llvm::Type* type) {
        return builder_.CreateLoad(type, builder_.CreateConstInBoundsGEP1_64(pointer(), tensors, index));
    }
    std::size_t weights_field() const { return program_.inputs.size() + program_.outputs.size(); }

    /// What calls of kernels are given: for those of item_calls, the memory of one item and its number.
    struct Surroundings {
        Value *tensors, *workspace, *user_context, *item_memory, *item;
        [[nodiscard]] std::vector<Value*> arguments() const {
            return {tensors, workspace, user_context, item_memory, item};
        }
    };

    Value* address(const Place& place, const Surroundings& around) {
        Value* base = around.workspace;
        std::int64_t offset = place.offset;
        switch (place.kind) {
        case Place::Kind::input: base = load_field(around.tensors, place.door, pointer()); break;
        case Place::Kind::output:
            base = load_field(around.tensors, program_.inputs.size() + place.door, pointer());
            break;
        case Place::Kind::workspace: break;
        case Place::Kind::item: base = around.item_memory; break;
        case Place::Kind::constant:
            base = weights_;
            if (options_.weights_file) {
                base = load_field(around.tensors, weights_field(), pointer());
                offset += sizeof(halcyon_weights_header);
            }
            break;
        }
        CHECK_INTERNAL(base != nullptr);
        if (place.item_bytes != 0) {
            Value* step = llvm::ConstantInt::getSigned(size_type(), place.item_bytes);
            base = builder_.CreateGEP(builder_.getInt8Ty(), base, builder_.CreateMul(around.item, step));
        }
        return builder_.CreateConstGEP1_64(builder_.getInt8Ty(), base, offset);
    }

    /// halide_buffer_t of HalideRuntime.h: device, device_interface, host, flags, type, dimensions, dim, padding.
    llvm::StructType* buffer_type() {
        llvm::Type* word = builder_.getInt64Ty();
        return llvm::StructType::get(word, pointer(), pointer(), word, int32(), int32(), pointer(), pointer());
    }

    Value* user_context(Value* workspace) {
        return builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), workspace, memory_.buffers);
    }

    Function* define_call(std::size_t index) {
        const KernelCall& call = program_.calls[index];
        Function* function =
            begin_function(call_symbol(program_, index), {pointer(), pointer(), pointer(), pointer(), size_type()});
        if (!options_.single_calls) function->addFnAttr(llvm::Attribute::AlwaysInline);
        const Surroundings around{function->getArg(0), function->getArg(1), function->getArg(2), function->getArg(3),
                                  function->getArg(4)};
        constexpr unsigned host_field = 2;
        std::vector<Value*> arguments{around.user_context};
        std::vector<llvm::Type*> types{pointer()};
        for (const Place& place : call.arguments) {
            Value* buffer = builder_.CreateAlloca(buffer_type());
            builder_.CreateStore(address(place, around), builder_.CreateStructGEP(buffer_type(), buffer, host_field));
            arguments.push_back(buffer);
            types.push_back(pointer());
        }
        const llvm::FunctionCallee kernel = module_.getOrInsertFunction(kernel_symbol_of(program_, call.kernel),
                                                                        llvm::FunctionType::get(int32(), types, false));
        builder_.CreateRet(builder_.CreateCall(kernel, arguments));
        return function;
    }

    void check_weights(const char* runtime_function, Value* weights, Value* bytes) {
        const llvm::FunctionCallee check =
            runtime(runtime_function, {pointer(), size_type(), builder_.getInt64Ty(), builder_.getInt64Ty()});
        return_if_error(builder_.CreateCall(
            check, {weights, bytes, builder_.getInt64(layout_), builder_.getInt64(program_.constant_bytes)}));
    }

    Value* call_begin(Value* workspace, Value* bytes, Value* executor) {
        return builder_.CreateCall(runtime("halcyon_begin", {pointer(), pointer(), size_type(), pointer()}),
                                   {needs_, workspace, bytes, executor});
    }

    Value* text(const std::string& value) {
        llvm::GlobalVariable*& known = texts_[value];
        if (known == nullptr) known = builder_.CreateGlobalString(value, ".L", 0, &module_);
        return known;
    }

    void report(Value* watched, int event, std::size_t index) {
        const KernelCall& call = program_.calls[index];
        Function* function = builder_.GetInsertBlock()->getParent();
        BasicBlock* tell = BasicBlock::Create(module_.getContext(), "tell", function);
        BasicBlock* next = BasicBlock::Create(module_.getContext(), "", function);
        builder_.CreateCondBr(builder_.CreateIsNull(watched), next, tell);
        builder_.SetInsertPoint(tell);
        const auto tell_of = module_.getOrInsertFunction(
            "halcyon_report",
            llvm::FunctionType::get(builder_.getVoidTy(), {pointer(), int32(), int32(), pointer(), pointer()}, false));
        builder_.CreateCall(tell_of,
                            {watched, builder_.getInt32(event), builder_.getInt32(static_cast<std::uint32_t>(index)),
                             text(call.layer), text(kernel_symbol_of(program_, call.kernel))});
        builder_.CreateBr(next);
        builder_.SetInsertPoint(next);
    }

    /// Calls kernels until one fails, each reported to who watches; then, or at the end, goes to a common end.
    class Sequence {
    public:
        Sequence(DriverWriter& writer, const std::vector<Function*>& calls, Value* watched)
            : writer_(writer), builder_(writer.builder_), calls_(calls), watched_(watched),
              function_(builder_.GetInsertBlock()->getParent()),
              done_(BasicBlock::Create(writer.module_.getContext(), "done", function_)) {}

        void call(std::size_t first, std::size_t end, const Surroundings& around) {
            for (std::size_t i = first; i < end; ++i) {
                writer_.report(watched_, HALCYON_KERNEL_BEGINS, i);
                Value* status = builder_.CreateCall(calls_[i], around.arguments());
                writer_.report(watched_, HALCYON_KERNEL_ENDS, i);
                go_on_if_good(status);
            }
        }

        void go_on_if_good(Value* status) {
            statuses_.emplace_back(status, builder_.GetInsertBlock());
            BasicBlock* next = new_block("");
            builder_.CreateCondBr(builder_.CreateIsNull(status), next, done_);
            builder_.SetInsertPoint(next);
        }

        /// The status of the call that failed, or 0.
        Value* end() {
            statuses_.emplace_back(builder_.getInt32(HALCYON_OK), builder_.GetInsertBlock());
            builder_.CreateBr(done_);
            builder_.SetInsertPoint(done_);
            llvm::PHINode* status = builder_.CreatePHI(builder_.getInt32Ty(), static_cast<unsigned>(statuses_.size()));
            for (const auto& [value, block] : statuses_) status->addIncoming(value, block);
            return status;
        }

        BasicBlock* new_block(const char* name) {
            return BasicBlock::Create(writer_.module_.getContext(), name, function_, done_);
        }

    private:
        DriverWriter& writer_;
        llvm::IRBuilder<>& builder_;
        const std::vector<Function*>& calls_;
        Value* watched_;
        Function* function_;
        BasicBlock* done_;
        std::vector<std::pair<Value*, BasicBlock*>> statuses_;
    };

    /// item_calls for one item, as a task for halide_do_par_for: int (user_context, item, {tensors, workspace, watched}). What they
    /// pass on lies in the worker's arena.
    Function* define_item(const std::vector<Function*>& calls) {
        Function* function = begin_function(item_symbol(program_), {pointer(), int32(), pointer()});
        function->setLinkage(llvm::GlobalValue::InternalLinkage);
        Value* closure = function->getArg(2);
        Surroundings around{load_field(closure, 0, pointer()), load_field(closure, 1, pointer()), function->getArg(0),
                            llvm::ConstantPointerNull::get(pointer()),
                            builder_.CreateSExt(function->getArg(1), size_type())};
        if (program_.item_buffer_bytes > 0) {
            const auto allocate = module_.getOrInsertFunction(
                "halide_malloc", llvm::FunctionType::get(pointer(), {pointer(), size_type()}, false));
            llvm::Constant* bytes =
                llvm::ConstantInt::get(size_type(), static_cast<std::uint64_t>(program_.item_buffer_bytes));
            around.item_memory = builder_.CreateCall(allocate, {around.user_context, bytes});
            return_unless(builder_.CreateIsNotNull(around.item_memory), HALCYON_ERROR_KERNEL);
        }
        Sequence sequence(*this, calls, load_field(closure, 2, pointer()));
        sequence.call(0, program_.item_calls, around);
        Value* status = sequence.end();
        const auto release = module_.getOrInsertFunction(
            "halide_free", llvm::FunctionType::get(builder_.getVoidTy(), {pointer(), pointer()}, false));
        builder_.CreateCall(release, {around.user_context, around.item_memory});
        builder_.CreateRet(status);
        return function;
    }

    /// Items one after the other.
    void loop_over_items(Sequence& sequence, Function* item_task, Value* user_context, Value* closure) {
        BasicBlock *before = builder_.GetInsertBlock(), *loop = sequence.new_block("item");
        builder_.CreateBr(loop);
        builder_.SetInsertPoint(loop);
        llvm::PHINode* item = builder_.CreatePHI(int32(), 2);
        sequence.go_on_if_good(builder_.CreateCall(item_task, {user_context, item, closure}));
        Value* next_item = builder_.CreateAdd(item, builder_.getInt32(1));
        item->addIncoming(builder_.getInt32(0), before);
        item->addIncoming(next_item, builder_.GetInsertBlock());
        BasicBlock* rest = sequence.new_block("");
        builder_.CreateCondBr(builder_.CreateICmpULT(next_item, items()), loop, rest);
        builder_.SetInsertPoint(rest);
    }

    Value* items() { return builder_.getInt32(static_cast<std::uint32_t>(program_.batch)); }

    void call_items(Sequence& sequence, Function* item_task, const Surroundings& around, Value* watched) {
        Value* closure = builder_.CreateAlloca(pointer(), builder_.getInt32(3));
        Value* const fields[] = {around.tensors, around.workspace, watched};
        for (unsigned i = 0; i < std::size(fields); ++i)
            builder_.CreateStore(fields[i], builder_.CreateConstInBoundsGEP1_64(pointer(), closure, i));
        if (!program_.items_in_parallel) {
            loop_over_items(sequence, item_task, around.user_context, closure);
            return;
        }
        // Who watches hears of one kernel after the other, on the calling thread.
        BasicBlock *shared = sequence.new_block("shared"), *serial = sequence.new_block("serial"),
                   *rest = sequence.new_block("");
        builder_.CreateCondBr(builder_.CreateIsNull(watched), shared, serial);
        builder_.SetInsertPoint(shared);
        const auto share_out = module_.getOrInsertFunction(
            "halide_do_par_for",
            llvm::FunctionType::get(int32(), {pointer(), pointer(), int32(), int32(), pointer()}, false));
        sequence.go_on_if_good(
            builder_.CreateCall(share_out, {around.user_context, item_task, builder_.getInt32(0), items(), closure}));
        builder_.CreateBr(rest);
        builder_.SetInsertPoint(serial);
        loop_over_items(sequence, item_task, around.user_context, closure);
        builder_.CreateBr(rest);
        builder_.SetInsertPoint(rest);
    }

    void define_run(const std::vector<Function*>& calls) {
        Function* item_task = program_.item_calls > 0 ? define_item(calls) : nullptr;
        Function* function = begin_function(run_symbol(program_), {pointer(), pointer(), size_type(), pointer()});
        Value *tensors = function->getArg(0), *workspace = function->getArg(1);
        return_unless(builder_.CreateIsNotNull(tensors), HALCYON_ERROR_NULL);
        for (std::size_t i = 0; i < weights_field(); ++i) {
            return_unless(builder_.CreateIsNotNull(load_field(tensors, i, pointer())), HALCYON_ERROR_NULL);
        }
        if (options_.weights_file) {
            check_weights("halcyon_weights_fit", load_field(tensors, weights_field(), pointer()),
                          load_field(tensors, weights_field() + 1, size_type()));
        }
        return_if_error(call_begin(workspace, function->getArg(2), function->getArg(3)));
        const llvm::FunctionCallee end = runtime("halcyon_end", {pointer(), int32()});
        const llvm::FunctionCallee ask =
            module_.getOrInsertFunction("halcyon_watched", llvm::FunctionType::get(pointer(), {pointer()}, false));
        Value* watched = builder_.CreateCall(ask, {function->getArg(3)});
        const Surroundings around{tensors, workspace, user_context(workspace),
                                  llvm::ConstantPointerNull::get(pointer()), llvm::ConstantInt::get(size_type(), 0)};
        Sequence sequence(*this, calls, watched);
        if (item_task != nullptr) call_items(sequence, item_task, around, watched);
        sequence.call(program_.item_calls, calls.size(), around);
        Value* status = sequence.end();
        builder_.CreateRet(builder_.CreateCall(end, {around.user_context, status}));
    }

    void define_begin() {
        Function* function = begin_function(begin_symbol(program_), {pointer(), size_type(), pointer()});
        builder_.CreateRet(call_begin(function->getArg(0), function->getArg(1), function->getArg(2)));
    }

    const Program& program_;
    MemoryNeeds memory_;
    const DriverOptions& options_;
    std::uint64_t layout_;
    InterfaceNames names_;
    llvm::Module& module_;
    llvm::IRBuilder<> builder_;
    llvm::GlobalVariable* needs_ = nullptr;
    llvm::GlobalVariable* weights_ = nullptr;
    std::map<std::string, llvm::GlobalVariable*> texts_;
};

std::unique_ptr<llvm::Module> runtime_module(const llvm::Triple& triple, llvm::LLVMContext& context) {
    const std::string_view bitcode = runtime_bitcode(std::string_view(llvm::Triple::getArchTypeName(triple.getArch())));
    CHECK_INTERNAL(!bitcode.empty());
    return check(llvm::parseBitcodeFile(llvm::MemoryBufferRef({bitcode.data(), bitcode.size()}, "runtime"), context));
}

}  // namespace

MemoryNeeds memory_needs(const std::vector<Variant>& variants, const Program& program) {
    MemoryNeeds most;
    for (const Variant& variant : variants) {
        if (variant.program.batch != program.batch) continue;
        most.buffers = std::max(most.buffers, aligned(variant.program.buffer_bytes));
        for (std::size_t call = 0; call < variant.program.calls.size(); ++call) {
            const CompiledKernel& kernel =
                variant.kernels.at(static_cast<std::size_t>(variant.program.calls[call].kernel));
            std::int64_t first = aligned(kernel.scratch_bytes), further = aligned(kernel.worker_scratch_bytes);
            if (call < variant.program.item_calls) {
                // A block of the arena, with its header.
                first += aligned(variant.program.item_buffer_bytes) + alignment;
                if (variant.program.items_in_parallel) further = first;
            }
            most.first_worker = std::max(most.first_worker, first);
            most.further_worker = std::max(most.further_worker, further);
        }
    }
    return most;
}

std::unique_ptr<llvm::Module> make_driver(const std::vector<Variant>& variants, const DriverOptions& options,
                                          llvm::TargetMachine& machine, llvm::LLVMContext& context) {
    const Program& program = variants.front().program;
    auto module = std::make_unique<llvm::Module>(program.model, context);
    module->setTargetTriple(program.target.triple);
    module->setDataLayout(machine.createDataLayout());
    if (machine.isPositionIndependent()) module->setPICLevel(llvm::PICLevel::BigPIC);
    module->setUwtable(llvm::UWTableKind::Async);
    const std::uint64_t layout = weights_layout(variants);
    for (const Variant& variant : variants) {
        CHECK_INTERNAL(variant.kernels.size() == variant.program.kernels.size());
        DriverWriter writer(variant.program, memory_needs(variants, variant.program), options, layout, *module);
        writer.write();
        if (options.weights_file && &variant == &variants.front()) writer.define_check_weights();
    }
    if (program.one_of_targets) define_level_choice(variants, *module);
    if (runs_any_items(variants)) define_run_items(variants, options.weights_file, *module);

    std::unique_ptr<llvm::Module> runtime = runtime_module(machine.getTargetTriple(), context);
    runtime->setTargetTriple(program.target.triple);
    const bool failed = llvm::Linker::linkModules(*module, std::move(runtime));
    CHECK_INTERNAL(!failed);
    CHECK_INTERNAL(!llvm::verifyModule(*module, nullptr));
    // So that debuggers and profilers find the way out of every function.
    for (llvm::Function& function : *module) function.setUWTableKind(llvm::UWTableKind::Async);

    const InterfaceNames names = interface_names(program);
    std::vector<std::string> keep{names.check_weights, names.run_items, names.target,
                                  names.use_target,    "halide_malloc", "halide_free",
                                  "halide_do_par_for", "__extendhfsf2", "__truncsfhf2"};
    for (const Variant& variant : variants) {
        keep.push_back(interface_names(variant.program).run);
        if (!options.single_calls) continue;
        keep.push_back(begin_symbol(variant.program));
        for (std::size_t i = 0; i < variant.program.calls.size(); ++i) keep.push_back(call_symbol(variant.program, i));
    }
    optimize(*module, machine, keep);
    return module;
}

}  // namespace halcyon
