// As LLVM IR:
//
//     int digits_run_items(const digits_tensors *tensors, size_t items, void *workspace, size_t workspace_bytes,
//                          const halcyon_executor *executor) {
//         if (!tensors || !tensors->image || !tensors->scores) return HALCYON_ERROR_NULL;
//         digits_tensors rest = *tensors;
//         for (; items >= 8; items -= 8) {
//             if (int status = digits_run_batch8(&rest, workspace, workspace_bytes, executor)) return status;
//             rest.image += 8 * ..., rest.scores += 8 * ...;
//         }
//         for (; items >= 1; items -= 1) ...
//         return HALCYON_OK;
//     }
#include "backend/items_driver.h"

#include <llvm/IR/IRBuilder.h>

#include <algorithm>

#include "backend/names.h"
#include "halcyon/interface.h"

namespace halcyon {

namespace {

using llvm::BasicBlock;
using llvm::Value;

class ItemsWriter {
public:
    ItemsWriter(const Program& program, bool weights_file, llvm::Module& module)
        : program_(program), weights_file_(weights_file), module_(module), builder_(module.getContext()),
          pointer_(builder_.getPtrTy()), size_(module.getDataLayout().getIntPtrType(module.getContext())) {
        llvm::Type* types[] = {pointer_, size_, pointer_, size_, pointer_};
        function_ =
            llvm::Function::Create(llvm::FunctionType::get(builder_.getInt32Ty(), types, false),
                                   llvm::GlobalValue::ExternalLinkage, interface_names(program).run_items, module);
        function_->addFnAttr(llvm::Attribute::NoUnwind);
        builder_.SetInsertPoint(new_block());
    }

    void begin() {
        Value* tensors = function_->getArg(0);
        return_if(builder_.CreateIsNull(tensors), builder_.getInt32(HALCYON_ERROR_NULL));
        const std::size_t fields = doors() + (weights_file_ ? 2 : 0);
        rest_ = builder_.CreateAlloca(llvm::ArrayType::get(pointer_, fields));
        left_ = builder_.CreateAlloca(size_);
        builder_.CreateStore(function_->getArg(1), left_);
        for (std::size_t i = 0; i < fields; ++i) {
            // The last field of a library with a weights file is a size; it is as wide as a pointer.
            Value* value = builder_.CreateLoad(pointer_, field(tensors, i));
            if (i < doors()) return_if(builder_.CreateIsNull(value), builder_.getInt32(HALCYON_ERROR_NULL));
            builder_.CreateStore(value, field(rest_, i));
        }
    }

    void call_while_left(const Program& size) {
        BasicBlock *test = new_block(), *body = new_block(), *next = new_block();
        llvm::Constant* batch = llvm::ConstantInt::get(size_, static_cast<std::uint64_t>(size.batch));
        builder_.CreateBr(test);
        builder_.SetInsertPoint(test);
        builder_.CreateCondBr(builder_.CreateICmpUGE(builder_.CreateLoad(size_, left_), batch), body, next);
        builder_.SetInsertPoint(body);
        llvm::Type* types[] = {pointer_, pointer_, size_, pointer_};
        const llvm::FunctionCallee run = module_.getOrInsertFunction(
            interface_names(size).run, llvm::FunctionType::get(builder_.getInt32Ty(), types, false));
        Value* arguments[] = {rest_, function_->getArg(2), function_->getArg(3), function_->getArg(4)};
        Value* status = builder_.CreateCall(run, arguments);
        return_if(builder_.CreateIsNotNull(status), status);
        for (std::size_t i = 0; i < doors(); ++i) {
            const TensorType& type =
                (i < program_.inputs.size() ? program_.inputs[i] : program_.outputs[i - program_.inputs.size()]).type;
            const std::int64_t bytes = size.batch * element_count(type.shape) * bytes_of(type.element);
            Value* at = builder_.CreateLoad(pointer_, field(rest_, i));
            builder_.CreateStore(builder_.CreateConstGEP1_64(builder_.getInt8Ty(), at, bytes), field(rest_, i));
        }
        builder_.CreateStore(builder_.CreateSub(builder_.CreateLoad(size_, left_), batch), left_);
        builder_.CreateBr(test);
        builder_.SetInsertPoint(next);
    }

    void end() { builder_.CreateRet(builder_.getInt32(HALCYON_OK)); }

private:
    std::size_t doors() const { return program_.inputs.size() + program_.outputs.size(); }
    BasicBlock* new_block() { return BasicBlock::Create(module_.getContext(), "", function_); }
    Value* field(Value* tensors, std::size_t index) {
        return builder_.CreateConstInBoundsGEP1_64(pointer_, tensors, index);
    }

    void return_if(Value* condition, Value* status) {
        BasicBlock *leave = new_block(), *next = new_block();
        builder_.CreateCondBr(condition, leave, next);
        builder_.SetInsertPoint(leave);
        builder_.CreateRet(status);
        builder_.SetInsertPoint(next);
    }

    const Program& program_;
    bool weights_file_;
    llvm::Module& module_;
    llvm::IRBuilder<> builder_;
    llvm::PointerType* pointer_;
    llvm::IntegerType* size_;
    llvm::Function* function_ = nullptr;
    Value *rest_ = nullptr, *left_ = nullptr;
};

/// The programs of different batch sizes, the largest first.
std::vector<const Program*> by_size(const std::vector<Variant>& variants) {
    std::vector<const Program*> programs;
    for (const Variant& variant : variants) programs.push_back(&variant.program);
    std::stable_sort(programs.begin(), programs.end(),
                     [](const Program* a, const Program* b) { return a->batch > b->batch; });
    return programs;
}

}  // namespace

bool runs_any_items(const std::vector<Variant>& variants) {
    const std::vector<const Program*> programs = by_size(variants);
    return programs.front()->batch > 1 && programs.back()->batch == 1;
}

void define_run_items(const std::vector<Variant>& variants, bool weights_file, llvm::Module& module) {
    ItemsWriter writer(variants.front().program, weights_file, module);
    writer.begin();
    std::int64_t last = 0;
    for (const Program* size : by_size(variants)) {
        if (size->batch != last) writer.call_while_left(*size);
        last = size->batch;
    }
    writer.end();
}

}  // namespace halcyon
