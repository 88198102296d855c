#pragma once

// Canonical type text: one spelling for each structural type. Two functions are the same to a
// caller exactly if their texts are equal, so a host's function is compared with what a component
// imports by comparing strings. No spaces; named types are written out, aliases are looked through:
//
//   list<T>  list<T,N>  map<K,V>  tuple<A,B>  option<T>  result<T,E>  with `_` for an absent side
//   record{a:T,b:U}  variant{a,b(T)}  enum{a,b}  flags{a,b}  stream<T>  stream  future<T>  future
//   own<R>  borrow<R>     with R = wasi:io/streams@0.2.output-stream, fermyon:spin/redis.connection
//   func(a:T,b:U)->R  func(a:T)  async func()
//
// Resources are named, with the compatibility track of their package, since they have no structure.
// A resource of an inline interface or a world has its bare name.

#include "base/result.h"
#include "wit/model.h"

namespace spindle::wit {

// LimitExceeded when the text would be longer than kMaxTypeText: types that share parts can be
// exponentially larger when written out.
Result<std::string> type_text(const Resolve& resolve, Type type);
Result<std::string> function_text(const Resolve& resolve, const Function& function);

// The R above, for a resource or an alias of one.
std::string resource_text(const Resolve& resolve, TypeId resource);

}  // namespace spindle::wit
