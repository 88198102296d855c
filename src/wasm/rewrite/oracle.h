#pragma once

// What the tests of this folder share: a set of instances described as text, instantiated one by
// one and merged, with the same host functions, so that what both do can be compared.
//
// Host function n takes i32 parameters and returns at most one i32, as its importers say. It writes
// `hn(parameters)` to a journal and returns n + the sum of its parameters.

#include <charconv>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wasm/rewrite/merge.h"
#include "wasm/testing.h"

namespace spindle::wasm::testing {

struct SetInstance {
  std::string_view text;
  // "2.name" (an export of instance 2) or "h7" (host function 7), in the order of the imports.
  std::vector<std::string> imports;
};

struct InstanceSet {
  std::vector<std::vector<uint8_t>> binaries;
  std::vector<MergeInstance> instances;
};

// Everything that running a set did, in order: host calls, results, the first trap.
using Journal = std::vector<std::string>;

inline int32_t number_in(std::string_view text) {
  int32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

inline MergeSource merge_source(const std::string& text) {
  if (text[0] == 'h') return HostImportNumber{static_cast<uint32_t>(number_in(text.substr(1)))};
  size_t dot = text.find('.');
  return InstanceExport{static_cast<uint32_t>(number_in(text)), text.substr(dot + 1)};
}

inline InstanceSet make_set(const std::vector<SetInstance>& texts) {
  InstanceSet set;
  for (const auto& instance : texts) set.binaries.push_back(wat2wasm(instance.text).value());
  for (size_t i = 0; i < texts.size(); ++i) {
    MergeInstance added{set.binaries[i], {}};
    for (const auto& import : texts[i].imports) added.imports.push_back(merge_source(import));
    set.instances.push_back(std::move(added));
  }
  return set;
}

// The first word of a call is the export and its name in the merged module.
inline std::string export_of(const std::string& call) {
  return call.substr(0, call.find(' '));
}

inline std::vector<MergeExport> exports_of(const std::vector<std::string>& calls) {
  std::map<std::string, MergeExport> exports;
  for (const auto& call : calls) {
    std::string name = export_of(call);
    exports.try_emplace(name, MergeExport{merge_source(name), name});
  }
  std::vector<MergeExport> list;
  for (auto& [name, item] : exports) list.push_back(item);
  return list;
}

class SetRunner {
 public:
  explicit SetRunner(const std::shared_ptr<const Engine>& engine)
      : engine_(engine), store_(engine, {}, this) {}

  Journal run_split(const InstanceSet& set, const std::vector<std::string>& calls) {
    std::vector<Instance> instances;
    for (const MergeInstance& item : set.instances) {
      auto module = Module::compile(engine_, item.module).value();
      std::vector<Extern> imports;
      for (size_t i = 0; i < item.imports.size(); ++i) {
        if (const auto* host = std::get_if<HostImportNumber>(&item.imports[i])) {
          imports.emplace_back(define(host->number, module.imports()[i].type));
        } else {
          const auto& source = std::get<InstanceExport>(item.imports[i]);
          imports.push_back(*instances[source.instance].find_export(store_, source.name));
        }
      }
      if (!start(module, imports, instances)) return std::move(journal_);
    }
    call_all(calls, [&](const std::string& name) {
      auto source = std::get<InstanceExport>(merge_source(name));
      return *instances[source.instance].find_func(store_, source.name);
    });
    return std::move(journal_);
  }

  Journal run_merged(const MergedModule& merged, const std::vector<std::string>& calls) {
    auto module = Module::compile(engine_, merged.bytes).value();
    std::vector<Extern> imports;
    for (const ImportType& import : module.imports()) {
      imports.emplace_back(define(static_cast<uint32_t>(number_in(import.name)), import.type));
    }
    std::vector<Instance> instances;
    if (!start(module, imports, instances)) return std::move(journal_);
    call_all(calls, [&](const std::string& name) { return *instances[0].find_func(store_, name); });
    return std::move(journal_);
  }

 private:
  struct Host {
    SetRunner* runner = nullptr;
    uint32_t number = 0;
    FunctionType type;
    std::unique_ptr<HostFunction> function;
  };

  static Result<void> on_call(void* env, Caller&, std::span<RawValue> cells) {
    auto& host = *static_cast<Host*>(env);
    std::vector<int32_t> params;
    uint32_t sum = host.number;
    for (size_t i = 0; i < host.type.params.size(); ++i) {
      params.push_back(cells[i].i32);
      sum += static_cast<uint32_t>(cells[i].i32);
    }
    host.runner->journal_.push_back(fmt::format("h{}({})", host.number, fmt::join(params, " ")));
    if (!host.type.results.empty()) cells[0] = RawValue::from_i32(static_cast<int32_t>(sum));
    return {};
  }

  Func define(uint32_t number, const ExternType& type) {
    auto host = std::make_unique<Host>();
    host->runner = this;
    host->number = number;
    host->type = std::get<FunctionType>(type);
    host->function = std::make_unique<HostFunction>(host->type, on_call, host.get());
    Func func = store_.define(*host->function);
    hosts_.push_back(std::move(host));
    return func;
  }

  bool start(const Module& module, std::span<const Extern> imports,
             std::vector<Instance>& instances) {
    auto instance = store_.instantiate(module, imports);
    if (!instance) return fail();
    instances.push_back(*instance);
    // The merged module has no start section, but exports this.
    std::string_view name = module.start_export().value_or("spindle:start");
    auto start = instance->find_func(store_, name);
    return !start || store_.call(*start, {}) || fail();
  }

  bool fail() {
    journal_.push_back("trap");
    return false;
  }

  template <typename Find>
  void call_all(const std::vector<std::string>& calls, Find find) {
    for (const auto& call : calls) {
      Func func = find(export_of(call));
      FunctionType type = func.type(store_);
      std::vector<RawValue> cells(std::max<size_t>(type.slots(), 1));
      size_t at = call.find(' ');
      for (size_t i = 0; i < type.params.size() && at != std::string::npos; ++i) {
        cells[i] = RawValue::from_i32(number_in(std::string_view(call).substr(at + 1)));
        at = call.find(' ', at + 1);
      }
      if (!store_.call(func, cells)) {
        fail();
        return;
      }
      std::string result = type.results.empty() ? "" : std::to_string(cells[0].i32);
      journal_.push_back(fmt::format("{} = {}", call, result));
    }
  }

  std::shared_ptr<const Engine> engine_;
  std::vector<std::unique_ptr<Host>> hosts_;
  Journal journal_;
  Store store_;
};

}  // namespace spindle::wasm::testing
