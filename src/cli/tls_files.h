#pragma once

// TlsFiles: the certificate and the key that `up` serves with, and their replacement while it runs.
//
// Both are PEM files. They are read again on SIGHUP, and when one of them has changed; a pair that
// is broken or does not belong together is reported and leaves what is served as it was, so that
// a renewal may write one file after the other.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/tls_slot.h"

namespace spindle::cli {

class TlsFiles {
 public:
  static Result<std::unique_ptr<TlsFiles>> open(std::filesystem::path certificate,
                                                std::filesystem::path key);

  std::shared_ptr<const http::TlsSlot> slot() const { return slot_; }
  // Reads both again; an error changes nothing.
  Result<void> reload();
  // Since they were read last, successfully or not.
  bool have_changed() const;

 private:
  // What tells one content of a file from the next without reading it.
  struct Stamp {
    int64_t seconds = 0;
    int64_t nanoseconds = 0;
    uint64_t size = 0;
    uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  static Stamp stamp(const std::filesystem::path& path);
  Result<http::TlsSlot::Context> read();

  TlsFiles(std::filesystem::path certificate, std::filesystem::path key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  const std::filesystem::path certificate_;
  const std::filesystem::path key_;
  Stamp certificate_stamp_;
  Stamp key_stamp_;
  std::shared_ptr<http::TlsSlot> slot_;
};

}  // namespace spindle::cli
