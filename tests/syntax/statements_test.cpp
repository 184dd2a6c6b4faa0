#include <doctest/doctest.h>

#include "reading.h"

using namespace halcyon;

namespace {

template <typename Kind>
const Kind& first(const Reading& reading) {
    REQUIRE_MESSAGE(reading.module, reading.errors());
    return std::get<Kind>(reading.module->body.at(0).kind);
}

}  // namespace

TEST_CASE("a whole spec prints as a tree with places") {
    const Reading reading("\"\"\"Doc.\"\"\"\n"
                          "def f(image: float32[8], *, k=2) -> T:\n"
                          "    for i in range(k):\n"
                          "        image = Dense(i)(image)\n"
                          "    return image\n");
    CHECK(reading.tree() == "Module\n"
                            "ExpressionStatement  @1:1\n"
                            "  String \"Doc.\"  @1:1\n"
                            "FunctionDef f  @2:1\n"
                            "  Parameter image  @2:7\n"
                            "    annotation:\n"
                            "      Subscript  @2:14\n"
                            "        Name float32  @2:14\n"
                            "        Number 8  @2:22\n"
                            "  Parameter k (keyword only)  @2:29\n"
                            "    default:\n"
                            "      Number 2  @2:31\n"
                            "  returns:\n"
                            "    Name T  @2:37\n"
                            "  For  @3:5\n"
                            "    target:\n"
                            "      Name i  @3:9\n"
                            "    in:\n"
                            "      Call  @3:14\n"
                            "        Name range  @3:14\n"
                            "        Name k  @3:20\n"
                            "    Assign  @4:9\n"
                            "      target:\n"
                            "        Name image  @4:9\n"
                            "      value:\n"
                            "        Call  @4:17\n"
                            "          Call  @4:17\n"
                            "            Name Dense  @4:17\n"
                            "            Name i  @4:23\n"
                            "          Name image  @4:26\n"
                            "  Return  @5:5\n"
                            "    Name image  @5:12\n");
    CHECK(reading.module->docstring == "Doc.");
}

TEST_CASE("assignments have several targets, an annotation or an operator") {
    CHECK(first<ast::Assign>(Reading("a = b, c = d\n")).targets.size() == 2);
    CHECK(first<ast::Assign>(Reading("a: int = 3\n")).annotation != nullptr);
    CHECK(first<ast::Assign>(Reading("a //= 3\n")).augmented == ast::BinaryOperator::floor_divide);
    CHECK(first<ast::Assign>(Reading("a.b = 3\n")).targets.size() == 1);
}

TEST_CASE("`if` holds its branches side by side, `else` without a condition") {
    const Reading reading("if a:\n    b = 1\nelif c: d = 1; e = 2\nelse:\n    pass\n");
    const auto& statement = first<ast::If>(reading);
    REQUIRE(statement.branches.size() == 3);
    CHECK(statement.branches[1].body.size() == 2);
    CHECK(statement.branches[2].condition == nullptr);
    CHECK(reading.sources.text(statement.branches[1].span) == "elif c: d = 1; e = 2");
}

TEST_CASE("imports keep modules, names and aliases") {
    const Reading plain("import keras.layers as L, numpy\n");
    CHECK(first<ast::Import>(plain).module == "keras.layers");
    CHECK(first<ast::Import>(plain).names[0].as == "L");
    CHECK(plain.module->body.size() == 2);

    const Reading from("from .blocks import (\n    residual as r,\n    other,\n)\n");
    CHECK(first<ast::Import>(from).from);
    CHECK(first<ast::Import>(from).module == ".blocks");
    CHECK(first<ast::Import>(from).names[0].name == "residual");
    CHECK(first<ast::Import>(from).names[0].as == "r");
    CHECK(first<ast::Import>(from).names[1].name == "other");
    CHECK(first<ast::Import>(Reading("from keras import *\n")).star);
}

TEST_CASE("comments are kept aside with their places") {
    const Reading reading("# first\nx = [1,  # one\n  # own\n  2]\n");
    REQUIRE(reading.module);
    const std::vector<ast::Comment>& comments = reading.module->comments;
    REQUIRE(comments.size() == 3);
    CHECK(comments[0].text == "# first");
    CHECK(comments[0].own_line);
    CHECK_FALSE(comments[1].own_line);
    CHECK(comments[2].own_line);
    CHECK(reading.sources.text(comments[1].span) == "# one");
}

TEST_CASE("line ends of any system, a byte order mark, no last line end and empty files are fine") {
    CHECK(Reading("\xef\xbb\xbf"
                  "if a:\r\n    b = 1\r\n\r\nc = 2")
              .errors() == "");
    CHECK(Reading("if a:\r    b = 1\rc = 2\r").errors() == "");
    CHECK(Reading("").errors() == "");
    CHECK(Reading("# nothing\n\n   \n").errors() == "");
    CHECK(Reading("if a:\n\tb = 1\n\tc = 2\n").errors() == "");
}

TEST_CASE("comments and empty lines of any indentation end no block") {
    const Reading reading("def f():\n    a = 1\n# left\n\n        # right\n    b = 2\n");
    CHECK(first<ast::FunctionDef>(reading).body.size() == 2);
}

TEST_CASE("letters beyond ASCII are fine in strings and comments") {
    CHECK(Reading("x = 'é網'  # \u00a0\U0001f600\n").errors() == "");
}

TEST_CASE("255 nested blocks are read, more are refused") {
    const auto nested = [](int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += std::string(static_cast<std::size_t>(i), ' ') + "if a:\n";
        return text + std::string(static_cast<std::size_t>(count), ' ') + "pass\n";
    };
    CHECK(Reading(nested(255)).errors() == "");
    const Reading refused(nested(300));
    REQUIRE(refused.diag.error_count() == 1);
    CHECK(refused.diag.all()[0].message == "brackets and blocks nest more than 256 deep");
}

TEST_CASE("raise, try, with, sets, decorators and collected arguments print as they are written") {
    const Reading reading("@keras_export(\"f\")\n"
                          "def f(*xs, **options):\n"
                          "    try:\n"
                          "        with scope(1):\n"
                          "            g(x for x in {1, 2})\n"
                          "    except (A, B) as e:\n"
                          "        raise E from e\n"
                          "    else:\n"
                          "        g(**options)\n");
    CHECK(reading.tree() == "Module\n"
                            "FunctionDef f  @2:1\n"
                            "  Parameter *xs  @2:8\n"
                            "  Parameter **options  @2:14\n"
                            "  Try  @3:5\n"
                            "    With  @4:9\n"
                            "      Call  @4:14\n"
                            "        Name scope  @4:14\n"
                            "        Number 1  @4:20\n"
                            "      ExpressionStatement  @5:13\n"
                            "        Call  @5:13\n"
                            "          Name g  @5:13\n"
                            "          ListComprehension  @5:15\n"
                            "            element:\n"
                            "              Name x  @5:15\n"
                            "            for:\n"
                            "              Name x  @5:21\n"
                            "            in:\n"
                            "              Set  @5:26\n"
                            "                Number 1  @5:27\n"
                            "                Number 2  @5:30\n"
                            "  Except  @3:5\n"
                            "    Raise  @7:9\n"
                            "      Name E  @7:15\n"
                            "  Else  @3:5\n"
                            "    ExpressionStatement  @9:9\n"
                            "      Call  @9:9\n"
                            "        Name g  @9:9\n"
                            "        Keywords  @9:11\n"
                            "          Name options  @9:13\n");
}
