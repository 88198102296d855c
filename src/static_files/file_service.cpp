#include "static_files/file_service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "static_files/http_date.h"

namespace spindle::static_files {
namespace {

// Bytes that are sent before other tasks of the loop run.
constexpr uint64_t kBytesPerTurn = uint64_t{1} << 20;

std::string_view coding_name(Coding coding) {
  for (const CodingEntry& entry : kCodings) {
    if (entry.coding == coding) return entry.name;
  }
  return {};
}

// One response: what is sent, and the buffer that it goes through.
class FileResponse {
 public:
  FileResponse(io::EventLoop& loop, http::ResponseWriter& response)
      : loop_(loop), response_(response) {}

  io::Task<Result<void>> send_empty(uint16_t status, http::Headers headers) {
    auto sending = response_.send({.status = status, .headers = headers}, {});
    auto waiting = io::Eventual<void>::wait(std::move(sending));
    auto sent = co_await std::move(waiting);
    co_return sent;
  }

  io::Task<Result<void>> send_file(uint16_t status, http::Headers headers, const FoundFile& file,
                                   ByteRange range) {
    CO_TRY(response_.start({.status = status, .headers = headers},
                           http::BodyLength::known(range.length)));
    auto sending = send_range(file, range);
    auto sent = co_await std::move(sending);
    CO_TRY(std::move(sent));
    auto finishing = finish();
    auto finished = co_await std::move(finishing);
    co_return finished;
  }

  // As `multipart/byteranges`.
  io::Task<Result<void>> send_parts(http::Headers headers, const FoundFile& file,
                                    std::vector<ByteRange> ranges) {
    // Of the file's validator, so that no part of it is likely to hold it.
    const std::string boundary =
        fmt::format("spindle-part-{}", file.etag.substr(1, file.etag.size() - 2));
    std::vector<std::string> heads;
    std::string end = fmt::format("\r\n--{}--\r\n", boundary);
    uint64_t length = end.size();
    for (const ByteRange& range : ranges) {
      heads.push_back(
          fmt::format("\r\n--{}\r\ncontent-type: {}\r\ncontent-range: bytes {}-{}/{}\r\n\r\n",
                      boundary, file.type, range.first, range.first + range.length - 1, file.size));
      length += heads.back().size() + range.length;
    }
    headers.set("content-type", fmt::format("multipart/byteranges; boundary={}", boundary));
    CO_TRY(response_.start({.status = 206, .headers = headers}, http::BodyLength::known(length)));
    for (size_t i = 0; i < ranges.size(); ++i) {
      auto writing = write(bytes_of(heads[i]));
      auto written = co_await std::move(writing);
      CO_TRY(std::move(written));
      auto sending = send_range(file, ranges[i]);
      auto sent = co_await std::move(sending);
      CO_TRY(std::move(sent));
    }
    auto writing = write(bytes_of(end));
    auto written = co_await std::move(writing);
    CO_TRY(std::move(written));
    auto finishing = finish();
    auto finished = co_await std::move(finishing);
    co_return finished;
  }

 private:
  static std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
  }

  io::Task<Result<void>> write(std::span<const uint8_t> bytes) {
    auto writing = response_.write(bytes);
    return io::Eventual<void>::wait(std::move(writing));
  }

  io::Task<Result<void>> finish() {
    auto finishing = response_.finish();
    return io::Eventual<void>::wait(std::move(finishing));
  }

  io::Task<Result<void>> send_range(const FoundFile& file, ByteRange range) {
    if (response_.is_body_dropped()) co_return Result<void>();
    buffer_.resize(std::min<uint64_t>(kPieceBytes, range.length));
    uint64_t turn = 0;
    while (range.length > 0) {
      const size_t count = CO_TRY(read(file, range));
      auto writing = write(std::span(buffer_).first(count));
      auto written = co_await std::move(writing);
      CO_TRY(std::move(written));
      range.first += count;
      range.length -= count;
      turn += count;
      if (turn >= kBytesPerTurn && range.length > 0) {
        turn = 0;
        auto passing = io::yield(loop_);
        co_await std::move(passing);
      }
    }
    co_return Result<void>();
  }

  // At least one byte.
  Result<size_t> read(const FoundFile& file, const ByteRange& range) {
    const size_t wanted = std::min<uint64_t>(buffer_.size(), range.length);
    while (true) {
      const ssize_t count =
          pread(file.fd.number(), buffer_.data(), wanted, static_cast<off_t>(range.first));
      if (count > 0) return static_cast<size_t>(count);
      if (count == 0) return Error::unavailable("the file became shorter while it was sent");
      if (errno != EINTR) return Error::from_errno(errno, "reading a file to send");
    }
  }

