// Every construct of the language, what its errors look like, and input that means harm.

#include <gtest/gtest.h>

#include "wit/load.h"
#include "wit/print.h"
#include "wit/syntax/diagnostic.h"
#include "wit/type_text.h"

namespace spindle::wit {
namespace {

constexpr std::string_view kEverything = R"(
/// The package.
package demo:all@1.2.0;

use other:dep/shared@0.1.0 as outside;

/* block /* nested */ comment */
@since(version = 1.0.0)
interface types {
  use outside.{thing, item as renamed};
  /** A record. */
  record point { x: s32, %type: option<f64> }
  variant shape { none, circle(point), line(tuple<point, point>) }
  enum color { red, green, BLUE-ish, utf-8 }
  flags mode { read, write, }
  type bytes = list<u8>;
  type hash = list<u8, 32>;
  type table = map<string, bytes>;
  type pipe = stream<u8>;
  resource blob {
    constructor(init: bytes) -> result<blob, error-context>;
    read: func(n: u64) -> result<bytes>;
    @unstable(feature = merging)
    merge: static async func(lhs: borrow<blob>, rhs: blob) -> blob;
  }
  resource empty;
  run: async func(a: stream, b: future<result<_, string>>, c: result) -> result<_, shape>;
  @deprecated(version = 1.1.0)
  take: func(t: thing, r: renamed, s: shape, h: hash, m: table, p: pipe, c: color, f: mode);
}

world base {
  import types;
  import log: func(text: string);
  export run: async func() -> result;
}

world all {
  use types.{blob, point as spot};
  type wrapped = option<spot>;
  include base with { log as print }
  import host: interface { use types.{color}; paint: func(c: color); }
  import labelled: other:dep/shared@0.1.0;
  export outside;
  export make: func(w: wrapped) -> blob;
}

package other:dep@0.1.0 {
  interface shared { type thing = u8; resource item; }
}
)";

Result<Resolve> load(std::string_view text, const LoadOptions& options = {}) {
  return load_texts({{"a.wit", std::string(text)}}, options);
}

std::string error_of(std::string_view text) {
  auto resolve = load(text);
  return resolve ? "no error" : resolve.error().message();
}

std::string text_of(const Resolve& resolve, std::string_view interface, std::string_view name) {
  auto id = resolve.find_interface(interface);
  if (!id) return "no interface";
  for (const Function& function : resolve.interface(*id).functions) {
    if (resolve.extern_name(function) != name) continue;
    auto text = function_text(resolve, function);
    return text ? *text : text.error().to_string();
  }
  return "no function";
}

TEST(Language, TextsOfEveryType) {
  auto resolve = load(kEverything);
  ASSERT_TRUE(resolve.has_value()) << resolve.error().to_string();
  auto text = [&](std::string_view name) { return text_of(*resolve, "demo:all/types", name); };
  EXPECT_EQ(text("run"),
            "async func(a:stream,b:future<result<_,string>>,c:result<_,_>)->result<_,variant{none,"
            "circle(record{x:s32,type:option<f64>}),line(tuple<record{x:s32,type:option<f64>},"
            "record{x:s32,type:option<f64>}>)}>");
  EXPECT_EQ(text("take"),
            "func(t:u8,r:own<other:dep/shared@0.1.item>,s:variant{none,circle(record{x:s32,type:"
            "option<f64>}),line(tuple<record{x:s32,type:option<f64>},record{x:s32,type:option<f64>}"
            ">)},h:list<u8,32>,m:map<string,list<u8>>,p:stream<u8>,c:enum{red,green,BLUE-ish,utf-8}"
            ",f:flags{read,write})");
  EXPECT_EQ(text("[constructor]blob"),
            "func(init:list<u8>)->result<own<demo:all/types@1.blob>,error-context>");
  EXPECT_EQ(text("[method]blob.read"),
            "func(self:borrow<demo:all/types@1.blob>,n:u64)->result<list<u8>,_>");
  EXPECT_EQ(text("[static]blob.merge"), "no function");
}

TEST(Language, KeepsUnstableItemsOnRequest) {
  LoadOptions options;
  options.features = {"merging"};
  auto resolve = load(kEverything, options);
  ASSERT_TRUE(resolve.has_value());
  EXPECT_EQ(text_of(*resolve, "demo:all/types@1.2.0", "[static]blob.merge"),
            "async func(lhs:borrow<demo:all/types@1.blob>,rhs:own<demo:all/types@1.blob>)"
            "->own<demo:all/types@1.blob>");
}

TEST(Language, WorldsAreFlattenedAndElaborated) {
  auto resolve = load(kEverything);
  ASSERT_TRUE(resolve.has_value());
  auto id = resolve->find_world("demo:all/all");
  ASSERT_TRUE(id.has_value());
  std::string items;
  for (const WorldItem& item : resolve->world(*id).imports) {
    const auto* held = std::get_if<WorldInterface>(&item.item);
    items += item.name + (held != nullptr && held->implied ? "! " : " ");
  }
  items += "| ";
  for (const WorldItem& item : resolve->world(*id).exports) items += item.name + " ";
  EXPECT_EQ(items,
            "other:dep/shared@0.1.0! demo:all/types@1.2.0 blob spot wrapped print host labelled "
            "| run other:dep/shared@0.1.0 make ");
}

TEST(Language, KeepsDocsAndStability) {
  auto resolve = load(kEverything);
  ASSERT_TRUE(resolve.has_value());
  const Interface& types = resolve->interface(*resolve->find_interface("demo:all/types"));
  EXPECT_EQ(resolve->package(resolve->roots().front()).docs, "The package.");
  EXPECT_EQ(types.stability.since->to_string(), "1.0.0");
  EXPECT_EQ(resolve->type(types.types[2]).docs, "A record.");
  EXPECT_EQ(types.functions.back().stability.deprecated->to_string(), "1.1.0");
}

TEST(Language, RoundTrips) {
  LoadOptions all;
  all.unstable = UnstableItems::KeepAll;
  auto resolve = load(kEverything, all);
  ASSERT_TRUE(resolve.has_value());
  std::string printed = print_all(*resolve);
  auto again = load(printed, all);
  ASSERT_TRUE(again.has_value()) << again.error().to_string() << printed;
  EXPECT_EQ(print_all(*again), printed);
}

TEST(Language, TracksOfVersions) {
  constexpr std::pair<std::string_view, std::string_view> kTable[] = {
      {"1.4.2", "1"}, {"0.2.6", "0.2"}, {"0.0.3", "0.0.3"}, {"0.3.0-rc.1", "0.3.0-rc.1"}};
  for (auto [version, track] : kTable) {
    EXPECT_EQ(compatibility_track(*parse_version(version)), track);
  }
  constexpr std::string_view kAscending[] = {"0.2.0-draft-2", "0.2.0-rc.2", "0.2.0-rc.10",
                                             "0.2.0",         "0.2.1",      "0.10.0"};
  for (size_t i = 1; i < std::size(kAscending); ++i) {
    EXPECT_LT(*parse_version(kAscending[i - 1]), *parse_version(kAscending[i])) << kAscending[i];
  }
  for (std::string_view bad : {"", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.x", "1.2.3+"}) {
    EXPECT_FALSE(parse_version(bad).has_value()) << bad;
  }
}

TEST(Diagnostics, PointAtTheText) {
  EXPECT_EQ(error_of("package a:b;\ninterface i {\n  foo: func() }\n"),
            "expected `;`, found `}`\n"
            " --> a.wit:3:15\n"
            "  |\n"
            "3 |   foo: func() }\n"
            "  |               ^");
  EXPECT_EQ(error_of("package a:b;\ninterface i { f: func(a: strin); }"),
            "unknown type `strin`\n"
            " --> a.wit:2:26\n"
            "  |\n"
            "2 | interface i { f: func(a: strin); }\n"
            "  |                          ^^^^^\n"
            "  = help: did you mean `string`?");
}

struct BadCase {
  std::string_view items;  // after `package a:b;`
  std::string_view message;
};

constexpr BadCase kBad[] = {
    {"interface i { use j.{t}; }", "package `a:b` has no interface or world `j`"},
    {"interface i { use c:d/e@1.0.0.{t}; }", "package `c:d@1.0.0` not found"},
    {"interface i { type t = u8; } interface j { use i.{u}; }", "has no type `u`"},
    {"interface i { use j.{t}; } interface j { use i.{t}; }", "interface `i` depends on itself"},
    {"interface i { record r { a: list<r> } }", "type `r` contains itself"},
    {"interface i { type t = t; }", "type `t` contains itself"},
    {"interface i {} interface i {}", "`i` is defined twice in package `a:b`"},
    {"interface i { f: func(); f: func(); }", "`f` is defined twice"},
    {"interface i { record r { a: u8, A: u8 } }", "field `A` is defined twice"},
    {"interface i { enum e {} }", "enum `e` has no members"},
    {"interface i { type t = u8; f: func(a: borrow<t>); }", "`t` is not a resource"},
    {"interface i { resource r; f: func() -> borrow<r>; }", "cannot return a type"},
    {"interface i { resource r; type s = stream<borrow<r>>; }", "cannot carry a `borrow`"},
    {"interface i { resource r { constructor() -> u8; } }", "a constructor returns its resource"},
    {"interface i { type m = map<f32, u8>; }", "the key of a map"},
    {"interface i { type l = list<u8, 0>; }", "the length of a list"},
    {"interface i { f: func() -> (a: u8); }", "expected a type, found `(`"},
    {"interface i { fooBar: func(); }", "`fooBar` is not a valid name"},
    {"interface i { record: func(); }", "expected the name of the record, found `:`"},
    {"interface i { f: func(list: u8); }", "found keyword `list`"},
    {"world w { import i; }", "has no interface or world `i`"},
    {"world w { include w; }", "world `w` includes itself"},
    {"world v {} world w { include v with { x as y } }", "has no import or export named `x`"},
    {"world w { import f: func(); import f: func(); }", "`f` is imported twice"},
    {"world v {} interface i { use v.{t}; }", "`v` is a world, expected an interface"},
    {"interface i {} world w { include i; }", "`i` is an interface, expected a world"},
    {"@unstable(feature = x) interface i {} world w { import i; }", "behind the feature `x`"},
    {"@since(version = 1) interface i {}", "`1` is not a version"},
    {"@gone(version = 1.0.0) interface i {}", "expected `since`, `unstable` or `deprecated`"},
    {"/* interface i {}", "block comment is never closed"},
    {"interface i { $ }", "unexpected character `$`"},
    {"package c:d;", "a file has one `package` declaration"},
    {"package c:d { interface e { use a:b/i.{t}; } } interface i { use c:d/e.{u}; type t = u8; }",
     "depends on itself"},
    {"\x01", "control character U+0001"},
    {"// \xE2\x80\xAE", "changes the direction of text"},
    {"// \xFF", "is not valid UTF-8"},
};

TEST(Diagnostics, NameEveryMistake) {
  for (const BadCase& bad : kBad) {
    std::string message = error_of("package a:b;\n" + std::string(bad.items));
    EXPECT_NE(message.find(bad.message), std::string::npos) << bad.items << "\n" << message;
  }
}

TEST(Diagnostics, PlainIsOneLine) {
  Diagnostic made{"expected `;`", "a.wit", 3, 15, 1, "", "write one"};
  EXPECT_EQ(made.plain(), "a.wit:3:15: expected `;` (write one)");
}

TEST(Diagnostics, ListTheVersionsThatAreThere) {
  auto message = error_of(
      "package a:b; interface i { use c:d/e@1.0.1.{t}; }\n"
      "package c:d@1.0.0 { interface e { type t = u8; } }");
  EXPECT_NE(message.find("what is there: `c:d@1.0.0`"), std::string::npos) << message;
}

TEST(Hostile, TruncatedAtEveryByte) {
  for (size_t length = 0; length < kEverything.size(); ++length) {
    auto resolve = load(kEverything.substr(0, length));
    if (resolve) EXPECT_FALSE(print_all(*resolve).empty());
  }
}

TEST(Hostile, EveryByteReplaced) {
  for (size_t i = 0; i < kEverything.size(); ++i) {
    std::string text(kEverything);
    text[i] = "{};,<>%@"[i % 8];
    auto resolve = load(text);
    if (resolve) EXPECT_FALSE(print_all(*resolve).empty());
  }
}

std::string repeat(std::string_view text, size_t count) {
  std::string made;
  for (size_t i = 0; i < count; ++i) made += text;
  return made;
}

TEST(Hostile, DeepNestingIsAnError) {
  std::string nested = repeat("list<", 100'000) + "u8" + repeat(">", 100'000);
  EXPECT_NE(error_of("package a:b; interface i { type t = " + nested + "; }").find("nested"),
            std::string::npos);
  std::string chain;
  std::string uses;
  for (size_t i = 0; i < 1000; ++i) {
    chain += fmt::format("type t{} = option<t{}>;", i, i + 1);
    uses += fmt::format("interface i{} {{ use i{}.{{t}}; }}", i, i + 1);
  }
  EXPECT_NE(error_of("package a:b; interface i {" + chain + "type t1000 = u8; }").find("deep"),
            std::string::npos);
  EXPECT_NE(error_of("package a:b;" + uses + "interface i1000 { type t = u8; }").find("deep"),
            std::string::npos);
  EXPECT_NE(error_of(repeat("/*", 100'000)).find("never closed"), std::string::npos);
}

TEST(Hostile, LongNamesAndManyItemsAreErrors) {
  std::string name(10'000, 'a');
  EXPECT_NE(error_of("package a:b; interface " + name + " {}").find("at most 256"),
            std::string::npos);
  std::string cases;
  for (size_t i = 0; i < 20'000; ++i) cases += fmt::format("c{},", i);
  EXPECT_NE(error_of("package a:b; interface i { enum e {" + cases + "} }").find("more than 10000"),
            std::string::npos);
}

TEST(Hostile, TextOfExponentialTypeIsLimited) {
  std::string types = "type t0 = u8;";
  for (size_t i = 1; i < 60; ++i) {
    types += fmt::format("record t{} {{ a: t{}, b: t{} }}", i, i - 1, i - 1);
  }
  auto resolve = load("package a:b; interface i {" + types + " f: func(t: t59); }");
  ASSERT_TRUE(resolve.has_value()) << resolve.error().to_string();
  EXPECT_NE(text_of(*resolve, "a:b/i", "f").find("when written out"), std::string::npos);
}

}  // namespace
}  // namespace spindle::wit
