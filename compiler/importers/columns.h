#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "importers/spec_tree.h"

namespace halcyon::importers {

/// One argument in several places that shall be written once: a value for each, nothing where it is not there.
using Cells = std::vector<std::optional<Value>>;

/// What varies from place to place, each variation once. Terms speak of a column as of a variable "$3"; when all are known,
/// `named` gives them names.
class Columns {
public:
    struct Column {
        Cells cells;
        std::string hint;  ///< what a person may call it: the argument's name
        std::string word;  ///< what tells it from others with the same hint
    };

    /// What an argument is in every place. Constant where it is; else a column, an old one where it fits, or a multiple of one.
    [[nodiscard]] Term term(const Cells& cells, const std::string& hint, const std::string& word = "");
    /// The same for texts: constant, or an f-string whose numbers vary, or one that varies as a whole.
    [[nodiscard]] Term text_term(const Cells& cells, const std::string& hint);
    /// `"same" if strides == 1 else "valid"`, where a column with few values decides between two.
    [[nodiscard]] std::optional<std::string> conditional(const Cells& cells) const;
    /// The column that holds these cells, made where there is none.
    [[nodiscard]] int column(const Cells& cells, const std::string& hint, const std::string& word = "");

    [[nodiscard]] const std::vector<Column>& all() const { return columns_; }
    /// A term's value in a place: of constants, columns and their multiples.
    [[nodiscard]] std::optional<Value> value(const Term& term, std::size_t place) const;

private:
    std::vector<Column> columns_;
};

/// "$3"
[[nodiscard]] std::string placeholder(int column);
/// The term with the columns' names for "$0", "$1", ...
[[nodiscard]] Term named(Term term, const std::vector<std::string>& names);
[[nodiscard]] std::string named(std::string text, const std::vector<std::string>& names);

/// Whether an argument of that name says how many channels there are: a block's width, which it is always given.
[[nodiscard]] bool is_width(std::string_view argument);
/// How many different values there are.
[[nodiscard]] std::size_t distinct(const Cells& cells);
/// The value that is there most often; none if there is no value.
[[nodiscard]] std::optional<Value> most_common(const Cells& cells);

}  // namespace halcyon::importers
