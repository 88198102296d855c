#include "bindgen/host_bindings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wit/load.h"

namespace spindle::bindgen {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Wanted {
  std::string_view map;
  HostOptions options{.interfaces = {"t:t/i"}};
};

Result<std::vector<GeneratedFile>> generate(std::string_view wit, const Wanted& wanted = {}) {
  const wit::Resolve resolve = TRY(wit::load_texts({{"t.wit", std::string(wit)}}));
  const Mapping mapping = TRY(parse_mapping(wanted.map));
  return generate_host_bindings(resolve, mapping, wanted.options);
}

std::string text_of(const std::vector<GeneratedFile>& files, std::string_view path) {
  for (const GeneratedFile& file : files) {
    if (file.path == path) return file.text;
  }
  return fmt::format("no file {}", path);
}

std::string header_of(std::string_view body, const Wanted& wanted = {}) {
  const auto files = generate(fmt::format("package t:t;\ninterface i {{\n{}\n}}", body), wanted);
  return files ? text_of(*files, "bindings/t/t/i.h") : files.error().to_string();
}

constexpr std::string_view kResources =
    "resource t:t/i.thing = app::Thing \"app/thing.h\"\n"
    "resource t:t/i.bare = Bare \"bare.h\"";

TEST(HostBindings, GiveEachTypeItsTwoForms) {
  struct Case {
    std::string_view wit;
    std::string_view param;
    std::string_view result;
  };
  const std::vector<Case> cases{
      {"bool", "bool", "bool"},
      {"u8", "uint8_t", "uint8_t"},
      {"s64", "int64_t", "int64_t"},
      {"f32", "float", "float"},
      {"f64", "double", "double"},
      {"char", "char32_t", "char32_t"},
      {"string", "std::string_view", "std::string"},
      {"list<u8>", "std::span<const uint8_t>", "std::vector<uint8_t>"},
      {"list<f32>", "std::span<const float>", "std::vector<float>"},
      {"list<bool>", "const std::vector<bool>&", "std::vector<bool>"},
      {"list<string>", "const std::vector<std::string_view>&", "std::vector<std::string>"},
      {"list<list<u8>>", "const std::vector<std::span<const uint8_t>>&",
       "std::vector<std::vector<uint8_t>>"},
      {"option<u8>", "std::optional<uint8_t>", "std::optional<uint8_t>"},
      {"option<string>", "std::optional<std::string_view>", "std::optional<std::string>"},
      {"option<tuple<u8>>", "const std::optional<std::tuple<uint8_t>>&",
       "std::optional<std::tuple<uint8_t>>"},
      {"tuple<u8, string>", "const std::tuple<uint8_t, std::string_view>&",
       "std::tuple<uint8_t, std::string>"},
      {"result", "const std::expected<void, std::monostate>&",
       "std::expected<void, std::monostate>"},
      {"result<u8>", "const std::expected<uint8_t, std::monostate>&",
       "std::expected<uint8_t, std::monostate>"},
      {"result<_, string>", "const std::expected<void, std::string_view>&",
       "std::expected<void, std::string>"},
      {"map<string, u8>", "const std::vector<std::tuple<std::string_view, uint8_t>>&",
       "std::vector<std::tuple<std::string, uint8_t>>"},
      {"thing", "std::unique_ptr<::app::Thing>", "std::unique_ptr<::app::Thing>"},
      {"option<thing>", "std::optional<std::unique_ptr<::app::Thing>>",
       "std::optional<std::unique_ptr<::app::Thing>>"},
      {"stream<u8>", "::spindle::component::Stream<uint8_t>",
       "::spindle::component::Stream<uint8_t>"},
      {"stream", "::spindle::component::Stream<void>", "::spindle::component::Stream<void>"},
      {"stream<string>", "::spindle::component::Stream<std::string>",
       "::spindle::component::Stream<std::string>"},
      {"stream<list<u8>>", "::spindle::component::Stream<std::vector<uint8_t>>",
       "::spindle::component::Stream<std::vector<uint8_t>>"},
      {"stream<s>", "::spindle::component::Stream<S>", "::spindle::component::Stream<S>"},
      {"stream<thing>", "::spindle::component::Stream<std::unique_ptr<::app::Thing>>",
       "::spindle::component::Stream<std::unique_ptr<::app::Thing>>"},
      {"future", "::spindle::component::Future<void>", "::spindle::component::Future<void>"},
      {"future<result<_, string>>",
       "::spindle::component::Future<std::expected<void, std::string>>",
       "::spindle::component::Future<std::expected<void, std::string>>"},
      {"option<future<u8>>", "std::optional<::spindle::component::Future<uint8_t>>",
       "std::optional<::spindle::component::Future<uint8_t>>"},
      {"tuple<string, stream<stream<s>>>",
       "std::tuple<std::string_view, "
       "::spindle::component::Stream<::spindle::component::Stream<S>>>",
       "std::tuple<std::string, "
       "::spindle::component::Stream<::spindle::component::Stream<S>>>"},
      {"r", "const R&", "R"},
      {"s", "const SView&", "S"},
      {"e", "E", "E"},
      {"v", "const V&", "V"},
      {"f", "F", "F"},
      {"alias", "std::string_view", "std::string"},
  };
  for (const Case& item : cases) {
    const std::string header = header_of(
        fmt::format("resource thing;\nrecord r {{ a: u8 }} record s {{ a: string }}\n"
                    "enum e {{ x }} variant v {{ x, y(u8) }} flags f {{ x }} type alias = string;\n"
                    "g: func(p: {0}) -> {0};",
                    item.wit),
        {kResources});
    EXPECT_THAT(header, HasSubstr(fmt::format("virtual ::spindle::Result<{}> g({} p) = 0;",
                                              item.result, item.param)))
        << item.wit;
  }
}

TEST(HostBindings, PassBorrowsByReference) {
  EXPECT_THAT(header_of("resource thing { m: func(); } g: func(a: borrow<thing>, "
                        "b: list<borrow<thing>>);",
                        {kResources}),
              AllOf(HasSubstr("thing_m(::app::Thing& self)"),
                    HasSubstr("g(::app::Thing& a, const std::vector<::app::Thing*>& b)"),
                    HasSubstr("namespace app {\nclass Thing;\n}")));
  EXPECT_THAT(
      header_of("resource bare { constructor(a: u8); make: static func() -> bare; }", {kResources}),
      AllOf(HasSubstr("class Bare;\n"),
            HasSubstr("Result<std::unique_ptr<::Bare>> bare_new(uint8_t a)"),
            HasSubstr("Result<std::unique_ptr<::Bare>> bare_make()")));
}

TEST(HostBindings, DeclareTypes) {
  const std::string header = header_of(
      "/// What it is.\nrecord late { inner: early, text: string }\n"
      "record early { a: u8, b: option<u8> }\n"
      "variant shape { none, %early(early), shape(string) }\n"
      "enum color { red, dark-blue }\nflags mode { read, %default }\n"
      "type names = list<string>;");
  EXPECT_THAT(header,
              HasSubstr("// What it is.\nstruct Late {\n  Early inner;\n  std::string text;\n"));
  EXPECT_THAT(header, HasSubstr("struct LateView {\n  Early inner;\n  std::string_view text;\n};"));
  EXPECT_THAT(header, HasSubstr("struct Early {\n  uint8_t a{};\n  std::optional<uint8_t> b;\n"));
  EXPECT_LT(header.find("struct Early {"), header.find("struct Late {")) << "made of comes first";
  EXPECT_THAT(header, HasSubstr("std::variant<None, Early, ShapeCase> value;"))
      << "a member cannot have its class's name";
  EXPECT_THAT(header, HasSubstr("enum class Color : uint8_t {\n  Red,\n  DarkBlue,\n};"));
  EXPECT_THAT(header, HasSubstr("bool read = false;\n  bool default_ = false;"));
  EXPECT_THAT(header, HasSubstr("using Names = std::vector<std::string>;\nusing NamesView = "
                                "std::vector<std::string_view>;"));
}

TEST(HostBindings, RenameWhatCppReserves) {
  const std::string header = header_of(
      "record class { int: u8, %auto: u8 } record host { a: u8 } record guest { a: u8 }\n"
      "delete: func(new: u8, this: %class) -> u8;\nerrno: func(std: u8, spindle: host);\n"
      "[]");
  EXPECT_THAT(header, HasSubstr("expected")) << "syntax errors are shown, not generated";
  const std::string good = header_of(
      "record class { int: u8, %auto: u8 } record host { a: u8 } record guest { a: u8 }\n"
      "delete: func(new: u8, this: %class) -> u8;\nerrno: func(std: u8, spindle: host, x: guest);");
  EXPECT_THAT(good,
              AllOf(HasSubstr("struct Class {\n  uint8_t int_{};\n  uint8_t auto_{};"),
                    HasSubstr("delete_(uint8_t new_, const Class& this_)"),
                    HasSubstr("errno_(uint8_t std_, const Host_& spindle_, const Guest_& x)")));
}

TEST(HostBindings, WaitWhereTheMappingSaysSo) {
  constexpr std::string_view kBody = "slow: func() -> u8; fast: func() -> u8;";
  EXPECT_THAT(header_of(kBody, {"wait t:t/i.slow"}),
              AllOf(HasSubstr("::spindle::io::Eventual<uint8_t> slow()"),
                    HasSubstr("::spindle::Result<uint8_t> fast()")));
  EXPECT_EQ(header_of(kBody, {"wait t:t/i.slaw"}),
            "the mapping says `wait` for `slaw`, which t:t/i lacks");
  EXPECT_THAT(header_of(kBody, {"wait t:t/other.slow"}), Not(HasSubstr("Eventual<")))
      << "an interface that is not generated may be listed";
}

TEST(HostBindings, WaitWhereWitIsAsync) {
  const std::string header = header_of(
      "resource thing { m: async func() -> u8; make: static async func() -> thing; }\n"
      "f: async func(a: string);",
      {kResources});
  EXPECT_THAT(
      header,
      AllOf(HasSubstr("::spindle::io::Eventual<uint8_t> thing_m(::app::Thing& self) = 0;"),
            HasSubstr("::spindle::io::Eventual<std::unique_ptr<::app::Thing>> thing_make() = 0;"),
            HasSubstr("::spindle::io::Eventual<void> f(std::string_view a) = 0;")));
}

TEST(HostBindings, DeclareTypesOfStreams) {
  const std::string header = header_of(
      "record upload { name: string, body: stream<u8> } type bytes = stream<u8>;\n"
      "variant part { text(string), body(bytes) } record item { at: u8 }\n"
      "f: func() -> stream<item>;");
  EXPECT_THAT(header, HasSubstr("#include \"component/host/stream.h\""));
  EXPECT_THAT(header, HasSubstr("struct Upload {\n  std::string name;\n"
                                "  ::spindle::component::Stream<uint8_t> body;\n};"))
      << "streams have no initializer and do not compare";
  EXPECT_THAT(header, HasSubstr("struct UploadView {\n  std::string_view name;\n"
                                "  ::spindle::component::Stream<uint8_t> body;\n};"));
  EXPECT_THAT(header, HasSubstr("  struct Text {\n    std::string value;\n"
                                "    bool operator==(const Text&) const = default;\n  };\n"
                                "  struct Body {\n"
                                "    ::spindle::component::Stream<uint8_t> value;\n  };\n\n"
                                "  std::variant<Text, Body> value;\n};"));
  EXPECT_THAT(header, HasSubstr("using Bytes = ::spindle::component::Stream<uint8_t>;\n"));
  EXPECT_THAT(header, Not(HasSubstr("ItemView")));
  EXPECT_THAT(header_of("f: func();"), Not(HasSubstr("component/host/stream.h")));
}

TEST(HostBindings, WriteTypesOfAsyncIntoTables) {
  const auto files = generate(
      "package t:t; interface i { f: async func(a: stream<u8>) -> future<result<_, string>>; }");
  ASSERT_TRUE(files.has_value()) << files.error().to_string();
  EXPECT_THAT(text_of(*files, "bindings/t/t/i.cpp"),
              HasSubstr("\"async func(a:stream<u8>)->future<result<_,string>>\""));
}

TEST(HostBindings, AnswerForInterfacesNobodyImplements) {
  const auto files = generate(
      "package t:t; interface i { variant error { refused(string), other }\n"
      "enum code { bad, worse } resource thing { get: func() -> result<u8, error>; }\n"
      "a: func() -> result<thing, error>; b: func() -> result<_, code>;\n"
      "c: func() -> result<_, string>; d: func() -> u8; e: func() -> result; }",
      {"unsupported t:t/i refused \"not \\ here\""});
  ASSERT_TRUE(files.has_value()) << files.error().to_string();
  EXPECT_THAT(text_of(*files, "bindings/t/t/i.h"),
              AllOf(HasSubstr("class Thing final"), HasSubstr("make_unsupported();")));
  EXPECT_THAT(text_of(*files, "bindings/t/t/i.cpp"),
              AllOf(HasSubstr("Error::Refused{\"not \\\\ here\"}"),
                    HasSubstr("std::unexpected(std::string(\"not \\\\ here\"))"),
                    HasSubstr("std::unexpected(std::monostate{})"),
                    HasSubstr("::spindle::Error::not_supported(\"t:t/i: d: not \\\\ here\")")));
}

TEST(HostBindings, PutVersionsIntoNamespacesAndPaths) {
  struct Case {
    std::string_view version;
    std::string_view path;
  };
  const std::vector<Case> cases{{"@0.2.6", "a_b_0_2/i"},
                                {"@1.4.0", "a_b_1/i"},
                                {"@0.0.3", "a_b_0_0_3/i"},
                                {"@0.3.0-rc.1", "a_b_0_3_0_rc_1/i"},
                                {"", "a_b/i"}};
  for (const Case& item : cases) {
    const auto files =
        generate(fmt::format("package x:a-b{}; interface i {{ f: func(); }}", item.version),
                 {"", {.interfaces = {fmt::format("x:a-b/i{}", item.version)}}});
    ASSERT_TRUE(files.has_value()) << files.error().to_string();
    std::vector<std::string> paths;
    for (const GeneratedFile& file : *files) paths.push_back(file.path);
    const std::string base = fmt::format("bindings/x/{}", item.path);
    EXPECT_THAT(paths, ElementsAre(base + ".h", base + "_abi.h", base + ".cpp"));
  }
}

TEST(HostBindings, RefuseWhatTheyCannotExpress) {
  struct Case {
    std::string_view body;
    std::string_view error;
  };
  const std::vector<Case> cases{
      {"f: func(a: stream<list<u8, 4>>);", "t:t/i: bindings of a fixed-length list type"},
      {"f: func() -> future<error-context>;", "bindings of a error-context type"},
      {"record r { a: list<u8, 4> } f: func(a: r);", "bindings of a fixed-length list type"},
      {"f: func(a: error-context);", "bindings of a error-context type"},
      {"resource thing; f: func(a: thing);", "resource `thing` of t:t/i has no class"},
      {"record a { x: string } record a-view { x: u8 }",
       "types `a` and `a-view` would both be `AView` in C++"},
      {"record r { a: missing }", "missing"},
      {"resource thing { a: func(); } thing-a: func();",
       "functions `[method]thing.a` and `thing-a` would both be `thing_a` in C++"},
  };
  for (const Case& item : cases)
    EXPECT_THAT(header_of(item.body), HasSubstr(item.error)) << item.body;
  EXPECT_EQ(generate("package t:t; interface j {}").error().message(),
            "no interface `t:t/i` in the WIT given");
}

TEST(HostBindings, ShowWhereWitIsWrong) {
  const auto broken = generate("package t:t;\ninterface i {\n  f: func(a u8);\n}");
  EXPECT_THAT(broken.error().to_string(), HasSubstr("t.wit:3:13"));
}

// Types that share parts are exponentially larger when written out.
TEST(HostBindings, RefuseTypesOfUnreasonableSize) {
  std::string body = "type t0 = tuple<u8, u8>;\n";
  for (int i = 1; i < 40; ++i)
    body += fmt::format("type t{} = tuple<t{}, t{}>;\n", i, i - 1, i - 1);
  EXPECT_THAT(header_of(body), HasSubstr("bytes when written out"));
  const std::string wit = fmt::format(
      "package t:t; interface i {{ {} }} world w {{ use i.{{t39}}; export f: func(a: t39); }}",
      body);
  const auto world = generate(wit, {"", {.interfaces = {}, .worlds = {"t:t/w"}}});
  EXPECT_THAT(world.error().to_string(), HasSubstr("bytes when written out"));
}

TEST(HostBindings, KeepNamesOfWitFromCapturingOurs) {
  const auto files = generate(
      "package component:io; interface %result { record %result { a: u8 } record error { a: u8 }\n"
      "f: func(a: %result) -> result<_, error>; }",
      {"", {.interfaces = {"component:io/result"}}});
  ASSERT_TRUE(files.has_value()) << files.error().to_string();
  const std::string header = text_of(*files, "bindings/component/io/result.h");
  EXPECT_THAT(header, AllOf(HasSubstr("::spindle::Result<std::expected<void, Error>> f("),
                            HasSubstr("::spindle::component::HostBinding implement")));
  EXPECT_THAT(header, AllOf(Not(HasSubstr(" component::")), Not(HasSubstr(" Result<")),
                            Not(HasSubstr(" io::"))));
}

// ---- calling guests ----

TEST(GuestBindings, HaveAMethodForEachFunctionAndOneThatWaits) {
  const std::string header = header_of("f: func(a: string) -> u8; g: func(); g-async: func();",
                                       {"", {.interfaces = {}, .exports = {"t:t/i"}}});
  EXPECT_THAT(header, AllOf(HasSubstr("::spindle::Result<uint8_t> f(std::string_view a);"),
                            HasSubstr("::spindle::io::Task<::spindle::Result<uint8_t>> "
                                      "f_async(std::string_view a);"),
                            HasSubstr("::spindle::Result<void> g();"),
                            HasSubstr("::spindle::Result<void>> g_async_();"),
                            HasSubstr("LiftIndex, 3>"), Not(HasSubstr("class Host"))));
}

TEST(GuestBindings, OnlyWaitForFunctionsThatAreAsync) {
  const auto files =
      generate("package t:t; interface i { f: async func(a: stream<u8>) -> u8; f-async: func(); }",
               {"", {.interfaces = {}, .exports = {"t:t/i"}}});
  ASSERT_TRUE(files.has_value()) << files.error().to_string();
  EXPECT_THAT(text_of(*files, "bindings/t/t/i.h"),
              AllOf(HasSubstr("::spindle::io::Task<::spindle::Result<uint8_t>> "
                              "f(::spindle::component::Stream<uint8_t> a);"),
                    Not(HasSubstr("::spindle::Result<uint8_t> f(")),
                    HasSubstr("::spindle::Result<void> f_async();"),
                    HasSubstr("::spindle::Result<void>> f_async_async();")));
  EXPECT_THAT(text_of(*files, "bindings/t/t/i.cpp"), HasSubstr(".async(std::move(a));"));
}

TEST(GuestBindings, StandBesideTheHostWhereBothAreAsked) {
  const Wanted both{"", {.interfaces = {"t:t/i"}, .exports = {"t:t/i"}}};
  EXPECT_THAT(header_of("f: func();", both),
              AllOf(HasSubstr("class Host"), HasSubstr("class Guest")));
}

TEST(GuestBindings, RefuseResourcesOfTheGuest) {
  const Wanted exported{kResources, {.interfaces = {}, .exports = {"t:t/i"}}};
  EXPECT_THAT(header_of("resource thing; f: func(a: thing);", exported),
              HasSubstr("an exported interface that defines a resource, `thing`"));
}

TEST(GuestBindings, MoveOwnedHandles) {
  const auto files = generate(
      "package t:t; interface r { resource thing; }\n"
      "interface i { use r.{thing}; f: func(a: thing, b: u8, c: borrow<thing>); }",
      {"resource t:t/r.thing = app::Thing \"app/thing.h\"",
       {.interfaces = {"t:t/r"}, .exports = {"t:t/i"}}});
  ASSERT_TRUE(files.has_value()) << files.error().to_string();
  EXPECT_THAT(text_of(*files, "bindings/t/t/i.cpp"), HasSubstr("(std::move(a), b, c)"));
}

TEST(WorldBindings, AreAllInterfacesAndTheFunctionsOfTheWorld) {
  const auto files = generate(
      "package t:t@0.1.0; interface types { record r { a: u8 } }\n"
      "interface in { use types.{r}; f: func(a: r); } interface out { g: func(); }\n"
      "world w { use types.{r}; import in; import log: func(text: string); export out;\n"
      "export run: func(a: r) -> u8; export handle: async func(a: stream<u8>); }",
      {"", {.interfaces = {}, .worlds = {"t:t/w@0.1.0"}}});
  ASSERT_TRUE(files.has_value()) << files.error().to_string();
  const std::string header = text_of(*files, "bindings/t/t_0_1/w.h");
  EXPECT_THAT(header, AllOf(HasSubstr("#include \"bindings/t/t_0_1/in.h\""),
                            HasSubstr("#include \"bindings/t/t_0_1/types.h\""),
                            HasSubstr("virtual ::spindle::Result<void> log(std::string_view text)"),
                            HasSubstr("component/host/stream.h"),
                            HasSubstr("Task<::spindle::Result<void>> handle("),
                            HasSubstr("Result<uint8_t> run(const "
                                      "::spindle::bindings::t::t_0_1::types::R& a);")));
  EXPECT_THAT(text_of(*files, "bindings/t/t_0_1/w_bindings.cpp"),
              AllOf(HasSubstr("bindings/t/t_0_1/in.cpp"), HasSubstr("bindings/t/t_0_1/out.cpp"),
                    HasSubstr("bindings/t/t_0_1/w.cpp"), Not(HasSubstr("_bindings.cpp"))));
  EXPECT_THAT(text_of(*files, "bindings/t/t_0_1/in.h"),
              AllOf(HasSubstr("class Host"), Not(HasSubstr("class Guest"))));
  EXPECT_THAT(text_of(*files, "bindings/t/t_0_1/out.h"),
              AllOf(HasSubstr("class Guest"), Not(HasSubstr("class Host"))));
}

TEST(WorldBindings, RefuseWhatTheyCannotExpress) {
  struct Case {
    std::string_view items;
    std::string_view error;
  };
  const std::vector<Case> cases{
      {"import x: interface { f: func(); }", "the inline interface `x` are not supported"},
      {"record r { a: u8 } export run: func(a: r);", "bindings of a world's type"},
  };
  for (const Case& item : cases) {
    const auto files = generate(fmt::format("package t:t; world w {{ {} }}", item.items),
                                {"", {.interfaces = {}, .worlds = {"t:t/w"}}});
    EXPECT_THAT(files ? "none" : files.error().to_string(), HasSubstr(item.error)) << item.items;
  }
  EXPECT_EQ(
      generate("package t:t;", {"", {.interfaces = {}, .worlds = {"t:t/w"}}}).error().message(),
      "no world `t:t/w` in the WIT given");
}

// ---- the mapping file ----

TEST(Mapping, SaysTheLineThatIsWrong) {
  struct Case {
    std::string_view text;
    std::string_view error;
  };
  const std::vector<Case> cases{
      {"\n# fine\nresource a = b", "line 3: expected `resource INTERFACE.ITEM = CLASS \"HEADER\"`"},
      {"wait", "line 1: `wait` is not an entry"},
      {"wait here", "line 1: `here` is not an item"},
      {"wait a.", "line 1: `a.` is not an item"},
      {"wait .a", "line 1: `.a` is not an item"},
      {"wait a:b/c@1.0.0.d", "is not an item: expected `interface.item` or"},
      {"unsupported a:b/c io \"no end", "line 1: a string lacks its end"},
      {"frobnicate a b", "line 1: `frobnicate a b` is not an entry"},
      {std::string_view("wait a.b\0c d", 12), "line 1: "},
  };
  for (const Case& item : cases) {
    const auto mapping = parse_mapping(item.text);
    EXPECT_THAT(mapping ? "none" : mapping.error().to_string(), HasSubstr(item.error)) << item.text;
  }
}

TEST(Mapping, AnEntryMeansAVersionATrackOrAll) {
  const InterfaceIdentity streams{"wasi:io/streams@0.2.6", "wasi:io/streams@0.2"};
  for (std::string_view entry :
       {"wait wasi:io/streams.read", "wait wasi:io/streams@0.2#read",
        "wait wasi:io/streams@0.2.6#read  # why", "wait wasi:io/streams#read"}) {
    EXPECT_TRUE(parse_mapping(entry).value().may_wait(streams, "read")) << entry;
  }
  for (std::string_view entry : {"wait wasi:io/stream.read", "wait wasi:io/streams@0.3#read",
                                 "wait wasi:io/streams.write", "# wait wasi:io/streams.read"}) {
    EXPECT_FALSE(parse_mapping(entry).value().may_wait(streams, "read")) << entry;
  }
}

}  // namespace
}  // namespace spindle::bindgen
