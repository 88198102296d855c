// site: the files of the folder `page`.

#include <spindle/http.h>

#include <fcntl.h>
#include <unistd.h>

#include <string>

using namespace spindle::http;

namespace {

struct Kind {
  std::string_view suffix;
  std::string_view type;
};
constexpr Kind kKinds[] = {{".html", "text/html; charset=utf-8"},
                           {".css", "text/css; charset=utf-8"},
                           {".js", "text/javascript; charset=utf-8"},
                           {".svg", "image/svg+xml"}};

Response serve(const Request& request) {
  std::string path(request.path());
  if (path == "/") path = "/index.html";
  for (const Kind& kind : kKinds) {
    if (!path.ends_with(kind.suffix)) continue;
    const int file = open(path.c_str(), O_RDONLY);
    if (file < 0) break;
    std::string content;
    char piece[4096];
    for (ssize_t size = 0; (size = read(file, piece, sizeof piece)) > 0;)
      content.append(piece, size);
    return Response(200, std::move(content)).with("content-type", kind.type);
  }
  return text("no such page\n", 404);
}

}  // namespace

SPINDLE_HTTP(serve)
