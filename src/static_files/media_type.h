#pragma once

// Which type a file's content has, by the end of its name. Texts are said to be UTF-8: nothing else
// is written today, and browsers guess where nothing is said. What is not known is bytes, which
// browsers save instead of showing.

#include <string_view>

namespace spindle::static_files {

// `text/html; charset=utf-8`, for `a/index.html`.
std::string_view media_type(std::string_view path);

}  // namespace spindle::static_files
