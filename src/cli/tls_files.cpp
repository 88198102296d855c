#include "cli/tls_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "app/system.h"

namespace spindle::cli {
namespace {

constexpr size_t kPemBytesMax = 1 << 20;

}  // namespace

TlsFiles::Stamp TlsFiles::stamp(const std::filesystem::path& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return {};
  return {.seconds = found.st_mtim.tv_sec,
          .nanoseconds = found.st_mtim.tv_nsec,
          .size = static_cast<uint64_t>(found.st_size),
          .inode = found.st_ino};
}

Result<http::TlsSlot::Context> TlsFiles::read() {
  // Before reading: a change meanwhile is noticed the next time.
  certificate_stamp_ = stamp(certificate_);
  key_stamp_ = stamp(key_);
  const app::DiskFiles files;
  io::TlsIdentity identity;
  identity.certificates = TRY(files.read(certificate_.string(), kPemBytesMax));
  identity.private_key = TRY(files.read(key_.string(), kPemBytesMax));
  return http::TlsSlot::make_context(std::move(identity))
      .context(fmt::format("--tls-cert {} --tls-key {}", certificate_.string(), key_.string()));
}

Result<std::unique_ptr<TlsFiles>> TlsFiles::open(std::filesystem::path certificate,
                                                 std::filesystem::path key) {
  std::unique_ptr<TlsFiles> made(new TlsFiles(std::move(certificate), std::move(key)));
  auto context = TRY(made->read());
  made->slot_ = std::make_shared<http::TlsSlot>(std::move(context));
  return made;
}

Result<void> TlsFiles::reload() {
  auto context = TRY(read());
  slot_->replace(std::move(context));
  return {};
}

bool TlsFiles::have_changed() const {
  return stamp(certificate_) != certificate_stamp_ || stamp(key_) != key_stamp_;
}

}  // namespace spindle::cli
