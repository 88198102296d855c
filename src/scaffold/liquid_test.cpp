#include "scaffold/liquid.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spindle::scaffold {
namespace {

using testing::HasSubstr;

const LiquidValues kValues = {{"name", "my-shop Front"},
                              {"route", "/a"},
                              {"empty", ""},
                              {"list", "a,b,c"},
                              {"project-name", "p"}};

Result<std::string> rendered(std::string_view text) {
  auto parsed = TRY(Liquid::parse(text));
  Liquid::Partials partials;
  partials.emplace("part", Liquid::parse("<{{ name | downcase }}>").value());
  partials.emplace("self", Liquid::parse("{% include 'self' %}").value());
  return parsed.render(kValues, partials);
}

struct Good {
  std::string_view text;
  std::string_view expected;
};

TEST(Liquid, Renders) {
  const Good cases[] = {
      {"", ""},
      {"plain { text } %}", "plain { text } %}"},
      {"{{name}} {{ 'x' }} {{ 7 }} {{ -2 }} {{ true }}{{ nil }}", "my-shop Front x 7 -2 true"},
      {"{{ name | kebab_case }} {{name|snake_case}}", "my-shop-front my_shop_front"},
      {"{{ name | pascal_case | append: '!' | upcase }}", "MYSHOPFRONT!"},
      {"{{ route | http_wildcard }} {{ 'a.b-c' | dotted_pascal_case }}", "/a/... A.BC"},
      {"{{ 'a-b-a' | replace: 'a', \"x\" }} {{ 'aa' | replace_first: 'a', '' }}", "x-b-x a"},
      {"{{ 'aba' | remove: 'a' }} {{ empty | default: 'd' }} {{ 'b' | default: 'd' }}", "b d b"},
      {"{{ ' x ' | strip }}{{ ' x' | lstrip }}{{ 'x ' | rstrip }}{{ 'abc' | capitalize }}",
       "xxxAbc"},
      {"{{ '}}' }}", "}}"},
      {"{% if name %}y{% else %}n{% endif %}", "y"},
      {"{% if none %}y{% elsif empty == '' %}e{% else %}n{% endif %}", "e"},
      {"{% unless none %}y{% endunless %}{% unless name %}n{% else %}m{% endunless %}", "ym"},
      {"{% if name contains 'shop' and none or name %}y{% endif %}", "y"},
      {"{% if false and false or true %}y{% else %}n{% endif %}", "n"},
      {"{% if 1 < 2 %}a{% endif %}{% if 2 <= 1 %}b{% endif %}{% if 1 != '1' %}c{% endif %}", "ac"},
      {"{% case route %}\n{% when '/b' %}b{% when '/x', '/a' %}a{% else %}e{% endcase %}", "a"},
      {"{% case route %}{% when '/b' %}b{% else %}e{% endcase %}", "e"},
      {"{% assign x = name | size %}{{ x }}", "13"},
      {"{% capture x %}[{{ route }}]{% endcapture %}{{ x }}{{ x }}", "[/a][/a]"},
      {"{% assign l = list | split: ',' %}{% for i in l %}{{ i }};{% endfor %}{{ l | join: '-' }}",
       "a;b;c;a-b-c"},
      {"a{% comment %}{{ nothing }}{% if %}{% endcomment %}b", "ab"},
      {"{% raw %}{{ name }}{% if %}{% endraw %}", "{{ name }}{% if %}"},
      {"a \n {{- name -}} \n b", "amy-shop Frontb"},
      {"a {%- if name -%} b {%- endif -%} c", "abc"},
      {"{% include 'part' %}{% render \"part\" %}", "<my-shop front><my-shop front>"},
      {"{{ project-name }}", "p"},
  };
  for (const auto& [text, expected] : cases) {
    auto made = rendered(text);
    ASSERT_TRUE(made.has_value()) << text << ": " << made.error().to_string();
    EXPECT_EQ(made.value(), expected) << text;
  }
}

TEST(Liquid, RefusesWithTheRightKind) {
  struct Bad {
    std::string_view text;
    ErrorKind kind;
    std::string_view says;
  };
  using enum ErrorKind;
  const Bad cases[] = {
      {"{{ name", InvalidInput, "not closed"},
      {"\n{% if name %}", InvalidInput, "line 2"},
      {"{% endif %}", InvalidInput, "closes nothing"},
      {"{% if a %}{% endunless %}", InvalidInput, "endif"},
      {"{% raw %}", InvalidInput, "endraw"},
      {"{{ }}", InvalidInput, "expected a value"},
      {"{{ a b }}", InvalidInput, "unexpected `b`"},
      {"{{ 'a }}", InvalidInput, "not closed"},
      {"{{ & }}", InvalidInput, "unexpected `&`"},
      {"{{ 99999999999999999999 }}", InvalidInput, "number"},
      {"{% frobnicate %}", InvalidInput, "unknown tag"},
      {"{% for a of b %}", InvalidInput, "`in`"},
      {"{% for a in name %}{% endfor %}", InvalidInput, "split"},
      {"{{ name | append }}", InvalidInput, "takes 1"},
      {"{{ none }}", NotFound, "`none`"},
      {"{% include 'nothing' %}", NotFound, "`nothing`"},
      {"{{ name | shout }}", NotSupported, "`shout`"},
      {"{% tablerow a %}", NotSupported, "`tablerow`"},
      {"{{ forloop.last }}", NotSupported, "`forloop`"},
      {"{% include 'self' %}", LimitExceeded, "include"},
  };
  for (const auto& [text, kind, says] : cases) {
    auto made = rendered(text);
    ASSERT_FALSE(made.has_value()) << text;
    EXPECT_EQ(made.error().kind(), kind) << text << made.error().to_string();
    EXPECT_THAT(made.error().to_string(), HasSubstr(std::string(says))) << text;
  }
}

TEST(Liquid, LimitsWhatATemplateMayCost) {
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{% if name %}";
  EXPECT_EQ(rendered(deep).error().kind(), ErrorKind::LimitExceeded);

  std::string doubling = "{% assign x = 'xxxxxxxx' %}";
  for (int i = 0; i < 64; ++i) doubling += "{% assign x = x | append: x %}";
  EXPECT_EQ(rendered(doubling).error().kind(), ErrorKind::LimitExceeded);

  std::string list(1000, ',');
  std::string loops = fmt::format("{{% assign l = '{}' | split: ',' %}}", list);
  loops +=
      "{% for a in l %}{% for b in l %}{% for c in l %}{{ a }}{% endfor %}{% endfor %}{% endfor %}";
  EXPECT_EQ(rendered(loops).error().kind(), ErrorKind::LimitExceeded);

  EXPECT_EQ(rendered(std::string(kMaxLiquidBytes + 1, 'x')).error().kind(),
            ErrorKind::LimitExceeded);
  std::string conditions = "{% if a";
  for (int i = 0; i < 100'000; ++i) conditions += " or a";
  EXPECT_EQ(rendered(conditions + " %}x{% endif %}").value(), "");
}

TEST(Liquid, EndsOnEveryPrefix) {
  const std::string text =
      "{% if a == 'b' %}{{- name | append: \"x\" -}}{% elsif b %}{% case c %}{% when 1, 2 %}"
      "{% endcase %}{% endif %}{% assign l = list | split: ',' %}{% for i in l %}{{ i }}{% endfor "
      "%}"
      "{% raw %}{{ }}{% endraw %}{% comment %} {% endcomment %}";
  for (size_t size = 0; size <= text.size(); ++size) (void)rendered(text.substr(0, size));
}

}  // namespace
}  // namespace spindle::scaffold
