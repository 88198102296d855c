#pragma once

// Folder: the files that a component mounts, as paths of requests name them.
//
//   auto folder = Folder(mounts);
//   Lookup found = folder.find("/docs/a%20b.html", "br, gzip");
//
// A path is taken apart before it is decoded, so that `%2f` separates nothing. Segments that are
// empty, `.` or `..`, and bytes that no name holds, name no file. The rest is opened beneath the
// mount (wasi/core/sandbox.h): no link leads out of it. Only regular files are served; a folder is
// its index.html, at a path that ends with a slash. A neighbor with the suffix of a coding
// (`app.js.br`) is the same file for clients that take it.
//
// Nothing is remembered between requests but the mounts: what changes is served as it is then.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "static_files/content_coding.h"
#include "wasi/core/files.h"

namespace spindle::static_files {

struct FoundFile {
  wasi::Fd fd;
  uint64_t size = 0;
  int64_t modified = 0;  // seconds since 1970
  // A strong one: it changes with every change of the file that its times show.
  std::string etag;
  std::string_view type;
  Coding coding = Coding::Identity;
  // Other clients may get another coding.
  bool has_codings = false;
};

struct Lookup {
  enum class Kind : uint8_t {
    File,
    Folder,       // the path lacks its slash
    Missing,      // or not to be had
    Unavailable,  // the system refuses for now
  };
  Kind kind = Kind::Missing;
  FoundFile file;
};

class Folder {
 public:
  explicit Folder(std::vector<std::shared_ptr<const wasi::Mount>> mounts);

  // `path` as a request has it: percent-encoded, from the first slash; empty for the root without
  // its slash.
  Lookup find(std::string_view path, std::string_view accept_encoding) const;
  // `name` as a manifest has it: the path of a file, which may begin with a slash.
  Lookup find_named(std::string_view name, std::string_view accept_encoding) const;

 private:
  struct Opened {
    Lookup::Kind kind = Lookup::Kind::Missing;
    wasi::Fd fd;
    struct stat status{};
  };

  // The path without slashes at its ends.
  Opened open(const std::string& path) const;
  Lookup look_up(const std::string& path, std::string_view accept_encoding) const;

  struct Place {
    std::string prefix;  // with a slash at its end, unless empty
    std::shared_ptr<const wasi::Mount> mount;
  };
  std::vector<Place> places_;  // the deepest first
};

}  // namespace spindle::static_files
