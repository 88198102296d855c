#pragma once

// Which of the codings that a file lies there in suits a client best (RFC 9110, 12.5.3).
//
// The client's weights decide; among equals the order here, which is that of how small they make
// texts. A client that says nothing gets the file as it is.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace spindle::static_files {

enum class Coding : uint8_t { Identity, Brotli, Zstd, Gzip };

struct CodingEntry {
  Coding coding;
  std::string_view name;    // in headers
  std::string_view suffix;  // of the neighbor's name
};

inline constexpr std::array<CodingEntry, 3> kCodings = {{
    {Coding::Brotli, "br", ".br"},
    {Coding::Zstd, "zstd", ".zst"},
    {Coding::Gzip, "gzip", ".gz"},
}};

// What the client takes of `offered`. Identity where it refuses everything: something is better
// than nothing.
Coding choose_coding(std::string_view accept_encoding, std::span<const Coding> offered);

}  // namespace spindle::static_files
