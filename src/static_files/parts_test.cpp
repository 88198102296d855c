#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "static_files/byte_ranges.h"
#include "static_files/conditions.h"
#include "static_files/content_coding.h"
#include "static_files/http_date.h"
#include "static_files/list_header.h"
#include "static_files/media_type.h"

namespace spindle::static_files {
namespace {

TEST(MediaType, IsThatOfTheLastExtension) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"index.html", "text/html; charset=utf-8"},
      {"a/b.min.JS", "text/javascript; charset=utf-8"},
      {"a.b/c", "application/octet-stream"},
      {"c.", "application/octet-stream"},
      {"", "application/octet-stream"},
      {".html", "text/html; charset=utf-8"},
      {"app.wasm", "application/wasm"},
      {"a.7z", "application/x-7z-compressed"},
      {"a.zst", "application/zstd"},
      {"a.unknown", "application/octet-stream"},
      {"a.htmlhtmlhtmlhtmlhtml", "application/octet-stream"},
  };
  for (const auto& [path, type] : cases) EXPECT_EQ(media_type(path), type) << path;
}

TEST(HttpDate, IsReadInAllThreeForms) {
  constexpr int64_t kExample = 784111777;
  EXPECT_EQ(format_http_date(kExample), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(format_http_date(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kExample);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), kExample);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), kExample);
  for (int64_t time : {int64_t{0}, int64_t{951782400}, int64_t{4102444799}}) {
    EXPECT_EQ(parse_http_date(format_http_date(time)), time);
  }
}

