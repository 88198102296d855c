#include <spindle/http.h>

using namespace spindle::http;

Response handle(const Request&) {
  return text("Hello from C++\n");
}
SPINDLE_HTTP(handle)
