#pragma once

// Assembly: components wired into one.
//
//   Assembly assembly;
//   const PartIndex stock = assembly.add(stock_part);
//   const PartIndex shop = assembly.add(shop_part);
//   assembly.satisfy({shop, "shop:stock/catalog@1.2.0"}, {stock, "shop:stock/catalog@1.2.0"});
//   assembly.export_from(shop, "wasi:http/incoming-handler@0.2.3");
//   auto composed = TRY(assembly.finish());
//
// The result contains every part in full, instantiated once, in the order in which they were added:
// what a part is given comes from an earlier one. Imports that nothing satisfies become imports of
// the result (ImportHoist). finish() validates it, so what does not fit is an error that names the
// import and the item.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "assemble/compose/part.h"
#include "base/strong_id.h"

namespace spindle::assemble {

using PartIndex = StrongId<struct PartIndexTag>;

class Assembly {
 public:
  struct Place {
    PartIndex part;
    std::string name;
  };

  // At most kPartsMax.
  PartIndex add(Part part);
  const Part& part(PartIndex index) const { return parts_[index.value]->part; }
  const PartScope& scope(PartIndex index) const { return parts_[index.value]->scope; }

  // The part of `source` was added before that of `import`; both exist.
  void satisfy(const Place& import, Place source);
  const Place* find_source(PartIndex part, std::string_view import) const;
  void export_from(PartIndex part, std::string_view name);

  Result<std::shared_ptr<const component::Component>> finish();

 private:
  struct Entry {
    explicit Entry(Part added) : part(std::move(added)), scope(*part.component) {}
    Part part;
    PartScope scope;
    std::map<std::string, Place, std::less<>> sources;
  };

  Error explain(const Error& invalid) const;

  std::vector<std::unique_ptr<Entry>> parts_;
  std::vector<Place> exports_;
};

inline constexpr size_t kPartsMax = 100;

}  // namespace spindle::assemble
