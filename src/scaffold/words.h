#pragma once

// Words of a name, and the cases in which templates write them: `HTTPServer2 demo` is
// http-server2-demo, http_server2_demo and HttpServer2Demo.
//
// Words end at whatever is neither letter nor digit, before a capital that follows a small letter,
// and before the last of several capitals that a small letter follows. Letters beyond ASCII have no
// case.

#include <string>
#include <string_view>
#include <vector>

namespace spindle::scaffold {

std::vector<std::string> words_of(std::string_view text);

std::string kebab_case(std::string_view text);
std::string snake_case(std::string_view text);
std::string pascal_case(std::string_view text);
// Each part between dots on its own.
std::string dotted_pascal_case(std::string_view text);
// With the end of a route that takes everything below: `/api` is `/api/...`.
std::string http_wildcard(std::string_view route);

}  // namespace spindle::scaffold
