#include "spin_http.h"

static const struct header kHeaders[] = {{TEXT("content-type"), TEXT("text/plain")}};

struct response handle(const struct request *request) {
  (void)request;
  return (struct response){
      .status = 200,
      .has_headers = 1,
      .headers = {kHeaders, 1},
      .has_body = 1,
      .body = TEXT("Hello from C\n"),
  };
}
