// differential ROUNDS SEED PATH...: compares our validation with the engine's on component binaries
// and on mutations of them, and prints one line for each kind of disagreement. PATHs are files or
// folders; a sample of each kind is written to disagreements/.

#include <cctype>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "component/fixture/engine_verdict.h"
#include "component/fixture/mutate_component.h"

namespace spindle::conformance {
namespace {

namespace fs = std::filesystem;
using component::Bytes;

Bytes read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

uint64_t number_of(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Messages that differ only in names and numbers are one kind.
std::string kind_of(const std::string& message) {
  std::string kind;
  bool quoted = false;
  for (char c : message) {
    if (c == '`') quoted = !quoted;
    if (quoted || std::isdigit(static_cast<unsigned char>(c)) != 0) continue;
    kind += c;
  }
  return kind.substr(0, 200);
}

class Differential {
 public:
  explicit Differential(wasm::EngineComponents engine) : engine_(std::move(engine)) {}

  void check(const Bytes& binary) {
    ++checked_;
    auto verdicts = component::judge(binary, engine_);
    accepted_ += verdicts.ours ? 0 : 1;
    auto message = component::disagreement(verdicts);
    if (!message) return;
    auto kind = kind_of(*message);
    if (kinds_[kind]++ > 0) return;
    fs::create_directories("disagreements");
    auto path = fmt::format("disagreements/{}.wasm", kinds_.size());
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(binary.data()),
               static_cast<std::streamsize>(binary.size()));
    fmt::print("{}: {}\n", path, *message);
    std::fflush(stdout);
  }
  int finish() const {
    for (const auto& [kind, count] : kinds_) fmt::print("{:6} {}\n", count, kind);
    fmt::print("{} binaries, {} accepted, {} kinds of disagreement\n", checked_, accepted_,
               kinds_.size());
    return kinds_.empty() ? 0 : 1;
  }

 private:
  wasm::EngineComponents engine_;
  std::map<std::string, size_t> kinds_;
  size_t checked_ = 0;
  size_t accepted_ = 0;
};

std::vector<Bytes> read_seeds(int count, char** paths) {
  constexpr size_t kLargest = 64 * 1024;
  std::vector<Bytes> seeds;
  auto add = [&](const fs::path& path) {
    if (path.extension() != ".wasm") return;
    auto bytes = read_file(path);
    if (bytes.size() <= kLargest) seeds.push_back(std::move(bytes));
  };
  for (int i = 0; i < count; ++i) {
    if (!fs::is_directory(paths[i])) {
      add(paths[i]);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(paths[i])) add(entry.path());
  }
  return seeds;
}

}  // namespace
}  // namespace spindle::conformance

int main(int argc, char** argv) {
  using namespace spindle;
  using namespace spindle::conformance;
  if (argc < 4) {
    fmt::print(stderr, "usage: differential ROUNDS SEED PATH...\n");
    return 2;
  }
  auto engine = wasm::EngineComponents::create();
  if (!engine) return 2;
  Differential differential(std::move(*engine));
  auto seeds = read_seeds(argc - 3, argv + 3);
  std::vector<component::Parts> parts;
  for (const auto& seed : seeds) {
    differential.check(seed);
    if (auto taken = component::take_apart(seed)) parts.push_back(std::move(*taken));
  }
  component::ComponentMutator mutator(number_of(argv[2]));
  const auto rounds = number_of(argv[1]);
  for (uint64_t i = 0; i < rounds && !parts.empty(); ++i) {
    auto mutated = parts[mutator.below(parts.size())];
    mutator.mutate(mutated, parts[mutator.below(parts.size())]);
    differential.check(component::put_together(mutated));
  }
  return differential.finish();
}
