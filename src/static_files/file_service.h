#pragma once

// FileService: answers requests with the files of a Folder, without an instance of anything.
//
// Works:   GET and HEAD; ETag, Last-Modified and all conditions; one range or several; neighbors
//          in br, zstd and gzip by Accept-Encoding; index.html of folders, with a redirect to the
//          slash; a fallback file and a page for what is not there.
// Refused: other methods (405), paths that are none and files outside (404).
//
// One for all event loops. A response takes kPieceBytes of memory however large its file is; files
// are read on the loop, as those of guests are.

#include <string>

#include "http/handler.h"
#include "io/event_loop.h"
#include "static_files/conditions.h"
#include "static_files/folder.h"

namespace spindle::static_files {

inline constexpr size_t kPieceBytes = size_t{64} << 10;

struct FileServiceOptions {
  // Answers what is not there, with status 200: the page of an application that routes by itself.
  std::string fallback;
  // The page that goes with status 404.
  std::string not_found;
  // The value of the header.
  std::string cache_control = "no-cache";
};

class FileService {
 public:
  // An error names a file of the options that is not there.
  static Result<FileService> create(Folder folder, FileServiceOptions options);

  // `path` is that in the folder, as Folder::find wants it. Request and response outlive the task.
  io::Task<Result<void>> answer(io::EventLoop& loop, http::Request& request,
                                http::ResponseWriter& response, std::string path) const;

 private:
  FileService(Folder folder, FileServiceOptions options)
      : folder_(std::move(folder)), options_(std::move(options)) {}

  Folder folder_;
  FileServiceOptions options_;
};

}  // namespace spindle::static_files
