#include <doctest/doctest.h>

#include <random>

#include "support/file_system.h"
#include "syntax/format.h"

using namespace halcyon;

namespace {

/// The formatted text, which formatting leaves as it is; or the errors.
std::string formatted(const std::string& text) {
    Sources sources;
    Diagnostics diag;
    const auto once = format(sources, sources.add("a.hcn", text), diag);
    if (!once) return render(diag, sources);
    const auto twice = format(sources, sources.add("a.hcn", *once), diag);
    CHECK(twice == once);
    return *once;
}

std::string contents(const std::string& path) {
    const FileResult<std::string> read = DiskFiles().read(path, 1 << 20);
    REQUIRE_MESSAGE(std::holds_alternative<std::string>(read), path);
    return std::get<std::string>(read);
}

}  // namespace

TEST_CASE("a spec with all of the syntax is laid out as sample.formatted shows") {
    const std::string folder = HALCYON_TEST_DATA "/syntax/";
    CHECK(formatted(contents(folder + "sample.hcn")) == contents(folder + "sample.formatted"));
}

TEST_CASE("blanks stand where Python's style has them") {
    CHECK(formatted("x=f( a,b = 1 )[ 0 ]\n") == "x = f(a, b=1)[0]\n");
    CHECK(formatted("x = [ - a, not  b,* c ]\n") == "x = [-a, not b, *c]\n");
    CHECK(formatted("x = y [a+1 : n], y[ 1 : -1 ], y[...,::-1]\n") == "x = y[a + 1 : n], y[1:-1], y[..., ::-1]\n");
    CHECK(formatted("x = {'a' :1}\n") == "x = {\"a\": 1}\n");
    CHECK(formatted("def f(a:int=3,*,b=-1)->T :\n  pass\n") == "def f(a: int = 3, *, b=-1) -> T:\n    pass\n");
    CHECK(formatted("from . import (a)\nfrom ..b import c as d\n") == "from . import a\nfrom ..b import c as d\n");
}

TEST_CASE("powers of names and numbers stay together") {
    CHECK(formatted("x = a ** 2 + -b.c ** -1 + f(a)**2 + a[0]**n + 2 ** x[0]\n") ==
          "x = a**2 + -b.c**-1 + f(a) ** 2 + a[0] ** n + 2 ** x[0]\n");
}

TEST_CASE("strings take double quotes unless they hold some") {
    CHECK(formatted("x = ['a', 'say \"hi\"', f'{n}_b', r'a\\b', u'c', F'd', '''e''']\n") ==
          "x = [\"a\", 'say \"hi\"', f\"{n}_b\", r\"a\\b\", \"c\", f\"d\", \"\"\"e\"\"\"]\n");
}

TEST_CASE("numbers keep their spelling") {
    CHECK(formatted("x = [0XfF, 1E-3, 1_000, .5, 5.]\n") == "x = [0XfF, 1E-3, 1_000, .5, 5.]\n");
}

TEST_CASE("a long line breaks in a layer's arguments, and the tensor stays behind them") {
    CHECK(formatted("def f(image: float32[8, 8, 3]):\n"
                    "    return DepthwiseConv2D(3, padding=\"same\", depth_multiplier=6, use_bias=False, "
                    "activation=\"relu\", name=\"a_long_name\")(image)\n") ==
          "def f(image: float32[8, 8, 3]):\n"
          "    return DepthwiseConv2D(\n"
          "        3, padding=\"same\", depth_multiplier=6, use_bias=False, activation=\"relu\", name=\"a_long_name\"\n"
          "    )(image)\n");
}

TEST_CASE("arguments that fit on no line get one each, with a comma behind the last") {
    const std::string value = "_argument_with_a_long_name=the_name_of_its_value";
    CHECK(formatted("x = f(a" + value + ", b" + value + ", c" + value + ")\n") ==
          "x = f(\n    a" + value + ",\n    b" + value + ",\n    c" + value + ",\n)\n");
}

TEST_CASE("a comma behind the last element keeps an element a line") {
    CHECK(formatted("x = [(1, 2), (3, 4),]\n") == "x = [\n    (1, 2),\n    (3, 4),\n]\n");
    CHECK(formatted("x = f(a, b,)\n") == "x = f(\n    a,\n    b,\n)\n");
    CHECK(formatted("x = (1,)\n") == "x = (1,)\n");
}

TEST_CASE("the list of a Sequential stays with its brackets") {
    CHECK(formatted("model = keras.Sequential([Dense(3), Dense(4),])\n") ==
          "model = keras.Sequential([\n    Dense(3),\n    Dense(4),\n])\n");
}

TEST_CASE("operators break in parentheses, each at the beginning of a line") {
    const std::string name = "a_name_of_some_forty_characters_or_so_xx";
    CHECK(formatted("x = " + name + " + " + name + " * 2 + " + name + "\n") ==
          "x = (\n    " + name + "\n    + " + name + " * 2\n    + " + name + "\n)\n");
    CHECK(formatted("x = (" + name + " + " + name + ")\n") == "x = " + name + " + " + name + "\n");
}

TEST_CASE("backslashes and semicolons become lines of their own or go") {
    CHECK(formatted("x = 1 + \\\n    2; y = 3\nif x: pass; z = 1\n") ==
          "x = 1 + 2\ny = 3\nif x:\n    pass\n    z = 1\n");
}

