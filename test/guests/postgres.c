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

// The value's number, then what it says where it is one of these.
static void say_value4(const u8* value) {
  say_number(value[0]);
  say(":");
  switch (value[0]) {
    case 0: say(value[8] ? "true" : "false"); break;
    case 3: say_number(*(const int*)(value + 8)); break;
    case 4: say_number(*(const long long*)(value + 8)); break;
    case 7:
    case 13:
    case 14:
    case 15: say_text_at(value + 8); break;
    case 25: say_text_at(value + 8); break;
  }
}

static void say_value2(const u8* value) {
  say_number(value[0]);
  say(":");
  switch (value[0]) {
    case 0: say(value[8] ? "true" : "false"); break;
    case 3: say_number(*(const int*)(value + 8)); break;
    case 4: say_number(*(const long long*)(value + 8)); break;
    case 11: say_text_at(value + 8); break;
  }
}

struct rows {
  const u8* columns;
  u32 column_count;
  struct {
    const u8* values;
    u32 count;
  }* rows;
  u32 row_count;
};

static void say_rows(const struct rows* set, int is_4) {
  u32 column_size = is_4 ? 20 : 12, value_size = is_4 ? 56 : 16;
  for (u32 i = 0; i < set->column_count; i++) {
    if (i) say("|");
    say_text_at(set->columns + i * column_size);
    say(":");
    say_number(set->columns[i * column_size + 8]);
  }
  say("\n");
  for (u32 i = 0; i < set->row_count; i++) {
    for (u32 j = 0; j < set->rows[i].count; j++) {
      if (j) say("|");
      const u8* value = set->rows[i].values + j * value_size;
      is_4 ? say_value4(value) : say_value2(value);
    }
    say("\n");
  }
}

// `error` is a variant of strings, but for query-failed of version 4.
static void say_error(const u8* error, int is_4) {
  say("error ");
  say_number(error[0]);
  say(": ");
  if (is_4 && error[0] == 2) {
    say_text_at(error + 8);
    if (error[4] == 1) {  // a db-error
      say(" [");
      say_text_at(error + 8 + 8);
      say(" ");
      say_text_at(error + 8 + 16);
      say("]");
    }
  } else {
    say_text_at(error + 4);
  }
  say("\n");
}

static void say_answer(const u8* answer, int is_query, int is_4) {
  if (answer[0])
    say_error(answer + (is_query ? 4 : 8), is_4);
  else if (is_query)
    say_rows((const struct rows*)(answer + 4), is_4);
  else
    say_number(*(const long long*)(answer + 8)), say("\n");
}

static u8 answer_space[256] __attribute__((aligned(8)));
static u8 parameter_space[56] __attribute__((aligned(8)));

static u32 make_parameter(const struct request* request, int is_4) {
  if (!request->parameter.bytes) return 0;
  parameter_space[0] = is_4 ? 7 : 11;
  *(struct view*)(parameter_space + 8) = request->parameter;
  return 1;
}

static void ask4(const struct request* r, int is_query) {
  open4(r->address.bytes, r->address.length, answer_space);
  if (answer_space[0]) return say_error(answer_space + 4, 1);
  handle connection = *(handle*)(answer_space + 4);
  u32 count = make_parameter(r, 1);
  (is_query ? query4 : execute4)(connection, r->statement.bytes, r->statement.length,
                                 parameter_space, count, answer_space);
  say_answer(answer_space, is_query, 1);
  drop4(connection);
}

static void ask2(const struct request* r, int is_query) {
  open2(r->address.bytes, r->address.length, answer_space);
  if (answer_space[0]) return say_error(answer_space + 4, 0);
  handle connection = *(handle*)(answer_space + 4);
  u32 count = make_parameter(r, 0);
  (is_query ? query2 : execute2)(connection, r->statement.bytes, r->statement.length,
                                 parameter_space, count, answer_space);
  say_answer(answer_space, is_query, 0);
  drop2(connection);
}

static void ask1(const struct request* r, int is_query) {
  u32 count = make_parameter(r, 0);
  (is_query ? query1 : execute1)(r->address.bytes, r->address.length, r->statement.bytes,
                                 r->statement.length, parameter_space, count, answer_space);
  say_answer(answer_space, is_query, 0);
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
