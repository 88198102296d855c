// Drops calls that bring their result when they are canceled: how much memory that takes.
#include <spindle/http_task.h>

#include "canceler.h"

using namespace spindle;
using namespace spindle::http;

namespace {

constexpr size_t kPages = 16;  // of 64 KiB each, in a result

size_t call_and_drop(int times) {
  const size_t before = __builtin_wasm_memory_size(0);
  for (int i = 0; i < times; ++i) {
    Task<std::string> dropped = bindings::test::slow::calls::fill();
    dropped.start();
    if (dropped.is_done()) return 0;
  }
  return __builtin_wasm_memory_size(0) - before;
}

}  // namespace

Task<Response> handle(Request&) {
  const size_t pages = call_and_drop(30);
  // Something came, and it did not stay.
  const bool is_right = pages >= kPages && pages < 4 * kPages;
  co_return text(is_right ? "freed" : "took " + std::to_string(pages) + " pages");
}
SPINDLE_HTTP(handle)
