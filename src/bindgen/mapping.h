#pragma once

// The mapping file of a room: what bindings need to know that WIT does not say. One line an entry,
// `#` begins a comment:
//
//   resource wasi:io/streams.output-stream = spindle::wasi::OutputStream "wasi/io/streams.h"
//   wait wasi:io/poll.poll
//   wait wasi:io/streams.[method]output-stream.blocking-flush
//   unsupported fermyon:spin/sqlite@2.0.0 io "SQLite is not available here"
//
// `resource` names the C++ class (derived from component::HostResource) and its header. `wait`
// lists functions that may wait: they return io::Eventual. `unsupported` asks for an implementation
// whose functions all answer with that case of their own error type (`-` where there is none to
// name: the message alone, or a trap). An interface without a version means every version; with
// one, an item is written after `#`: `fermyon:spin/redis@2.0.0#[method]connection.get`.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::bindgen {

// An interface's names, as entries may write them.
struct InterfaceIdentity {
  std::string id;     // wasi:io/streams@0.2.6
  std::string track;  // wasi:io/streams@0.2
};

// Does an interface as written in an entry mean this one?
bool means_interface(std::string_view written, const InterfaceIdentity& interface);

struct MappedResource {
  std::string interface;
  std::string item;
  std::string class_name;  // spindle::wasi::OutputStream
  std::string header;
};

struct MappedWait {
  std::string interface;
  std::string item;
};

struct MappedUnsupported {
  std::string interface;
  std::string error_case;  // empty: none
  std::string message;
};

class Mapping {
 public:
  const MappedResource* find_resource(const InterfaceIdentity& interface,
                                      std::string_view name) const;
  // `function` as in a component: `[method]output-stream.blocking-flush`.
  bool may_wait(const InterfaceIdentity& interface, std::string_view function) const;
  const MappedUnsupported* find_unsupported(const InterfaceIdentity& interface) const;

  std::span<const MappedWait> waits() const { return waits_; }

 private:
  friend Result<Mapping> parse_mapping(std::string_view text);
  std::vector<MappedResource> resources_;
  std::vector<MappedWait> waits_;
  std::vector<MappedUnsupported> unsupported_;
};

Result<Mapping> parse_mapping(std::string_view text);

}  // namespace spindle::bindgen
