// A request and a response as the component's world (wit/world.wit) lays them out, and the
// exports that every such component has. Include it once.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct text {
  const char *data;
  size_t size;
};
#define TEXT(literal) ((struct text){literal, sizeof(literal) - 1})

struct header {
  struct text name;
  struct text value;
};
struct headers {
  const struct header *list;
  size_t count;
};

enum method { GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS };

struct request {
  enum method method;
  struct text uri;
  struct headers headers;
  struct headers params;
  struct text body;
};

struct response {
  uint16_t status;
  uint32_t has_headers;
  struct headers headers;
  uint32_t has_body;
  struct text body;
};
_Static_assert(sizeof(struct response) == 28, "the layout of the world's record");

// Yours. The response is read when this has returned; an instance serves one request.
struct response handle(const struct request *request);

// Memory of this request, never freed.
static void *allocate(size_t size, size_t alignment) {
  extern unsigned char __heap_base;
  static uintptr_t next;
  if (next == 0) next = (uintptr_t)&__heap_base;
  next = (next + alignment - 1) & ~(alignment - 1);
  uintptr_t end = next + size;
  size_t pages = (end + 0xffff) >> 16;
  size_t have = __builtin_wasm_memory_size(0);
  if (pages > have && __builtin_wasm_memory_grow(0, pages - have) == (size_t)-1) __builtin_trap();
  uintptr_t start = next;
  next = end;
  return (void *)start;
}

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size,
                                                                size_t alignment, size_t size) {
  unsigned char *made = allocate(size, alignment);
  for (size_t i = 0; i < old_size && i < size; i++) made[i] = ((unsigned char *)old)[i];
  return made;
}

__attribute__((export_name("fermyon:spin/inbound-http#handle-request"))) struct response *
handle_request(uint32_t method, const char *uri, size_t uri_size, const struct header *headers,
               size_t header_count, const struct header *params, size_t param_count,
               uint32_t has_body, const char *body, size_t body_size) {
  struct request request = {(enum method)method,
                            {uri, uri_size},
                            {headers, header_count},
                            {params, param_count},
                            {body, has_body ? body_size : 0}};
  struct response *response = allocate(sizeof *response, 4);
  *response = handle(&request);
  return response;
}
