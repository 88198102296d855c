#pragma once

// Certificates for tests: an authority that nobody trusts unless told to, and what it issues.

#include <string>
#include <vector>

#include "io/tls.h"

namespace spindle::io {

struct TestCertificate {
  std::vector<std::string> names = {"localhost"};
  std::vector<std::string> addresses = {"127.0.0.1", "::1"};
  // From now, in seconds: when it begins and ends to hold.
  long begins = -60;
  long ends = 3600;
};

class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  // PEM, for those who are to trust it.
  const std::string& certificate() const { return certificate_; }
  TlsIdentity issue(const TestCertificate& wanted = {}) const;
  // Signed by its own key.
  static TlsIdentity self_signed(const TestCertificate& wanted = {});

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::string certificate_;
};

}  // namespace spindle::io