TEST_CASE("comments stay with what they speak of") {
    CHECK(formatted("x = f(a,  # the first\n"
                    "      # the second\n"
                    "      b, c #the last\n"
                    ") # all\n") == "x = f(\n"
                                    "    a,  # the first\n"
                                    "    # the second\n"
                                    "    b,\n"
                                    "    c,  # the last\n"
                                    ")  # all\n");
    CHECK(formatted("x = [\n    1\n    # nothing else\n]\n") == "x = [\n    1\n    # nothing else\n]\n");
    CHECK(formatted("x = f(k=  # why\n 1)\n") == "x = f(\n    # why\n    k=1\n)\n");
    CHECK(formatted("x = (a  # one\n + b)  # two\n") == "x = (\n    a  # one\n    + b\n)  # two\n");
}

TEST_CASE("a comment where blocks end belongs to the one that it is indented like") {
    const std::string text = "def f(x):\n"
                             "    for i in x:\n"
                             "        g(i)\n"
                             "        # of the loop\n"
                             "    # of the def\n"
                             "\n"
                             "\n"
                             "# of the file\n"
                             "y = 1\n";
    CHECK(formatted(text) == text);
}

TEST_CASE("defs have two blank lines around them, those in blocks one, and comments above stay there") {
    CHECK(
        formatted("\n\"\"\"Doc.\"\"\"\n# of a\ndef a(x):\n\n    return x\ndef b(x):\n    def c(y):\n        return y\n"
                  "    return c(x)\nz = 1\n\n\n\n\nimport keras\nw = 2\n") == "\"\"\"Doc.\"\"\"\n"
                                                                              "\n\n"
                                                                              "# of a\n"
                                                                              "def a(x):\n"
                                                                              "    return x\n"
                                                                              "\n\n"
                                                                              "def b(x):\n"
                                                                              "    def c(y):\n"
                                                                              "        return y\n"
                                                                              "\n"
                                                                              "    return c(x)\n"
                                                                              "\n\n"
                                                                              "z = 1\n"
                                                                              "\n\n"
                                                                              "import keras\n"
                                                                              "\n"
                                                                              "w = 2\n");
}

TEST_CASE("what the language reads and does not need is laid out too") {
    CHECK(
        formatted(
            "x=1\n@keras_export( 'a' )\ndef f(*args,**kwargs):\n  with scope( 'a' ) as s : return g( *args,** kwargs)\n"
            "try: import a\nexcept (A,B) as e: raise C( 1 ) from e\nfinally: pass\ny = f(a for a in{1,2})\n") ==
        "x = 1\n"
        "\n\n"
        "@keras_export(\"a\")\n"
        "def f(*args, **kwargs):\n"
        "    with scope(\"a\") as s:\n"
        "        return g(*args, **kwargs)\n"
        "\n\n"
        "try:\n"
        "    import a\n"
        "except (A, B) as e:\n"
        "    raise C(1) from e\n"
        "finally:\n"
        "    pass\n"
        "y = f(a for a in {1, 2})\n");
}

TEST_CASE("a text of several lines keeps every character") {
    const std::string text = "def f(x):\n    \"\"\"One,\n      two  \n\n    three.\"\"\"\n    return x\n";
    CHECK(formatted(text) == text);
}

TEST_CASE("line ends and the byte order mark stay as they are") {
    CHECK(formatted("\xef\xbb\xbfx=1\r\n\r\ny=\"\"\"a\r\nb\"\"\"\r\n") ==
          "\xef\xbb\xbfx = 1\r\n\r\ny = \"\"\"a\r\nb\"\"\"\r\n");
    CHECK(formatted("x=1\ry=2") == "x = 1\ny = 2\n");
    CHECK(formatted("") == "");
    CHECK(formatted("\n\n#a") == "# a\n");
}

TEST_CASE("wide characters take two columns") {
    std::string wide;
    for (int i = 0; i < 40; ++i) wide += "\xe5\xb1\x82";
    CHECK(formatted("x = f(\"" + wide + "\", \"" + wide.substr(0, 39) + "\")\n").find("(\n") == std::string::npos);
    CHECK(formatted("x = f(\"" + wide + "\", \"" + wide.substr(0, 42) + "\")\n").find("(\n") != std::string::npos);
}

TEST_CASE("of five thousand samples in disorder those that parse are laid out, and stay so") {
    const std::string text = contents(HALCYON_TEST_DATA "/syntax/sample.hcn");
    std::mt19937 random(1);
    const auto below = [&](std::size_t bound) { return random() % bound; };
    const std::vector<std::string> pieces = {"\n",  "  # said\n", "\n# alone\n", " ",  ",", "(x)",     "not ", "-",
                                             " + ", "**2",        "[1:n]",       "()", "'", "if x: y", ";",    "\\\n"};
    int laid_out = 0;
    for (int round = 0; round < 5000; ++round) {
        std::string changed = text;
        for (std::size_t changes = 1 + below(6); changes > 0; --changes) {
            std::size_t at = below(changed.size());
            // Most of what can stand anywhere can stand behind a comma or a bracket.
            if (below(4) != 0) at = std::min(changed.find_first_of("([{,", at), changed.size() - 1) + 1;
            if (below(5) == 0)
                changed.erase(at, below(8));
            else
                changed.insert(at, pieces[below(pieces.size())]);
        }
        Sources sources;
        Diagnostics diag;
        CAPTURE(changed);
        const auto once = format(sources, sources.add("a.hcn", changed), diag);
        if (!once) continue;
        ++laid_out;
        CHECK(format(sources, sources.add("a.hcn", *once), diag) == once);
    }
    CHECK(laid_out > 500);
}

TEST_CASE("a text that does not parse has the parser's errors") {
    CHECK(formatted("x = (1\n") == "a.hcn:1:5: error[E0104]: this '(' is never closed\n"
                                   "    x = (1\n"
                                   "        ^\n");
}
