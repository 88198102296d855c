// A handler that asks PostgreSQL, by the path: `/query` and `/execute` by spin:postgres@4.0.0, the
// same below `/2` by fermyon:spin/postgres@2.0.0 and below `/1` by fermyon:spin/postgres.
#include "database.h"

#define PG4 "spin:postgres/postgres@4.0.0"
#define PG2 "fermyon:spin/postgres@2.0.0"
#define PG1 "fermyon:spin/postgres"

IMPORT(PG4, "[static]connection.open") void open4(const char* at, u32 length, void* ret);
IMPORT(PG4, "[method]connection.query")
void query4(handle self, const char* text, u32 length, const void* params, u32 count, void* ret);
IMPORT(PG4, "[method]connection.execute")
void execute4(handle self, const char* text, u32 length, const void* params, u32 count, void* ret);
IMPORT(PG4, "[resource-drop]connection") void drop4(handle self);
IMPORT(PG2, "[static]connection.open") void open2(const char* at, u32 length, void* ret);
IMPORT(PG2, "[method]connection.query")
void query2(handle self, const char* text, u32 length, const void* params, u32 count, void* ret);
IMPORT(PG2, "[method]connection.execute")
void execute2(handle self, const char* text, u32 length, const void* params, u32 count, void* ret);
IMPORT(PG2, "[resource-drop]connection") void drop2(handle self);
IMPORT(PG1, "query")
void query1(const char* at, u32 at_length, const char* text, u32 length, const void* params,
            u32 count, void* ret);
IMPORT(PG1, "execute")
void execute1(const char* at, u32 at_length, const char* text, u32 length, const void* params,
              u32 count, void* ret);

static void say_answer(const u8* answer, int is_query, enum kind kind) {
  if (answer[0])
    say_error(answer + (is_query ? 4 : 8), kind);
  else if (is_query)
    say_rows(answer + 4, kind);
  else
    say_number(*(const long long*)(answer + 8)), say("\n");
}

static u8 answer_space[256] __attribute__((aligned(8)));

static void ask4(const struct request* r, int is_query) {
  open4(r->address.bytes, r->address.length, answer_space);
  if (answer_space[0]) return say_error(answer_space + 4, kPostgres4);
  handle connection = *(handle*)(answer_space + 4);
  u32 count = make_parameter(r, kPostgres4);
  (is_query ? query4 : execute4)(connection, r->statement.bytes, r->statement.length,
                                 parameter_space, count, answer_space);
  say_answer(answer_space, is_query, kPostgres4);
  drop4(connection);
}

static void ask2(const struct request* r, int is_query) {
  open2(r->address.bytes, r->address.length, answer_space);
  if (answer_space[0]) return say_error(answer_space + 4, kRdbms);
  handle connection = *(handle*)(answer_space + 4);
  u32 count = make_parameter(r, kRdbms);
  (is_query ? query2 : execute2)(connection, r->statement.bytes, r->statement.length,
                                 parameter_space, count, answer_space);
  say_answer(answer_space, is_query, kRdbms);
  drop2(connection);
}

static void ask1(const struct request* r, int is_query) {
  u32 count = make_parameter(r, kRdbms);
  (is_query ? query1 : execute1)(r->address.bytes, r->address.length, r->statement.bytes,
                                 r->statement.length, parameter_space, count, answer_space);
  say_answer(answer_space, is_query, kRdbms);
}

EXPORT("wasi:http/incoming-handler@0.2.3#handle")
void handle_request(handle incoming, handle outparam) {
  struct {
    u32 is_some;
    struct view text;
  } path;
  struct request request = read_request(incoming);
  request_path(incoming, &path);
  const char* at = path.text.bytes;
  u32 length = path.text.length;
  char version = '4';
  if (length > 2 && at[2] == '/') {
    version = at[1];
    at += 2;
    length -= 2;
  }
  int is_query = same(at, length, "/query");
  if (version == '4') ask4(&request, is_query);
  if (version == '2') ask2(&request, is_query);
  if (version == '1') ask1(&request, is_query);
  request_drop(incoming);
  reply(outparam);
}
