#pragma once

// What goes into and comes out of statements, whichever version of the interface asks: the five
// storage classes of SQLite. The faces convert their generated types to and from these; texts and
// blobs are moved, not copied again.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace spindle::host {

using SqlNull = std::monostate;
using SqlBlob = std::vector<uint8_t>;
using SqlValue = std::variant<SqlNull, int64_t, double, std::string, SqlBlob>;
using SqlRow = std::vector<SqlValue>;

}  // namespace spindle::host
