// The smallest HTTP handler in C++.
#include <spindle/http.h>

using namespace spindle::http;

Response handle(const Request& request) {
  return text("Hello, " + request.query("name").value_or("you") + "!\n");
}
SPINDLE_HTTP(handle)
