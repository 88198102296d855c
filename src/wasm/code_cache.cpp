#include "wasm/code_cache.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <fmt/format.h>

namespace spindle::wasm {

namespace {

// Behind the code, where the engine, which reads by the offsets in front, does not look.
struct Trailer {
  char magic[8];
  uint64_t size;
  uint64_t checksum;
};
constexpr char kMagic[8] = {'s', 'p', 'c', 'o', 'd', 'e', '0', '1'};

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Against damage, not against an enemy, who is kept out by the directory's mode: four independent
// lanes of multiply and xor, at the speed of memory.
class Checksum {
 public:
  explicit Checksum(uint64_t size) : lanes_{size, kPrime, ~kPrime, 1} {}

  // Pieces but the last are a multiple of 32 bytes long.
  void add(std::span<const uint8_t> bytes) {
    size_t position = 0;
    for (; position + 32 <= bytes.size(); position += 32) {
      std::array<uint64_t, 4> words;
      std::memcpy(words.data(), bytes.data() + position, sizeof(words));
      for (size_t lane = 0; lane < 4; ++lane) mix(lane, words[lane]);
    }
    for (; position < bytes.size(); position += 8) {
      uint64_t word = 0;
      std::memcpy(&word, bytes.data() + position, std::min<size_t>(8, bytes.size() - position));
      mix(0, word);
    }
  }
  uint64_t finish() const {
    uint64_t result = 0;
    for (uint64_t lane : lanes_) result = std::rotl((result ^ lane) * kPrime, 31);
    return result ^ (result >> 32);
  }

