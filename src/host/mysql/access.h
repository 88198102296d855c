#pragma once

// MysqlAccess: whether the instances of a component may open databases.

namespace spindle::host {

// What a component has; a dependency that inherits nothing has none.
struct MysqlAccess {
  bool is_granted = false;
};

}  // namespace spindle::host
