// Variables of coroutines, over spin:variables@3.0.0.

#include "async_capabilities.h"
#include "guest/async_convert.h"

namespace spindle::async {

Task<Result<std::string>> variable(std::string name) {
  auto found = co_await async_bindings::spin::variables_3::variables::get(std::move(name));
  co_return guest::result<std::string>(std::move(found), guest::kVariableError);
}

}  // namespace spindle::async
