#include <doctest/doctest.h>

#include <chrono>

#include "reading.h"

using namespace halcyon;

TEST_CASE("operators bind as in Python") {
    CHECK(shape("a + b * c") == "+(a *(b c))");
    CHECK(shape("a * b + c") == "+(*(a b) c)");
    CHECK(shape("a - b - c") == "-(-(a b) c)");
    CHECK(shape("a // b % c / d") == "/(%(//(a b) c) d)");
    CHECK(shape("(a + b) * c") == "*(+(a b) c)");
}

TEST_CASE("a power binds to the right, closer than a sign before it, looser than one after it") {
    CHECK(shape("a ** b ** c") == "**(a **(b c))");
    CHECK(shape("-a ** b") == "-(**(a b))");
    CHECK(shape("a ** -b ** c") == "**(a -(**(b c)))");
    CHECK(shape("a ** -b * c") == "*(**(a -(b)) c)");
}

TEST_CASE("`not`, `and`, `or` and comparisons bind as in Python") {
    CHECK(shape("not a == b") == "not(==(a b))");
    CHECK(shape("not a and b or c") == "or(and(not(a) b) c)");
    CHECK(shape("a or b and c") == "or(a and(b c))");
    CHECK(shape("not not a") == "not(not(a))");
}

TEST_CASE("comparisons chain, unless parentheses end the chain") {
    CHECK(shape("a < b <= c") == "< <=(a b c)");
    CHECK(shape("(a < b) <= c") == "<=(<(a b) c)");
    CHECK(shape("a not in b is not c") == "not in is not(a b c)");
    CHECK(shape("a is b") == "is(a b)");
    CHECK(shape("a is[b]") == "is(a List(b))");
}

TEST_CASE("conditional expressions chain to the right and bind loosest") {
    CHECK(shape("a if b else c if d else e") ==
          "Conditional(then:(a) if:(b) else:(Conditional(then:(c) if:(d) else:(e))))");
    CHECK(shape("a or b if c else d") == "Conditional(then:(or(a b)) if:(c) else:(d))");
}

TEST_CASE("calls, attributes and subscripts follow each other") {
    CHECK(shape("f(a)(b).c[d]") == "Subscript(Attribute c(Call(Call(f a) b)) d)");
    CHECK(shape("f(a, *b, k=c,)") == "Call(f a Starred(b) Keyword k(c))");
    CHECK(shape("f()") == "Call(f)");
}

TEST_CASE("subscripts hold slices with any part left out") {
    CHECK(shape("x[..., ::-1]") == "Subscript(x ... Slice(step:(-(1))))");
    CHECK(shape("x[a:b, 1:, :]") == "Subscript(x Slice(lower:(a) upper:(b)) Slice(lower:(1)) Slice)");
}

TEST_CASE("parentheses are a tuple only with a comma") {
    CHECK(shape("(a)") == "a");
    CHECK(shape("(a,)") == "Tuple(a)");
    CHECK(shape("()") == "Tuple");
    CHECK(shape("a, b") == "Tuple(a b)");
    CHECK(shape("[a, (b, c,), *d]") == "List(a Tuple(b c) Starred(d))");
}

TEST_CASE("dicts and list comprehensions are read") {
    CHECK(shape("{a: b, \"c\": d,}") == "Dict(Item(a b) Item(String \"c\" d))");
    CHECK(shape("[a for a, b in c if d]") == "ListComprehension(element:(a) for:(Tuple(a b)) in:(c) if:(d))");
}

TEST_CASE("line ends within brackets do not count") {
    CHECK(shape("f(a,\n  # a comment with a '('\n b\n)") == "Call(f a b)");
    CHECK(shape("a not \\\n in b") == "not in(a b)");
}

TEST_CASE("an expression's span leaves out the parentheses round it, its parent's does not") {
    const Reading reading("x = (a + b) * c\n");
    REQUIRE(reading.module);
    const auto& assign = std::get<ast::Assign>(reading.module->body[0].kind);
    CHECK(reading.sources.text(assign.value->span) == "(a + b) * c");
    const auto& product = std::get<ast::Binary>(assign.value->kind);
    CHECK(reading.sources.text(product.left->span) == "a + b");
    CHECK(reading.sources.text(product.op_span) == "*");
}

TEST_CASE("spans of arguments and strings are the source's, comments between or not") {
    const Reading reading("x = f(8, kernel_size = 3, name='a'  # why\n  \"b\" )[0]\n");
    REQUIRE(reading.module);
    const auto& subscript = std::get<ast::Subscript>(std::get<ast::Assign>(reading.module->body[0].kind).value->kind);
    const auto& call = std::get<ast::Call>(subscript.object->kind);
    CHECK(reading.sources.text(call.arguments[1].span) == "kernel_size = 3");
    CHECK(reading.sources.text(call.arguments[1].keyword_span) == "kernel_size");
    CHECK(reading.sources.text(call.arguments[2].value->span) == "'a'  # why\n  \"b\"");
    CHECK(std::get<ast::String>(call.arguments[2].value->kind).value == "ab");
    CHECK(std::get<ast::String>(call.arguments[2].value->kind).spelling == "'a' \"b\"");
}

TEST_CASE("two hundred nested brackets of any kind take no time") {
    for (const std::string pair : {"()", "[]", "{}"}) {
        CAPTURE(pair);
        std::string text = "x = ";
        for (int i = 0; i < 200; ++i) text += pair == "{}" ? "{1:" : pair.substr(0, 1);
        text += "1";
        for (int i = 0; i < 200; ++i) text += pair[1];
        const auto start = std::chrono::steady_clock::now();
        const Reading reading(text + "\n");
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        CHECK(reading.errors() == "");
        CHECK(seconds.count() < 0.1);
    }
}

TEST_CASE("chains up to a thousand levels are read, longer ones are refused once") {
    const auto chain = [](const std::string& part, int count) {
        std::string text = "x = a";
        for (int i = 0; i < count; ++i) text += part;
        return Reading(text + "\n").diag;
    };
    for (const std::string part : {" + a", "(a)", ".a", "[a]", " ** a", " if a else a"}) {
        CAPTURE(part);
        CHECK(chain(part, 998).error_count() == 0);
        const Diagnostics refused = chain(part, 100000);
        REQUIRE(refused.error_count() == 1);
        CHECK(refused.all()[0].message ==
              "this expression joins more than 1000 levels of operators, calls or brackets");
    }
}
