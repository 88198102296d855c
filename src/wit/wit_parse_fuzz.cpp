// Any bytes as WIT: no crash, no hang, and what resolves prints to text that resolves again.

#include <cstdlib>

#include "wit/load.h"
#include "wit/print.h"
#include "wit/type_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spindle;
  std::string text(reinterpret_cast<const char*>(data), size);
  wit::LoadOptions all;
  all.unstable = wit::UnstableItems::KeepAll;
  auto resolve = wit::load_texts({{"fuzz.wit", text}}, all);
  if (!resolve) return 0;
  for (const wit::Interface& interface : resolve->interfaces()) {
    for (const wit::Function& function : interface.functions) {
      auto written = wit::function_text(*resolve, function);
      if (!written && written.error().kind() != ErrorKind::LimitExceeded) std::abort();
    }
  }
  std::string printed = wit::print_all(*resolve);
  auto again = wit::load_texts({{"printed.wit", printed}}, all);
  if (!again || wit::print_all(*again) != printed) std::abort();
  return 0;
}