TEST(HttpDate, IsNothingWhereItIsMalformed) {
  const std::string_view whole = "Sun, 06 Nov 1994 08:49:37 GMT";
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(parse_http_date(whole.substr(0, size)), std::nullopt) << size;
  }
  for (std::string_view text :
       {"Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "0", "now", " ", ", ",
        "Sun, -6 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 199"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

TEST(ListHeader, SeparatesItemsButNotInQuotes) {
  ListHeader list(" a ,, \"b, c\" ,\t,d;e=\"f,\"");
  EXPECT_EQ(list.next(), "a");
  EXPECT_EQ(list.next(), "\"b, c\"");
  EXPECT_EQ(list.next(), "d;e=\"f,\"");
  EXPECT_EQ(list.next(), std::nullopt);
  EXPECT_EQ(ListHeader(", ,").next(), std::nullopt);
  EXPECT_EQ(ListHeader("\"open, end").next(), "\"open, end");
}

// `first+length` of each, `all` or `none`.
std::string ranges(std::string_view header, uint64_t size) {
  const auto parsed = parse_ranges(header, size);
  if (!parsed) return "all";
  if (parsed->empty()) return "none";
  std::string text;
  for (const ByteRange& range : *parsed) {
    text += (text.empty() ? "" : ",") + std::to_string(range.first) + "+" +
            std::to_string(range.length);
  }
  return text;
}

TEST(ByteRanges, AreThoseInTheFile) {
  struct Case {
    std::string_view header;
    uint64_t size;
    std::string_view ranges;
  };
  const std::vector<Case> cases{
      {"bytes=0-0", 10, "0+1"},
      {"bytes=2-5", 10, "2+4"},
      {"Bytes=2-5", 10, "2+4"},
      {"bytes=5-", 10, "5+5"},
      {"bytes=-3", 10, "7+3"},
      {"bytes=-30", 10, "0+10"},
      {"bytes=0-99", 10, "0+10"},
      {"bytes=0-18446744073709551615", 10, "0+10"},
      {"bytes=9-9", 10, "9+1"},
      {"bytes=0-0, 9-9", 10, "0+1,9+1"},
      {"bytes=9-9,0-0", 10, "9+1,0+1"},
      {"bytes=0-1,20-30", 10, "0+2"},
      {"bytes=10-", 10, "none"},
      {"bytes=-0", 10, "none"},
      {"bytes=0-", 0, "none"},
      {"bytes=-5", 0, "none"},
      {"bytes=20-30,40-", 10, "none"},
      {"bytes=0-9,0-9", 10, "all"},
      {"bytes=0-5,4-9", 10, "all"},
      {"bytes=", 10, "all"},
      {"bytes=,", 10, "all"},
      {"bytes=-", 10, "all"},
      {"bytes=5-2", 10, "all"},
      {"bytes=a-b", 10, "all"},
      {"bytes=1-b", 10, "all"},
      {"bytes=1 - 2", 10, "all"},
      {"bytes=0-0,x", 10, "all"},
      {"bytes=--1", 10, "all"},
      {"bytes=99999999999999999999-", 10, "all"},
      {"lines=0-1", 10, "all"},
      {"bytes", 10, "all"},
      {"", 10, "all"},
  };
  for (const auto& each : cases)
    EXPECT_EQ(ranges(each.header, each.size), each.ranges) << each.header;
}

TEST(ByteRanges, AreNotManyAtOnce) {
  std::string header = "bytes=0-0";
  for (size_t i = 1; i < kRangesMax; ++i) header += ",0-0";
  EXPECT_EQ(parse_ranges(header, 1000)->size(), kRangesMax);
  EXPECT_EQ(ranges(header + ",0-0", 1000), "all");
}

TEST(Coding, IsTheOneThatTheClientLikesBest) {
  constexpr std::array kAll = {Coding::Brotli, Coding::Zstd, Coding::Gzip};
  struct Case {
    std::string_view accept;
    Coding coding;
  };
  const std::vector<Case> cases{
      {"", Coding::Identity},
      {"gzip", Coding::Gzip},
      {"x-gzip", Coding::Gzip},
      {"GZIP", Coding::Gzip},
      {"gzip, deflate, br, zstd", Coding::Brotli},
      {"gzip, zstd", Coding::Zstd},
      {"gzip;q=1, br;q=0.9", Coding::Gzip},
      {"gzip;q=0.801,br;q=0.8", Coding::Gzip},
      {"br;q=0, gzip", Coding::Gzip},
      {"br;q=0", Coding::Identity},
      {"*", Coding::Brotli},
      {"*;q=0", Coding::Identity},
      {"br;q=0, *", Coding::Zstd},
      {"*;q=0.1, gzip;q=0.2", Coding::Gzip},
      {"identity;q=1, gzip;q=0.5", Coding::Identity},
      {"identity, gzip", Coding::Gzip},
      {"identity;q=0", Coding::Identity},
      {"identity;q=1, *;q=0", Coding::Identity},
      {"gzip ; q=0.5 , br ; Q=0.4", Coding::Gzip},
      {"gzip;q=1.5", Coding::Identity},
      {"gzip;q=", Coding::Identity},
      {"gzip;q=0.1234", Coding::Identity},
      {"gzip;q=-1", Coding::Identity},
      {"gzip;level=1", Coding::Identity},
      {";q=1,,;", Coding::Identity},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(choose_coding(each.accept, kAll), each.coding) << each.accept;
  }
  constexpr std::array kGzip = {Coding::Gzip};
  EXPECT_EQ(choose_coding("br, gzip;q=0.1", kGzip), Coding::Gzip);
  EXPECT_EQ(choose_coding("br", kGzip), Coding::Identity);
  EXPECT_EQ(choose_coding("br", {}), Coding::Identity);
}

// What a request with these headers gets of ten bytes with the tag "tag".
std::string decision(std::vector<http::Header> headers, http::Method method = http::Method::Get) {
  http::RequestHead head;
  head.method = method;
  head.headers = headers;
  FoundFile file;
  file.size = 10;
  file.modified = 784111777;
  file.etag = "\"tag\"";
  const Decision made = decide(head, file);
  switch (made.kind) {
    case Decision::Kind::Whole: return "200";
    case Decision::Kind::Parts: return "206:" + std::to_string(made.parts.size());
    case Decision::Kind::NotModified: return "304";
    case Decision::Kind::PreconditionFailed: return "412";
    case Decision::Kind::OutOfRange: return "416";
  }
  return "none";
}

TEST(Conditions, DecideInTheOrderOfTheRfc) {
  constexpr std::string_view kThen = "Sun, 06 Nov 1994 08:49:37 GMT";
  constexpr std::string_view kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
  struct Case {
    std::vector<http::Header> headers;
    std::string_view decision;
  };
  const std::vector<Case> cases{
      {{}, "200"},
      {{{"if-none-match", "\"tag\""}}, "304"},
      {{{"if-none-match", "W/\"tag\""}}, "304"},
      {{{"if-none-match", "\"a\", \"tag\""}}, "304"},
      {{{"if-none-match", "*"}}, "304"},
      {{{"if-none-match", "\"other\""}}, "200"},
      {{{"if-none-match", "tag"}}, "200"},
      {{{"if-modified-since", kThen}}, "304"},
      {{{"if-modified-since", kBefore}}, "200"},
      {{{"if-modified-since", "yesterday"}}, "200"},
      {{{"if-none-match", "\"other\""}, {"if-modified-since", kThen}}, "200"},
      {{{"if-match", "\"tag\""}}, "200"},
      {{{"if-match", "*"}}, "200"},
      {{{"if-match", "W/\"tag\""}}, "412"},
      {{{"if-match", "\"other\""}}, "412"},
      {{{"if-unmodified-since", kThen}}, "200"},
      {{{"if-unmodified-since", kBefore}}, "412"},
      {{{"if-match", "\"tag\""}, {"if-unmodified-since", kBefore}}, "200"},
      {{{"if-match", "\"other\""}, {"if-none-match", "\"tag\""}}, "412"},
      {{{"range", "bytes=0-1"}}, "206:1"},
      {{{"range", "bytes=0-1,3-4"}}, "206:2"},
      {{{"range", "bytes=10-"}}, "416"},
      {{{"range", "bytes=x"}}, "200"},
      {{{"range", "bytes=0-1"}, {"if-range", "\"tag\""}}, "206:1"},
      {{{"range", "bytes=0-1"}, {"if-range", "W/\"tag\""}}, "200"},
      {{{"range", "bytes=0-1"}, {"if-range", "\"other\""}}, "200"},
      {{{"range", "bytes=0-1"}, {"if-range", kThen}}, "206:1"},
      {{{"range", "bytes=0-1"}, {"if-range", kBefore}}, "200"},
      {{{"range", "bytes=0-1"}, {"if-none-match", "\"tag\""}}, "304"},
  };
  for (const auto& each : cases) {
    const std::string_view first = each.headers.empty() ? "" : each.headers[0].value;
    EXPECT_EQ(decision(each.headers), each.decision) << first;
  }
  EXPECT_EQ(decision({{"range", "bytes=0-1"}}, http::Method::Head), "200");
  EXPECT_EQ(decision({{"if-none-match", "*"}}, http::Method::Head), "304");
}

}  // namespace
}  // namespace spindle::static_files
