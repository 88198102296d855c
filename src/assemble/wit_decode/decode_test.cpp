#include "assemble/wit_decode/decode.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "component/binary/decode.h"
#include "component/validate/validate.h"
#include "wasm/module.h"
#include "wit/load.h"
#include "wit/print.h"

namespace spindle::assemble {
namespace {

using testing::HasSubstr;

std::vector<uint8_t> binary(std::string_view text) {
  auto bytes = wasm::wat2wasm(text);
  if (!bytes) ADD_FAILURE() << bytes.error().to_string() << "\n" << text;
  return bytes ? std::move(bytes).value() : std::vector<uint8_t>();
}

Result<DecodedWit> decode(std::string_view text) {
  auto component = TRY(component::decode_component(component::SharedBytes::own(binary(text))));
  TRY(component::validate(component));
  return decode_wit(component);
}

// The text, after having checked that it parses to something that has the same text.
std::string checked_text(const wit::Resolve& resolve, wit::PackageId package) {
  auto text = wit::print_with_dependencies(resolve, package);
  auto again = wit::load_texts({{"decoded.wit", text}});
  if (!again) {
    ADD_FAILURE() << again.error().to_string() << "\n" << text;
    return text;
  }
  EXPECT_EQ(wit::print_with_dependencies(*again, again->roots().front()), text);
  return text;
}

std::string wit_of(std::string_view text) {
  auto decoded = decode(text);
  if (!decoded) return decoded.error().to_string();
  return checked_text(decoded->resolve, decoded->package);
}

void expect_wit(std::string_view text, std::string_view expected) {
  EXPECT_EQ(wit_of(text), expected) << text;
}

TEST(DecodeWit, NamesEveryValueType) {
  expect_wit(R"((component
    (import "a:b/types@1.0.0" (instance
      (type $r' (record (field "x" u32) (field "list" (list string))))
      (export "r" (type $r (eq $r')))
      (type $v' (variant (case "none") (case "one" $r)))
      (export "v" (type $v (eq $v')))
      (type $e' (enum "on" "off"))
      (export "e" (type $e (eq $e')))
      (type $f' (flags "read" "write"))
      (export "f" (type (eq $f')))
      (type $pair (tuple $r u8))
      (export "pair" (type (eq $pair)))
      (type $u64 u64)
      (export "size" (type $size (eq $u64)))
      (export "size-again" (type (eq $size)))
      (type $chars' (list char 4))
      (export "chars" (type $chars (eq $chars')))
      (type $maybe' (option (result (error $v))))
      (export "maybe" (type $maybe (eq $maybe')))
      (type $map (map string $maybe))
      (export "go" (func async (param "a" $chars) (param "b" $map) (param "c" (stream u8))
        (result (result error-context (error $e)))))
      (export "later" (func (result (future))))))) )",
             R"(package root:component;

world root {
  import a:b/types@1.0.0;
}

package a:b@1.0.0 {
  interface types {
    record r {
      x: u32,
      %list: list<string>,
    }

    variant v {
      none,
      one(r),
    }

    enum e {
      on,
      off,
    }

    flags f {
      read,
      write,
    }

    type pair = tuple<r, u8>;

    type size = u64;

    type size-again = size;

    type chars = list<char, 4>;

    type maybe = option<result<_, v>>;

    go: async func(a: chars, b: map<string, maybe>, c: stream<u8>) -> result<error-context, e>;

    later: func() -> future;
  }
}
)");
}

constexpr std::string_view kFiles = R"(
    (import "a:b/files" (instance $files
      (export "file" (type (sub resource)))
      (export "[constructor]file" (func (param "name" string) (result (own 0))))
      (export "[method]file.read" (func (param "self" (borrow 0)) (result string)))
      (export "[static]file.join" (func (param "a" (own 0)) (param "b" (borrow 0))
        (result (own 0))))))
    (alias export $files "file" (type $file)))";

TEST(DecodeWit, GivesResourcesTheirFunctions) {
  expect_wit(fmt::format("(component {})", kFiles), R"(package root:component;

world root {
  import a:b/files;
}

package a:b {
  interface files {
    resource file {
      constructor(name: string);
      read: func() -> string;
      join: static func(a: file, b: borrow<file>) -> file;
    }
  }
}
)");
}

TEST(DecodeWit, TurnsSharedTypesIntoUse) {
  expect_wit(fmt::format(R"((component {}
    (import "a:b/disk" (instance
      (alias outer 1 $file (type))
      (export "file" (type (eq 0)))
      (export "f" (type (eq 0)))
      (export "open" (func (result (own 1))))
      (export "close" (func (param "f" (own 2))))))
    (import "handle" (type $handle (eq $file)))
    (import "take" (func (param "h" (own $handle)))))
    )",
                         kFiles),
             R"(package root:component;

world root {
  import a:b/files;
  import a:b/disk;
  use a:b/files.{file as handle};
  import take: func(h: handle);
}

package a:b {
  interface files {
    resource file {
      constructor(name: string);
      read: func() -> string;
      join: static func(a: file, b: borrow<file>) -> file;
    }
  }
  interface disk {
    use files.{file, file as f};

    open: func() -> file;

    close: func(f: f);
  }
}
)");
}

TEST(DecodeWit, AddsTheUseThatASignatureLacks) {
  // `other` mentions the resource without exporting a name for it.
  auto text = wit_of(fmt::format(R"((component {}
    (import "other" (instance
      (alias outer 1 $file (type))
      (export "file" (func (param "f" (borrow 0)))))))
    )",
                                 kFiles));
  EXPECT_THAT(text, HasSubstr(R"(  import other: interface {
    use a:b/files.{file as file-2};

    file: func(f: borrow<file-2>);
  })"));
}

// As wit-component makes them: an inner component gives lifted functions the types of the
// interface.
constexpr std::string_view kExporter = R"((component
  (import "a:b/types" (instance $types
    (type (record (field "x" u32)))
    (export "r" (type (eq 0)))))
  (alias export $types "r" (type $r))
  (core module $m (func (export "f") (param i32)))
  (core instance $m (instantiate $m))
  (type $f (func (param "r" $r)))
  (func $lifted (type $f) (canon lift (core func $m "f")))
  (component $shim
    (type (record (field "x" u32)))
    (import "import-type-r" (type $imported (eq 0)))
    (type $inner (func (param "r" $imported)))
    (import "import-func-f" (func $func (type $inner)))
    (export $named "r" (type $imported))
    (type $outer (func (param "r" $named)))
    (export "f" (func $func) (func (type $outer))))
  (instance $shim (instantiate $shim
    (with "import-type-r" (type $r)) (with "import-func-f" (func $lifted))))
  (export "a:b/api@2.0.0" (instance $shim))
  (export "run" (func $lifted))
  (instance $inline (export "f" (func $lifted)))
  (export "inline" (instance $inline))))";

TEST(DecodeWit, SeesThroughNestedInstantiations) {
  EXPECT_THAT(wit_of(kExporter), HasSubstr(R"(
  export a:b/api@2.0.0;
  export run: func(r: r);
  export inline: interface {
    use a:b/types.{r};

    f: func(r: r);
  }
}
)"));
  EXPECT_THAT(wit_of(kExporter), HasSubstr(R"(
  interface api {
    use a:b/types.{r};

    f: func(r: r);
  }
)"));
}

TEST(DecodeWit, UnitesTheImportAndTheExportOfAnInterface) {
  auto text = wit_of(R"((component
    (import "a:b/log" (instance $log (export "write" (func (param "line" string)))))
    (alias export $log "write" (func $write))
    (core module $m (func (export "level") (param i32)))
    (core instance $m (instantiate $m))
    (func $level (param "n" u32) (canon lift (core func $m "level")))
    (instance $both (export "level" (func $level)))
    (export "a:b/log" (instance $both))))");
  EXPECT_THAT(text, HasSubstr("  import a:b/log;\n\n  export a:b/log;\n"));
  EXPECT_THAT(text, HasSubstr("    write: func(line: string);\n\n    level: func(n: u32);\n"));
}

TEST(DecodeWit, KeepsThePlainNameOfAnImportThatImplementsAnInterface) {
  EXPECT_THAT(wit_of(R"((component
    (import "primary" (implements "a:b/store@1.2.0") (instance (export "get" (func))))
    (import "backup" (implements "a:b/store@1.2.0") (instance (export "get" (func))))))"),
              HasSubstr("  import primary: a:b/store@1.2.0;\n  import backup: a:b/store@1.2.0;\n"));
}

// Declarators of an interface, and of a world that uses it.
constexpr std::string_view kTypes = R"(
  (type (record (field "x" u32))) (export "r" (type (eq 0)))
  (export "res" (type (sub resource))) (export "[constructor]res" (func (result (own 2)))))";

std::string world_declarators() {
  return fmt::format(R"(
    (import "a:b/types@1.0.0" (instance $t {0}))
    (alias export $t "r" (type $r))
    (import "r" (type $named (eq $r)))
    (import "f" (func (param "r" $named)))
    (export "a:b/types@1.0.0" (instance {0})))",
                     kTypes);
}

constexpr std::string_view kPackage = R"(package a:b@1.0.0;

interface types {
  record r {
    x: u32,
  }

  resource res {
    constructor();
  }
}

world w {
  import types;
  use types.{r};
  import f: func(r: r);

  export types;
}
)";

TEST(DecodeWit, ReadsAPackageWithOneExportForEachItem) {
  expect_wit(fmt::format(R"((component
    (type $t (component (export "a:b/types@1.0.0" (instance {}))))
    (export "types" (type $t))
    (type $w (component (export "a:b/w@1.0.0" (component {}))))
    (export "w" (type $w))))",
                         kTypes, world_declarators()),
             kPackage);
}

TEST(DecodeWit, ReadsAPackageInOneExport) {
  expect_wit(fmt::format(R"((component
    (type $p (component
      (export "a:b/types@1.0.0" (instance {}))
      (export "a:b/w@1.0.0" (component {}))))
    (export "a:b/wit" (type $p))))",
                         kTypes, world_declarators()),
             kPackage);
}

TEST(DecodeWit, SaysWhatWitCannotExpress) {
  constexpr std::pair<std::string_view, std::string_view> kCases[] = {
      {R"((component (import "m" (core module))))",
       "import `m`: `m` is a core module, which WIT cannot express"},
      {R"((component (type $r (resource (rep i32))) (export "r" (type $r))))",
       "export `r`: `r` is an exported type, which WIT cannot express"},
      {R"((component (import "i" (instance (export "j" (instance))))))",
       "import `i`: `j` is an instance in an interface, which WIT cannot express"},
  };
  for (auto [text, expected] : kCases) {
    auto decoded = decode(text);
    ASSERT_FALSE(decoded.has_value()) << text;
    EXPECT_EQ(decoded.error().to_string(), expected);
    EXPECT_EQ(decoded.error().kind(), ErrorKind::NotSupported);
  }
}

TEST(DecodeWit, RefusesOneInterfaceWithTwoMeanings) {
  auto decoded = decode(R"((component
    (import "x" (implements "a:b/c") (instance (export "f" (func (param "a" u8)))))
    (import "y" (implements "a:b/c") (instance (export "f" (func (param "a" u16)))))))");
  ASSERT_FALSE(decoded.has_value());
  EXPECT_THAT(decoded.error().to_string(), HasSubstr("function `f` has two different definitions"));
}

TEST(DecodeWit, StopsWhereInstantiationsMultiply) {
  // Each component instantiates the one before it four times.
  std::string text = "(component $c0 (type u8) (export \"t\" (type 0)))";
  for (int i = 1; i <= 20; ++i) {
    text = fmt::format("(component $c{0} {1} {2})", i, text,
                       fmt::format("(instance (instantiate $c{0})) (instance (instantiate $c{0})) "
                                   "(instance (instantiate $c{0})) (instance (instantiate $c{0}))",
                                   i - 1));
  }
  auto decoded = decode(text);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_THAT(decoded.error().message(), HasSubstr("steps"));
}

TEST(DecodeWit, StopsWhereTypesMultiply) {
  // 2^18 types when one signature is written out; forty such functions are too many.
  std::string types = "(type u8)";
  for (int i = 0; i < 17; ++i) types += fmt::format("(type (tuple {0} {0}))", i);
  std::string functions;
  for (int i = 0; i < 40; ++i) {
    functions +=
        fmt::format("(type (list {})) (export \"f{}\" (func (param \"a\" {})))", 17, i, 18 + 2 * i);
  }
  auto decoded =
      decode(fmt::format("(component (import \"i\" (instance {} {})))", types, functions));
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().kind(), ErrorKind::LimitExceeded);
}

TEST(DecodeWit, StopsWhereTypesNestTooDeepForText) {
  std::string types = "(type (list u8))";
  for (int i = 0; i < 80; ++i) types += fmt::format("(type (list {}))", i);
  auto decoded = decode(fmt::format(
      "(component (import \"i\" (instance {} (export \"f\" (func (param \"a\" 80)))))) ", types));
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().kind(), ErrorKind::LimitExceeded);
}

// A core module with the given `component-type` sections.
std::vector<uint8_t> module_with(const std::vector<std::vector<uint8_t>>& sections) {
  constexpr uint8_t kPreamble[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  ByteWriter module;
  module.bytes(kPreamble);
  for (size_t i = 0; i < sections.size(); ++i) {
    ByteWriter custom;
    custom.name(i == 0 ? "component-type" : fmt::format("component-type:part-{}", i));
    custom.bytes(sections[i]);
    module.section(0, custom);
  }
  ByteWriter other;
  other.name("component-types");
  module.section(0, other);
  return module.take();
}

std::vector<uint8_t> section_of(std::string_view name, std::string_view declarators,
                                std::string_view encoding = "\\04\\00") {
  return binary(fmt::format(R"((component
    (@custom "wit-component-encoding" "{}")
    (type (component (export "{}" (component {}))))
    (export "w" (type 0))))",
                            encoding, name, declarators));
}

Result<ModuleWorld> decode_module(const std::vector<std::vector<uint8_t>>& parts) {
  auto module = module_with(parts);
  auto sections = TRY(component_type_sections(module));
  EXPECT_EQ(sections.size(), parts.size());
  return decode_component_types(sections);
}

TEST(DecodeComponentTypes, ReadsTheWorldOfAModule) {
  auto decoded = decode_module({section_of("a:b/w@1.0.0", world_declarators(), "\\04\\02")});
  ASSERT_TRUE(decoded.has_value()) << decoded.error().to_string();
  EXPECT_EQ(decoded->encoding, component::StringEncoding::Latin1OrUtf16);
  auto package = decoded->resolve.world(decoded->world).package;
  EXPECT_EQ(checked_text(decoded->resolve, package), R"(package root:root;

world root {
  import a:b/types@1.0.0;
  use a:b/types@1.0.0.{r};
  import f: func(r: r);

  export a:b/types@1.0.0;
}

package a:b@1.0.0 {
  interface types {
    record r {
      x: u32,
    }

    resource res {
      constructor();
    }
  }
}
)");
}

TEST(DecodeComponentTypes, UnitesTheWorldsOfSeveralSections) {
  auto decoded = decode_module({
      section_of("a:b/one", R"((import "a:b/log" (instance (export "write" (func))))
                               (import "f" (func)))"),
      section_of("c:d/two", R"((import "a:b/log" (instance (export "level" (func))))
                               (import "f" (func)) (export "run" (func)))"),
  });
  ASSERT_TRUE(decoded.has_value()) << decoded.error().to_string();
  auto package = decoded->resolve.world(decoded->world).package;
  EXPECT_EQ(checked_text(decoded->resolve, package), R"(package root:root;

world root {
  import a:b/log;
  import f: func();

  export run: func();
}

package a:b {
  interface log {
    write: func();

    level: func();
  }
}
)");
}

TEST(DecodeComponentTypes, RefusesWhatContradictsItself) {
  auto imports = [](std::string_view type) {
    return fmt::format("(import \"f\" (func (param \"a\" {})))", type);
  };
  auto conflict =
      decode_module({section_of("a:b/w", imports("u8")), section_of("a:b/w", imports("s8"))});
  ASSERT_FALSE(conflict.has_value());
  EXPECT_THAT(conflict.error().to_string(),
              HasSubstr("section `component-type` number 1: import `f`: function `f` has two"));

  auto encodings = decode_module({section_of("a:b/w", ""), section_of("a:b/w", "", "\\04\\01")});
  ASSERT_FALSE(encodings.has_value());
  EXPECT_THAT(encodings.error().to_string(), HasSubstr("different string encodings"));
}

TEST(DecodeComponentTypes, RefusesWhatIsNotOneWorld) {
  const std::pair<std::vector<uint8_t>, std::string_view> kCases[] = {
      {binary("(component)"), "expected one exported component type"},
      {binary("(component (type (component)) (export \"w\" (type 0)))"),
       "expected one exported component, the world"},
      {binary("(module)"), "older than version 4"},
      {{}, "older than version 4"},
      {section_of("a:b/w", "", "\\03\\00"), "version 3 of the encoding, expected 4"},
      {section_of("a:b/w", "", "\\04\\07"), "unknown string encoding 7"},
      {section_of("a:b/w", "", "\\04"), "of two bytes"},
  };
  for (const auto& [section, expected] : kCases) {
    auto decoded = decode_module({section});
    ASSERT_FALSE(decoded.has_value()) << expected;
    EXPECT_THAT(decoded.error().to_string(), HasSubstr(expected));
  }
}

TEST(DecodeComponentTypes, SurvivesEveryTruncation) {
  auto module = module_with({section_of("a:b/w@1.0.0", world_declarators())});
  for (size_t length = 0; length < module.size(); ++length) {
    auto sections = component_type_sections(std::span(module).first(length));
    if (sections && !sections->empty()) EXPECT_TRUE(decode_component_types(*sections).has_value());
  }
  auto section = section_of("a:b/w@1.0.0", world_declarators());
  for (size_t length = 0; length < section.size(); ++length) {
    std::span<const uint8_t> part = std::span(section).first(length);
    EXPECT_FALSE(decode_component_types(std::span(&part, 1)).has_value()) << length;
  }
}

}  // namespace
}  // namespace spindle::assemble
