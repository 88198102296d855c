// Runs a fuzz target on files instead of generated inputs: folders of seeds, and of inputs that
// once failed. It keeps the targets compiling and the old findings fixed, without libFuzzer.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/format.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

// Custom mutators ask libFuzzer for its own; replaying mutates nothing.
extern "C" size_t LLVMFuzzerMutate(uint8_t*, size_t size, size_t) {
  return size;
}

int main(int argc, char** argv) {
  size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i], missing)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
      // Shown by the sanitizer's report, and the last line of a crash.
      fmt::print("{}\n", entry.path().string());
      LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
      ++count;
    }
  }
  fmt::print("{} inputs\n", count);
  return count == 0 ? 1 : 0;
}