 private:
  static constexpr uint64_t kPrime = 0x9e3779b97f4a7c15;
  void mix(size_t lane, uint64_t word) {
    lanes_[lane] = std::rotl((lanes_[lane] ^ word) * kPrime, 29);
  }
  std::array<uint64_t, 4> lanes_;
};

uint64_t checksum(std::span<const uint8_t> bytes) {
  Checksum sum(bytes.size());
  sum.add(bytes);
  return sum.finish();
}

using Digest = std::array<uint8_t, 32>;

Digest sha256(std::span<const uint8_t> bytes) {
  Digest digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

// Large parts count by the digests of their halves, which two threads make.
constexpr size_t kLargePart = size_t{4} << 20;

std::array<Digest, 2> digests_of_halves(std::span<const uint8_t> part) {
  std::array<Digest, 2> digests;
  const size_t middle = part.size() / 2;
  std::jthread other([&] { digests[1] = sha256(part.subspan(middle)); });
  digests[0] = sha256(part.first(middle));
  return digests;
}

std::string hex_sha256(std::string_view fingerprint,
                       std::span<const std::span<const uint8_t>> parts) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
  // With the terminating zero, so that the two parts cannot run into each other.
  EVP_DigestUpdate(context, std::string(fingerprint).c_str(), fingerprint.size() + 1);
  for (std::span<const uint8_t> part : parts) {
    if (parts.size() > 1) {
      const uint64_t part_size = part.size();
      EVP_DigestUpdate(context, &part_size, sizeof(part_size));
    }
    if (part.size() < kLargePart) {
      EVP_DigestUpdate(context, part.data(), part.size());
      continue;
    }
    for (const Digest& half : digests_of_halves(part)) {
      EVP_DigestUpdate(context, half.data(), half.size());
    }
  }
  EVP_DigestFinal_ex(context, digest.data(), &size);
  EVP_MD_CTX_free(context);
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

enum class FileState : uint8_t { Absent, Damaged, Good };

// All of `bytes`, or fewer where the file ends.
size_t read_all(int fd, std::span<uint8_t> bytes) {
  size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count = read(fd, bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    size += static_cast<size_t>(count);
  }
  return size;
}

// Reading by pieces that stay in the processor's cache takes a third of the time of mapping.
FileState examine(const std::string& path) {
  constexpr size_t kPiece = size_t{256} << 10;
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info{};
  if (!file.is_open()) return errno == ENOENT ? FileState::Absent : FileState::Damaged;
  if (fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return FileState::Damaged;
  const auto size = static_cast<size_t>(info.st_size);
  if (size < sizeof(Trailer)) return FileState::Damaged;
  const size_t code_size = size - sizeof(Trailer);
  Checksum sum(code_size);
  std::vector<uint8_t> piece(std::min(kPiece, code_size));
  for (size_t done = 0; done < code_size; done += piece.size()) {
    piece.resize(std::min(kPiece, code_size - done));
    if (read_all(file.get(), piece) != piece.size()) return FileState::Damaged;
    sum.add(piece);
  }
  Trailer trailer{};
  const std::span<uint8_t> raw(reinterpret_cast<uint8_t*>(&trailer), sizeof(trailer));
  if (read_all(file.get(), raw) != raw.size()) return FileState::Damaged;
  const bool is_good = std::memcmp(trailer.magic, kMagic, sizeof(kMagic)) == 0 &&
                       trailer.size == code_size && trailer.checksum == sum.finish();
  return is_good ? FileState::Good : FileState::Damaged;
}

bool write_all(int fd, const void* data, size_t size) {
  const auto* bytes = static_cast<const char*>(data);
  while (size > 0) {
    ssize_t written = write(fd, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

bool write_file(const std::string& path, std::span<const uint8_t> code) {
  std::string temporary = path + ".XXXXXX";
  FileDescriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.is_open()) return false;
  Trailer trailer{{}, code.size(), checksum(code)};
  std::memcpy(trailer.magic, kMagic, sizeof(kMagic));
  bool is_written = write_all(file.get(), code.data(), code.size()) &&
                    write_all(file.get(), &trailer, sizeof(trailer)) && fsync(file.get()) == 0 &&
                    rename(temporary.c_str(), path.c_str()) == 0;
  if (!is_written) unlink(temporary.c_str());
  return is_written;
}

Result<void> make_directories(const std::string& path) {
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    std::string part = path.substr(0, end);
    if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      return Error::from_errno(errno, fmt::format("creating the directory {}", part));
    }
    if (end == path.npos) return {};
  }
}

}  // namespace

Result<std::string> CodeCache::default_directory() {
  if (const char* base = std::getenv("XDG_CACHE_HOME"); base && base[0] == '/') {
    return std::string(base) + "/spindle/code";
  }
  if (const char* home = std::getenv("HOME"); home && home[0] == '/') {
    return std::string(home) + "/.cache/spindle/code";
  }
  return Error::not_found("neither XDG_CACHE_HOME nor HOME is an absolute path");
}

Result<std::unique_ptr<CodeCache>> CodeCache::open(std::string directory) {
  TRY(make_directories(directory));
  struct stat info{};
  if (lstat(directory.c_str(), &info) != 0) {
    return Error::from_errno(errno, fmt::format("looking at {}", directory));
  }
  if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 0077) != 0) {
    return Error::denied(
        fmt::format("the code cache {} is not private: expected a directory of this user with "
                    "mode 0700",
                    directory));
  }
  return std::unique_ptr<CodeCache>(new CodeCache(std::move(directory)));
}

std::string CodeCache::path_of(const Engine& engine, std::span<const uint8_t> bytes) const {
  return fmt::format("{}/{}.cwasm", directory_, hex_sha256(engine.fingerprint(), {{bytes}}));
}

std::optional<Module> CodeCache::load(const std::shared_ptr<const Engine>& engine,
                                      const std::string& path) {
  FileState state = examine(path);
  if (state == FileState::Good) {
    auto module = Module::load_trusted_file(engine, path);
    if (module) {
      ++hits_;
      return module.take_value();
    }
    state = FileState::Damaged;
  }
  if (state == FileState::Damaged) {
    ++damaged_;
    unlink(path.c_str());
  }
  ++misses_;
  return std::nullopt;
}

Result<Module> CodeCache::compile_to(const std::string& path, std::shared_ptr<const Engine> engine,
                                     std::span<const uint8_t> bytes) {
  auto module = TRY(Module::compile(std::move(engine), bytes));
  auto code = module.serialize();
  if (!code || !write_file(path, *code)) ++write_failures_;
  return module;
}

Result<Module> CodeCache::compile(std::shared_ptr<const Engine> engine,
                                  std::span<const uint8_t> bytes) {
  const std::string path = path_of(*engine, bytes);
  if (std::optional<Module> found = load(engine, path)) return *std::move(found);
  return compile_to(path, std::move(engine), bytes);
}

Result<Module> CodeCache::compile_made(std::shared_ptr<const Engine> engine,
                                       std::span<const std::span<const uint8_t>> key,
                                       const Make& make) {
  const std::string fingerprint = engine->fingerprint() + " made";
  const std::string path = fmt::format("{}/{}.cwasm", directory_, hex_sha256(fingerprint, key));
  if (std::optional<Module> found = load(engine, path)) return *std::move(found);
  const std::vector<uint8_t> bytes = TRY(make());
  return compile_to(path, std::move(engine), bytes);
}

CodeCacheStats CodeCache::stats() const {
  return {hits_, misses_, damaged_, write_failures_};
}

}  // namespace spindle::wasm
