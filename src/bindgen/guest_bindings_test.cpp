#include "bindgen/guest_bindings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wit/load.h"

// That generated code compiles and works is tested in test/cpp; here is what it looks like, and
// what is refused.

namespace spindle::bindgen {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Result<std::vector<GeneratedFile>> generate(const std::string& text) {
  const wit::Resolve resolve = TRY(wit::load_texts({{"world.wit", text}}));
  return generate_guest_bindings(resolve,
                                 GuestOptions{*resolve.find_world("a:b/w"), "bindings", {}});
}

std::string header_of(const std::string& text) {
  auto files = generate(text);
  return files ? files.value().at(0).text : "error: " + files.error().to_string();
}

std::string source_of(const std::string& text) {
  auto files = generate(text);
  return files ? files.value().at(1).text : "error: " + files.error().to_string();
}

struct Declared {
  const char* items;
  const char* expected;
};

TEST(GuestCode, DeclareImports) {
  const Declared cases[] = {
      {"import f: func(a: string) -> string;", "std::string f(std::string_view a);"},
      {"import f: func(a: list<u16>, b: list<bool>);",
       "void f(std::span<const uint16_t> a, const std::vector<bool>& b);"},
      {"import f: func() -> result<u32>;", "std::expected<uint32_t, std::monostate> f();"},
      {"import f: func() -> result;", "std::expected<void, std::monostate> f();"},
      {"import f: func(a: option<tuple<u8, char>>);",
       "void f(const std::optional<std::tuple<uint8_t, char32_t>>& a);"},
      {"resource r; import f: func(a: r, b: borrow<r>, c: list<r>);",
       "void f(R a, const R& b, std::vector<R> c);"},
      {"resource r { constructor(a: u8); get: func() -> u8; s: static func() -> r; }",
       "  explicit R(uint8_t a);\n  uint8_t get() const;\n  static R s();\n"},
      {"resource r { constructor() -> result<r, string>; }",
       "  static std::expected<R, std::string> create();\n"},
      {"import f: async func(a: string) -> u8;", "::spindle::Task<uint8_t> f(std::string a);"},
      {"import f: func() -> tuple<stream<u8>, future>;",
       "std::tuple<::spindle::Stream<uint8_t>, ::spindle::Future<void>> f();"},
      {"import class: func(new: u8);", "void class_(uint8_t new_);"},
  };
  for (const Declared& test : cases) {
    EXPECT_THAT(header_of(std::string("package a:b; world w { ") + test.items + " }"),
                HasSubstr(test.expected))
        << test.items;
  }
}

TEST(GuestCode, DeclareExportsToDefine) {
  const std::string header = header_of(
      "package a:b; interface i { resource r { constructor(a: string); get: func() -> string; }\n"
      "f: func(a: r, b: borrow<r>, c: list<string>) -> r; } world w { export i; }");
  EXPECT_THAT(header, HasSubstr("namespace bindings::exports::a::b::i {"));
  EXPECT_THAT(header, HasSubstr("  virtual std::string get() = 0;"));
  EXPECT_THAT(header, HasSubstr("  static std::unique_ptr<R> make(std::string a);"));
  EXPECT_THAT(header, HasSubstr("::spindle::abi::Own<R> f(::spindle::abi::Own<R> a, R& b, "
                                "std::vector<std::string> c);"));
}

TEST(GuestCode, NameCoreFunctions) {
  const std::string source = source_of(
      "package a:b@1.2.3; interface i { resource r { get: func() -> string; } f: async func(); }\n"
      "world w { import i; export i; import g: func(a: u64, b: f32); export h: func() -> f64; }");
  for (const char* expected : {
           R"(import_module("a:b/i@1.2.3"), import_name("[method]r.get"))",
           R"(import_module("a:b/i@1.2.3"), import_name("[resource-drop]r"))",
           R"(import_module("a:b/i@1.2.3"), import_name("[async-lower]f"))",
           R"(import_module("$root"), import_name("g"))",
           "void g(int64_t, float);",
           R"(import_module("[export]a:b/i@1.2.3"), import_name("[resource-new]r"))",
           R"(import_module("[export]a:b/i@1.2.3"), import_name("[task-return]f"))",
           R"(export_name("a:b/i@1.2.3#[method]r.get"))",
           R"(export_name("a:b/i@1.2.3#[dtor]r"))",
           R"(export_name("cabi_post_a:b/i@1.2.3#[method]r.get"))",
           R"(export_name("[async-lift]a:b/i@1.2.3#f"))",
           R"(export_name("[callback][async-lift]a:b/i@1.2.3#f"))",
           R"(export_name("h"))",
           "double h() {",
       }) {
    EXPECT_THAT(source, HasSubstr(expected));
  }
}

TEST(GuestCode, JoinTheCasesOfVariants) {
  const std::string source = source_of(
      "package a:b; world w { variant v { a(f32), b(u32), c(string), d(f64) }\n"
      "import f: func(a: v, b: result<f32, f64>, c: option<s64>); }");
  EXPECT_THAT(source,
              HasSubstr("void f(int32_t, int64_t, int32_t, int32_t, int64_t, int32_t, int64_t);"));
}

TEST(GuestCode, SpillParametersAndResults) {
  const std::string source = source_of(
      "package a:b; world w { type t = tuple<u64, u64, u64, u64, u64, u64, u64, u64, u64>;\n"
      "import f: func(a: t, b: t) -> t; import g: async func(a: string, b: string) -> u8;\n"
      "import h: async func(a: string, b: string, c: u8); }");
  EXPECT_THAT(source, HasSubstr("void f(int32_t, int32_t);"));
  EXPECT_THAT(source, HasSubstr("int32_t g(int32_t, int32_t, int32_t, int32_t, int32_t);"));
  EXPECT_THAT(source, HasSubstr("int32_t h(int32_t);"));
}

TEST(GuestCode, GiveExportsTypesOfTheirOwn) {
  const std::string header = header_of(
      "package a:b; interface t { record r { a: u8 } }\n"
      "interface i { use t.{r}; f: func(a: r); }\n"
      "world w { import t; import i; export i; }");
  EXPECT_THAT(header, HasSubstr("namespace bindings::exports::a::b::i"));
  // `t` is not exported, so what `i` exports takes the imported one.
  EXPECT_THAT(header, Not(HasSubstr("namespace bindings::exports::a::b::t")));
  EXPECT_THAT(header, HasSubstr("void f(::bindings::a::b::t::R a);"));
  EXPECT_THAT(header, HasSubstr("void f(const ::bindings::a::b::t::R& a);"));
}

TEST(GuestCode, PutTheWorldIntoASection) {
  const wit::Resolve resolve = wit::load_texts({{"world.wit", "package a:b; world w {}"}}).value();
  const uint8_t bytes[] = {1, 2, 255};
  const auto files = generate_guest_bindings(
      resolve, GuestOptions{*resolve.find_world("a:b/w"), "bindings", bytes});
  EXPECT_THAT(files.value().at(1).text,
              HasSubstr(".section \\\".custom_section.component-type:a:b/w:bindings\\\""));
  EXPECT_THAT(files.value().at(1).text, HasSubstr(".byte 1,2,255\\n"));
}

TEST(GuestCode, RefuseWhatTheyCannotExpress) {
  const Declared cases[] = {
      {"import f: func(a: list<u8, 4>);", "fixed-length lists are not supported"},
      {"import f: func(a: error-context);", "error-context are not supported"},
      {"record a-b { x: u8 } enum a-B { x }", "would both be `AB` in C++"},
  };
  for (const Declared& test : cases) {
    EXPECT_THAT(header_of(std::string("package a:b; world w { ") + test.items + " }"),
                HasSubstr(test.expected))
        << test.items;
  }
}

}  // namespace
}  // namespace spindle::bindgen
