#include "graph/built_in_blocks.h"

#include <doctest/doctest.h>

#include "graph/elaborating.h"

namespace halcyon {
namespace {

const std::string photo =
    "from preprocessing import tf\ndef net(image: uint8[8, 8, 3]):\n    return Flatten()(tf(image))\n";

}  // namespace

TEST_CASE("blocks that are built in need no file") {
    const Elaborating e(photo);
    CHECK(e.errors() == "");
    CHECK(names(e.graph()) == "image rescaling flatten");
    CHECK(names(Elaborating("import preprocessing as p\ndef net(image: uint8[8, 8, 3]):\n    return p.torch(image)\n")
                    .graph()) == "image rescaling normalization");
    CHECK(!built_in_blocks("resnet"));
}

TEST_CASE("a file beside the spec wins over blocks that are built in") {
    const Elaborating e(photo, {{"preprocessing.hcn", "def tf(image):\n    return ReLU()(image)\n"}});
    CHECK(e.errors() == "");
    CHECK(names(e.graph()) == "image re_lu flatten");
}

TEST_CASE("a relative import asks for the file beside the spec") {
    const Elaborating e("from .preprocessing import tf\n");
    CHECK(e.errors().starts_with("net.hcn:1:6: error[E0219]: there is no file 'preprocessing.hcn'\n"));
}

TEST_CASE("a name that built-in blocks do not have is reported") {
    const Elaborating e("from preprocessing import cafe\n");
    CHECK(e.errors() == "net.hcn:1:27: error[E0221]: '<halcyon>/preprocessing.hcn' does not define 'cafe'\n"
                        "    from preprocessing import cafe\n"
                        "                              ^~~~\n"
                        "hint: did you mean 'caffe'?\n");
}

TEST_CASE("a mistake with built-in blocks is shown there and where they were called") {
    const Elaborating e("from preprocessing import torch\ndef net(image: uint8[8, 8, 4]):\n    return torch(image)\n");
    CHECK(e.errors().find("<halcyon>/preprocessing.hcn:") == 0);
    CHECK(e.errors().find("net.hcn:3:12: ") != std::string::npos);
}

}  // namespace halcyon
