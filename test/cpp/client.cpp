// Calls the provider with a value of every shape and says what came back differently.
#include <spindle/http.h>

#include "client.h"

using namespace spindle::http;
using namespace bindings::test;
namespace shapes = bindings::test::shapes_0_1::shapes;
using shapes_0_1::base::Blob;
using shapes_0_1::base::Named;

namespace {

class Report {
 public:
  void check(bool is_right, std::string_view what) {
    ++count_;
    if (!is_right) failed_ += std::string(what) + "\n";
  }
  std::string text() const {
    return failed_.empty() ? std::to_string(count_) + " checks\n" : "wrong:\n" + failed_;
  }

 private:
  int count_ = 0;
  std::string failed_;
};

Blob blob(std::string_view text) {
  return Blob(std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

void check_scalars(Report& report) {
  for (const shapes::Scalars& value :
       {shapes::Scalars{true, -128, 255, -32768, 65535, INT32_MIN, UINT32_MAX, INT64_MIN,
                        UINT64_MAX, -1.5F, 1e300, U'\U0001F408'},
        shapes::Scalars{false, 127, 0, 32767, 1, -1, 7, -1, 1, 0.1F, -0.0, U'a'}}) {
    report.check(shapes::echo_scalars(value) == value, "scalars");
  }
}

void check_lists(Report& report) {
  for (const char* text :
       {"", "a", "Whiskers \U0001F408", "a text that is too long to be inline"}) {
    report.check(shapes::echo_string(text) == text, "string");
  }
  const std::vector<uint8_t> bytes(70'000, 7);
  report.check(shapes::echo_bytes(bytes) == bytes, "bytes");
  const std::vector<uint32_t> words{1, 0, UINT32_MAX};
  report.check(shapes::echo_words(words) == words, "words");
  const std::vector<bool> bools{true, false, true};
  report.check(shapes::echo_bools(bools) == bools, "bools");
  const std::vector<char32_t> chars{U'a', U'\u00e9'};
  report.check(shapes::echo_chars(chars) == chars, "chars");
  report.check(shapes::many("a", "bb", "", "c", "d", "e", "f", "g", 3) == 11, "many");
}

void check_compounds(Report& report) {
  const shapes::Small small{.read = true, .default_ = true};
  const shapes::Medium medium{.b0 = true, .b8 = true};
  const shapes::Large large{.b7 = true, .b16 = true};
  report.check(shapes::echo_flags(small, medium, large) == std::tuple(small, medium, large),
               "flags");
  const shapes::Tree tree{"root", {"a", "", "c"}, shapes::Color::DarkBlue, Named{"n", 2.5F}};
  const shapes::Tree bare{"", {}, shapes::Color::Red, std::nullopt};
  report.check(shapes::echo_tree(tree) == tree && shapes::echo_tree(bare) == bare, "tree");
  const std::vector<shapes::Tree> trees{tree, bare, tree};
  report.check(shapes::echo_trees(trees) == trees, "trees");
  using E = std::expected<uint8_t, std::string>;
  report.check(shapes::echo_result(E(9)) == E(9), "result");
  report.check(shapes::echo_result(E(std::unexpect, "no")) == E(std::unexpect, "no"), "result");
  report.check(shapes::echo_empty({}).has_value(), "empty result");
  report.check(!shapes::echo_empty(std::unexpected(std::monostate())).has_value(), "empty error");
  using Nested = std::optional<std::optional<uint64_t>>;
  for (const Nested& value : {Nested(), Nested(std::in_place), Nested(UINT64_MAX)}) {
    report.check(shapes::echo_option(value) == value, "option");
  }
  report.check(shapes::slow("x", false) == "x", "slow");
  report.check(shapes::slow("x", true).error() == shapes::Error{shapes::Error::Other{"x"}}, "slow");
  shapes::nothing();
}

void check_variants(Report& report) {
  using Shape = shapes::Shape;
  using Points = std::vector<std::tuple<float, float>>;
  const auto back = [](Shape value) { return shapes::echo_shape(std::move(value)).value; };
  report.check(back({Shape::None{}}).index() == 0, "none");
  report.check(std::get<Shape::Circle>(back({Shape::Circle{2.5}})).value == 2.5, "circle");
  const Points points{{1, 2}, {3, 4}};
  report.check(std::get<Shape::Polygon>(back({Shape::Polygon{points}})).value == points, "polygon");
  const Named named{"name", 1.5F};
  report.check(std::get<Shape::Named>(back({Shape::Named{named}})).value == named, "named");
  report.check(std::get<Shape::ShapeCase>(back({Shape::ShapeCase{"s"}})).value == "s", "shape");
  report.check(std::get<Shape::Owned>(back({Shape::Owned{blob("abc")}})).value.size() == 3,
               "owned");
}

void check_resources(Report& report) {
  const Blob lent = blob("lent");
  report.check(lent.size() == 4 && lent.wait() == "lent", "methods");
  auto joined = Blob::join(blob("own+"), lent);
  report.check(joined.has_value() && joined->wait() == "own+lent", "join");
  report.check(Blob::join(blob(""), blob("")).error() == "nothing to join", "join error");
  report.check(shapes::take_blobs(std::nullopt, {}) == 0, "no blobs");
  std::vector<spindle::abi::Borrow<Blob>> borrows;
  borrows.emplace_back(lent);
  borrows.emplace_back(*joined);
  report.check(shapes::take_blobs(blob("12"), std::move(borrows)) == 14, "blobs");
  const uint8_t three[] = {1, 2, 3};
  report.check(shapes::make_blob(three).value().size() == 3, "made");
  report.check(shapes::make_blob({}).error() == shapes::Error{shapes::Error::NotFound{}},
               "not made");
  report.check(lent.wait() == "lent", "still lent");
}

void check_kinds(Report& report) {
  namespace kinds = guest::kinds;
  std::vector<Blob> blobs;
  for (const char* text : {"a", "bb", "ccc"}) blobs.push_back(blob(text));
  blobs = kinds::reverse(std::move(blobs));
  report.check(blobs.size() == 3 && blobs[0].wait() == "ccc" && blobs[2].wait() == "a", "reverse");
  std::vector<spindle::abi::Borrow<Blob>> borrows;
  for (const Blob& each : blobs) borrows.emplace_back(each);
  report.check(kinds::sizes(std::move(borrows)) == std::vector<uint32_t>{3, 2, 1}, "sizes");
  report.check(kinds::half(8) == 4U && !kinds::half(7).has_value(), "half");
  report.check(kinds::maybe(blob("x")).value()->size() == 1, "maybe");
  report.check(!kinds::maybe(std::nullopt).value().has_value(), "maybe not");
  report.check(kinds::maybe(blob("")).error() == Named{"empty", 0.5F}, "maybe error");
  const std::vector<std::tuple<std::string, std::optional<uint16_t>>> pairs{{"b", 2}, {"c", {}}};
  report.check(kinds::rename({"a", 1}, pairs) == std::tuple(Named{"abc", 1}, uint64_t{1002}),
               "rename");
}

}  // namespace

Response handle(const Request&) {
  Report report;
  check_scalars(report);
  check_lists(report);
  check_compounds(report);
  check_variants(report);
  check_resources(report);
  check_kinds(report);
  return text(report.text());
}
SPINDLE_HTTP(handle)
