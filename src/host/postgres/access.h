#pragma once

// PostgresAccess: the connections of a component, which all its instances share.

#include <memory>
#include <utility>

#include "host/postgres/pool.h"

namespace spindle::host {

// What a component has: nothing where it may not use databases at all.
struct PostgresAccess {
  std::shared_ptr<postgres::Pools> pools;

  static PostgresAccess create(std::shared_ptr<ConnectionLimits> limits) {
    return {std::make_shared<postgres::Pools>(std::move(limits))};
  }
};

}  // namespace spindle::host
