#include "backend/level_choice.h"

#include <llvm/IR/IRBuilder.h>

#include "backend/cpu_features.h"
#include "backend/names.h"
#include "levels.h"
#include "support/check.h"

namespace halcyon {
namespace {

using llvm::BasicBlock;
using llvm::Function;
using llvm::Value;

class ChoiceWriter {
public:
    ChoiceWriter(const std::vector<Variant>& variants, llvm::Module& module)
        : variants_(variants), module_(module), builder_(module.getContext()) {}

    void write() {
        define_levels();
        for (const Variant& variant : variants_) {
            if (variant.program.target == variants_.front().program.target) define_run(variant.program);
        }
        const InterfaceNames names = interface_names(variants_.front().program);
        define_target(names.target);
        define_use_target(names.use_target);
    }

private:
    llvm::PointerType* pointer() { return builder_.getPtrTy(); }
    llvm::IntegerType* int32() { return builder_.getInt32Ty(); }

    Function* begin_function(const std::string& name, llvm::Type* result, std::vector<llvm::Type*> parameters) {
        auto* function = Function::Create(llvm::FunctionType::get(result, parameters, false),
                                          llvm::GlobalValue::ExternalLinkage, name, module_);
        function->addFnAttr(llvm::Attribute::NoUnwind);
        builder_.SetInsertPoint(BasicBlock::Create(module_.getContext(), "", function));
        return function;
    }

    /// An array of struct halcyon_level.
    void define_levels() {
        std::vector<llvm::Constant*> rows;
        for (const Variant& variant : variants_) {
            const TargetInfo& target = variant.program.target;
            if (variant.program.batch != variants_.front().program.batch) continue;
            CHECK_INTERNAL(target.name.size() < HALCYON_LEVEL_NAME);
            std::string name = target.name;
            name.resize(HALCYON_LEVEL_NAME);
            rows.push_back(llvm::ConstantStruct::getAnon(
                {llvm::ConstantDataArray::getString(module_.getContext(), name, /*AddNull=*/false),
                 builder_.getInt32(needed_cpu_features(target.halide))}));
        }
        level_ = rows.front()->getType();
        count_ = builder_.getInt32(static_cast<std::uint32_t>(rows.size()));
        auto* type = llvm::ArrayType::get(level_, rows.size());
        levels_ =
            new llvm::GlobalVariable(module_, type, true, llvm::GlobalValue::InternalLinkage,
                                     llvm::ConstantArray::get(type, rows), variants_.front().program.model + ".levels");
    }

    Value* level_in_use() {
        const auto in_use = module_.getOrInsertFunction("halcyon_level_in_use",
                                                        llvm::FunctionType::get(int32(), {pointer(), int32()}, false));
        return builder_.CreateCall(in_use, {levels_, count_});
    }

    void define_run(const Program& program) {
        llvm::Type* size_type = module_.getDataLayout().getIntPtrType(module_.getContext());
        Function* function =
            begin_function(interface_names(program).run, int32(), {pointer(), pointer(), size_type, pointer()});
        std::vector<Value*> arguments;
        for (llvm::Argument& argument : function->args()) arguments.push_back(&argument);
        BasicBlock* none = BasicBlock::Create(module_.getContext(), "none", function);
        llvm::SwitchInst* choice = builder_.CreateSwitch(level_in_use(), none);
        std::uint32_t level = 0;
        for (const Variant& variant : variants_) {
            if (variant.program.batch != program.batch) continue;
            BasicBlock* block = BasicBlock::Create(module_.getContext(), variant.program.target.name, function);
            choice->addCase(builder_.getInt32(level++), block);
            builder_.SetInsertPoint(block);
            const auto run = module_.getOrInsertFunction(run_symbol(variant.program), function->getFunctionType());
            builder_.CreateRet(builder_.CreateCall(run, arguments));
        }
        builder_.SetInsertPoint(none);
        builder_.CreateUnreachable();
    }

    void define_target(const std::string& name) {
        begin_function(name, pointer(), {});
        // The name is the first field.
        builder_.CreateRet(builder_.CreateInBoundsGEP(level_, levels_, {level_in_use()}));
    }

    void define_use_target(const std::string& name) {
        Function* function = begin_function(name, int32(), {pointer()});
        const auto use = module_.getOrInsertFunction(
            "halcyon_use_level", llvm::FunctionType::get(int32(), {pointer(), int32(), pointer()}, false));
        builder_.CreateRet(builder_.CreateCall(use, {levels_, count_, function->getArg(0)}));
    }

    const std::vector<Variant>& variants_;
    llvm::Module& module_;
    llvm::IRBuilder<> builder_;
    llvm::Type* level_ = nullptr;
    llvm::GlobalVariable* levels_ = nullptr;
    llvm::ConstantInt* count_ = nullptr;
};

}  // namespace

void define_level_choice(const std::vector<Variant>& variants, llvm::Module& module) {
    ChoiceWriter(variants, module).write();
}

}  // namespace halcyon
