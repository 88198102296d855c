#pragma once

// TaskRouter: router.h for functions that are coroutines.
//
//   TaskRouter routes() {
//     TaskRouter router;
//     router.get("/cats/:name", show_cat);       // Task<Response> show_cat(Request& request)
//     return router;
//   }
//   SPINDLE_HTTP(routes)
//
// Requests have their whole body. The function of a route lives as long as the program, so that a
// lambda's captures may be used after it has waited.

#include <spindle/http_task.h>
#include <spindle/router.h>

namespace spindle::http {

class TaskRouter : public detail::RouterBase<TaskRouter, Task<Response>> {
 public:
  Task<Response> operator()(Request& request) const { return call(request, answer); }

 private:
  static Task<Response> answer(Response response) { co_return std::move(response); }
};

namespace detail {

inline Task<Response> route(const TaskRouter& router, Request& request) {
  return router(request);
}

}  // namespace detail
}  // namespace spindle::http
