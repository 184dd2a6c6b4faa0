#include <doctest/doctest.h>

#include "elaborating.h"

TEST_CASE("whole numbers are divided as Python divides them") {
    CHECK(value_of("7//2") == "3");
    CHECK(value_of("-7//2") == "-4");
    CHECK(value_of("-7%3") == "2");
    CHECK(value_of("7%-3") == "-2");
    CHECK(value_of("7/2") == "3.5");
    CHECK(value_of("6/2") == "3.0");
    CHECK(value_of("-7.5//2") == "-4.0");
    CHECK(value_of("-7.5%2") == "0.5");
}

TEST_CASE("powers bind as in Python and become float for negative exponents") {
    CHECK(value_of("2**3**2") == "512");
    CHECK(value_of("-2**2") == "-4");
    CHECK(value_of("2**-1") == "0.5");
    CHECK(value_of("2**62") == "4611686018427387904");
}

TEST_CASE("numbers print as Python prints them") {
    CHECK(value_of("1e16") == "1e+16");
    CHECK(value_of("0.1+0.2") == "0.30000000000000004");
    CHECK(value_of("1/255") == "0.00392156862745098");
    CHECK(value_of("True+1") == "2");
    CHECK(value_of("round(2.5)") == "2");
    CHECK(value_of("round(3.5)") == "4");
    CHECK(value_of("round(2.675,2)") == "2.67");
    CHECK(value_of("int(-3.7)") == "-3");
    CHECK(value_of("int('12')") == "12");
}

TEST_CASE("comparisons chain, and `and`, `or` give their operands without looking further than needed") {
    CHECK(value_of("1<2<=2") == "True");
    CHECK(value_of("1<2>5") == "False");
    CHECK(value_of("'' or 'x'") == "x");
    CHECK(value_of("[]and(1//0)") == "[]");
    CHECK(value_of("(1)or(1//0)") == "1");
    CHECK(value_of("not''") == "True");
    CHECK(value_of("1==1.0==True") == "True");
    CHECK(value_of("(1,2)<(1,3)") == "True");
}

TEST_CASE("membership and identity") {
    CHECK(value_of("(2)in[1,2]") == "True");
    CHECK(value_of("'on' in 'conv'") == "True");
    CHECK(value_of("'a'not in{'a':1}") == "False");
    CHECK(value_of("None is None") == "True");
    CHECK(value_of("(7)in range(0,10,2)") == "False");
}

TEST_CASE("lists are indexed, sliced, joined and repeated") {
    const std::string list = "xs = [0, 1, 2, 3, 4]";
    CHECK(value_of("xs[-1]", list) == "4");
    CHECK(value_of("xs[1:-1][0]", list) == "1");
    CHECK(value_of("len(xs[::2])", list) == "3");
    CHECK(value_of("xs[::-1][0]", list) == "4");
    CHECK(value_of("len(xs[10:])", list) == "0");
    CHECK(value_of("'abcdef'[4:1:-2]") == "ec");
    CHECK(value_of("len([0]*3+[1])") == "4");
    CHECK(value_of("'ab'*2") == "abab");
    CHECK(value_of("sum([n*n for n in range(5)if n%2==1])") == "10");
}

TEST_CASE("a list that two names share grows for both, and a slice is a copy") {
    CHECK(value_of("len(a)", "a = [1]\nb = a\nb.append(2)\nb += [3]\nc = a[:]\nc.append(4)") == "3");
}

TEST_CASE("dicts are looked up and looped over in order") {
    const std::string dict = "d = {\"b\": 1, \"a\": 2}";
    CHECK(value_of("d['a']", dict) == "2");
    CHECK(value_of("d.get('c',7)", dict) == "7");
    CHECK(value_of("list(d.keys())[0]", dict) == "b");
    CHECK(value_of("sum([v for k,v in d.items()])", dict) == "3");
}

TEST_CASE("enumerate, zip, min, max and range") {
    CHECK(value_of("list(enumerate('ab'))[1][0]") == "1");
    CHECK(value_of("len(list(zip([1,2,3],'ab')))") == "2");
    CHECK(value_of("max(3,7,5)") == "7");
    CHECK(value_of("min([3,7,2])") == "2");
    CHECK(value_of("list(range(10,0,-3))[-1]") == "1");
    CHECK(value_of("abs(-3)") == "3");
}

TEST_CASE("f-strings format as Python does") {
    CHECK(value_of("f'{7:03d}'") == "007");
    CHECK(value_of("f'{3.14159:.2f}'") == "3.14");
    CHECK(value_of("f'{5}_{\"x\"}_{[1,2][1]}'") == "5_x_2");
    CHECK(value_of("f'{\"ab\":*>4}'") == "**ab");
}

TEST_CASE("assignments take tuples apart and chain") {
    CHECK(value_of("a*100+b*10+c", "a, (b, c) = 1, [2, 3]") == "123");
    CHECK(value_of("a+b", "a = b = 4") == "8");
    CHECK(value_of("n", "n = 2\nn *= 3\nn -= 1\nn //= 2") == "2");
}

TEST_CASE("conditions and loops run as in Python") {
    CHECK(value_of("n", "n = 0\nfor i in range(5):\n    if i == 2:\n        n += 10\n    elif i > 2:\n        n += 1\n "
                        "   else:\n        pass") == "12");
    CHECK(value_of("1 if 0 else 2 if 0 else 3") == "3");
}

TEST_CASE("functions take defaults, keywords and keyword-only parameters, and see the names around them") {
    const std::string def = "base = 10\ndef f(a, b=2, *, c=3):\n    return base + a * 100 + b * 10 + c\n";
    CHECK(value_of("f(1)", def) == "133");
    CHECK(value_of("f(1,c=4)", def) == "134");
    CHECK(value_of("f(b=0,a=0,c=0)", def) == "10");
    CHECK(value_of("f(*[1,0],c=0)", def) == "110");
}

TEST_CASE("a chain of nine hundred operators needs no nesting") {
    std::string sum = "0";
    for (int i = 0; i < 900; ++i) sum += "+1";
    CHECK(value_of(sum) == "900");
}

TEST_CASE("a list that contains itself prints, compares and ends") {
    CHECK(value_of("len(a)", "a = [1]\na.append(a)") == "2");
    const Elaborating e(
        "a = [1]\na.append(a)\nb = [1]\nb.append(b)\nc = a == b\ndef net(x: float32[2]):\n    return ReLU()(x)\n");
    CHECK(e.diag.error_count() == 1);
}
