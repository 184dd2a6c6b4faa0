#include "syntax/literals.h"

#include <doctest/doctest.h>

#include "reading.h"

using namespace halcyon;

namespace {

ast::Number number(const std::string& spelling) {
    Diagnostics diag;
    const ast::Number read = read_number(spelling, {}, diag);
    CHECK_FALSE(diag.has_errors());
    return read;
}
std::string number_error(const std::string& spelling) {
    Diagnostics diag;
    const ast::Number read = read_number(spelling, {}, diag);
    return diag.has_errors() ? diag.all()[0].message : "no error: " + read.spelling;
}
/// The value of a string literal.
std::string value(const std::string& literal) {
    const Reading reading("x = " + literal + "\n");
    if (!reading.module) return reading.errors();
    const auto& assign = std::get<ast::Assign>(reading.module->body[0].kind);
    return std::get<ast::String>(assign.value->kind).value;
}

}  // namespace

TEST_CASE("whole numbers are read in all of Python's spellings") {
    CHECK(number("0").integer == 0);
    CHECK(number("000").integer == 0);
    CHECK(number("1_000").integer == 1000);
    CHECK(number("0x_1F").integer == 31);
    CHECK(number("0o17").integer == 15);
    CHECK(number("0b101").integer == 5);
    CHECK(number("9223372036854775807").integer == INT64_MAX);
    CHECK(number("1_000").spelling == "1_000");
    CHECK(number("31").real == 31.0);
}

TEST_CASE("real numbers are read in all of Python's spellings") {
    CHECK(number("1e-3").real == 1e-3);
    CHECK(number("1.").real == 1.0);
    CHECK(number(".5").real == 0.5);
    CHECK(number("1_0.2_5E+2").real == 1025.0);
    CHECK_FALSE(number("1e3").is_integer);
}

TEST_CASE("what is no number is refused") {
    for (const std::string wrong :
         {"0.5.1", "1__0", "1_", "0x", "0xg", "0b12", "1e", "1abc", "0_x1", "1_.5", "0x1.8"}) {
        CHECK(number_error(wrong) == "'" + wrong + "' is not a number");
    }
    CHECK(number_error("012") == "a whole number does not begin with 0: octal numbers are written 0o17");
    CHECK(number_error("3j") == "the language has no complex numbers");
}

TEST_CASE("numbers beyond 64 bits are refused") {
    CHECK(number_error("9223372036854775808") == "this whole number does not fit into 64 bits");
    CHECK(number_error("0xffffffffffffffff") == "this whole number does not fit into 64 bits");
    CHECK(number_error("1e999") == "this number is beyond the range of floating point");
}

TEST_CASE("escapes stand for what they stand for in Python") {
    CHECK(value(R"("a\n\t\\\"\x41\101\u00e9\U0001f600")") == "a\n\t\\\"AA\u00e9\U0001f600");
    CHECK(value("\"a\\\nb\"") == "ab");
    CHECK(value(R"(r"a\n")") == R"(a\n)");
    CHECK(value("u'a'") == "a");
}

TEST_CASE("triple-quoted strings hold lines and quotes, their line ends are \\n") {
    CHECK(value("\"\"\"a\r\n\"b\" # no comment\n\"\"\"") == "a\n\"b\" # no comment\n");
    CHECK(value("''") == "");
    CHECK(value("''''''") == "");
}

TEST_CASE("f-strings hold expressions, formats and doubled braces") {
    CHECK(shape("f\"{{{a}_{b + 1:03d}}}\" 'c'") ==
          "FormattedString(Text \"{\" a Text \"_\" +(b 1) Format \"03d\" Text \"}c\")");
    CHECK(shape("f'{d[\"a\"]}{f(a, b)}{a != b}'") == "FormattedString(Subscript(d String \"a\") Call(f a b) !=(a b))");
    CHECK(shape("f'{a if b else c}'") == "FormattedString(Conditional(then:(a) if:(b) else:(c)))");
    CHECK(shape("f'{f\"{a}\"}'") == "FormattedString(FormattedString(a))");
    CHECK(shape("rf'\\{a}'") == "FormattedString(Text \"\\\\\" a)");
}

TEST_CASE("an expression in an f-string has its place in the file") {
    const Reading reading("x = f'ab{ name }'\n");
    REQUIRE(reading.module);
    const auto& string =
        std::get<ast::FormattedString>(std::get<ast::Assign>(reading.module->body[0].kind).value->kind);
    CHECK(reading.sources.text(string.parts[1].value->span) == "name");
}