  io::EventLoop& loop_;
  http::ResponseWriter& response_;
  std::vector<uint8_t> buffer_;
};

// The path and query of the request with a slash at the end of the path. Two slashes at the
// beginning would name another server.
std::string with_slash(const http::RequestHead& head) {
  std::string_view path = head.path();
  while (path.starts_with("//")) path.remove_prefix(1);
  std::string location(path);
  location += '/';
  if (const auto query = head.query()) location += fmt::format("?{}", *query);
  return location;
}

void add_validators(const FoundFile& file, const FileServiceOptions& options,
                    http::Headers& headers) {
  headers.add("etag", file.etag);
  headers.add("last-modified", format_http_date(file.modified));
  if (!options.cache_control.empty()) headers.add("cache-control", options.cache_control);
  if (file.has_codings) headers.add("vary", "accept-encoding");
}

void add_content(const FoundFile& file, http::Headers& headers) {
  headers.add("content-type", file.type);
  if (file.coding != Coding::Identity) headers.add("content-encoding", coding_name(file.coding));
}

// Of a file that is there.
io::Task<Result<void>> send_found(FileResponse& out, const http::RequestHead& head,
                                  const FoundFile& file, const FileServiceOptions& options) {
  using Kind = Decision::Kind;
  const Decision decision = decide(head, file);
  http::Headers headers;
  if (decision.kind == Kind::PreconditionFailed) return out.send_empty(412, std::move(headers));
  if (decision.kind == Kind::OutOfRange) {
    headers.add("content-range", fmt::format("bytes */{}", file.size));
    return out.send_empty(416, std::move(headers));
  }
  add_validators(file, options, headers);
  if (decision.kind == Kind::NotModified) return out.send_empty(304, std::move(headers));
  headers.add("accept-ranges", "bytes");
  add_content(file, headers);
  if (decision.kind == Kind::Whole) {
    return out.send_file(200, std::move(headers), file, {.first = 0, .length = file.size});
  }
  const ByteRange range = decision.parts.front();
  if (decision.parts.size() > 1) return out.send_parts(std::move(headers), file, decision.parts);
  headers.add("content-range", fmt::format("bytes {}-{}/{}", range.first,
                                           range.first + range.length - 1, file.size));
  return out.send_file(206, std::move(headers), file, range);
}

Result<void> check_named(const Folder& folder, const std::string& name, std::string_view what) {
  if (name.empty() || folder.find_named(name, {}).kind == Lookup::Kind::File) return {};
  return Error::not_found(
      fmt::format("the {} \"{}\" is not among the files of the component", what, name));
}

}  // namespace

Result<FileService> FileService::create(Folder folder, FileServiceOptions options) {
  TRY(check_named(folder, options.fallback, "fallback"));
  TRY(check_named(folder, options.not_found, "page for what is not found,"));
  if (!http::is_valid_header_value(options.cache_control)) {
    return Error::invalid_input("the cache-control of static files is not the value of a header");
  }
  return FileService(std::move(folder), std::move(options));
}

io::Task<Result<void>> FileService::answer(io::EventLoop& loop, http::Request& request,
                                           http::ResponseWriter& response, std::string path) const {
  const http::RequestHead& head = request.head();
  FileResponse out(loop, response);
  http::Headers headers;
  if (head.method != http::Method::Get && head.method != http::Method::Head) {
    headers.add("allow", "GET, HEAD");
    auto sending = out.send_empty(405, std::move(headers));
    auto sent = co_await std::move(sending);
    co_return sent;
  }
  const std::string_view codings = head.headers.find("accept-encoding").value_or("");
  Lookup found = folder_.find(path, codings);
  if (found.kind == Lookup::Kind::Missing && !options_.fallback.empty()) {
    found = folder_.find_named(options_.fallback, codings);
  }
  if (found.kind == Lookup::Kind::File) {
    auto sending = send_found(out, head, found.file, options_);
    auto sent = co_await std::move(sending);
    co_return sent;
  }
  if (found.kind == Lookup::Kind::Missing && !options_.not_found.empty()) {
    const Lookup page = folder_.find_named(options_.not_found, codings);
    if (page.kind == Lookup::Kind::File) {
      add_content(page.file, headers);
      if (page.file.has_codings) headers.add("vary", "accept-encoding");
      auto sending =
          out.send_file(404, std::move(headers), page.file, {.first = 0, .length = page.file.size});
      auto sent = co_await std::move(sending);
      co_return sent;
    }
  }
  uint16_t status = 404;
  if (found.kind == Lookup::Kind::Unavailable) status = 503;
  if (found.kind == Lookup::Kind::Folder) {
    status = 301;
    headers.add("location", with_slash(head));
  }
  auto sending = out.send_empty(status, std::move(headers));
  auto sent = co_await std::move(sending);
  co_return sent;
}

}  // namespace spindle::static_files
