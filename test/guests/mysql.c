// A handler that asks MySQL, by the path: `/query` and `/execute` by fermyon:spin/mysql@2.0.0, the
// same below `/1` by fermyon:spin/mysql.
#include "database.h"

#define MYSQL2 "fermyon:spin/mysql@2.0.0"
#define MYSQL1 "fermyon:spin/mysql"

IMPORT(MYSQL2, "[static]connection.open") void open2(const char* at, u32 length, void* ret);
IMPORT(MYSQL2, "[method]connection.query")
void query2(handle self, const char* text, u32 length, const void* params, u32 count, void* ret);
IMPORT(MYSQL2, "[method]connection.execute")
void execute2(handle self, const char* text, u32 length, const void* params, u32 count, void* ret);
IMPORT(MYSQL2, "[resource-drop]connection") void drop2(handle self);
IMPORT(MYSQL1, "query")
void query1(const char* at, u32 at_length, const char* text, u32 length, const void* params,
            u32 count, void* ret);
IMPORT(MYSQL1, "execute")
void execute1(const char* at, u32 at_length, const char* text, u32 length, const void* params,
              u32 count, void* ret);

static void say_answer(const u8* answer, int is_query) {
  if (answer[0]) {
    say_error(answer + 4, kRdbms);
  } else if (is_query) {
    say_rows(answer + 4, kRdbms);
  } else {
    say("ok\n");
  }
}

static u8 answer_space[64] __attribute__((aligned(8)));

EXPORT("wasi:http/incoming-handler@0.2.3#handle")
void handle_request(handle incoming, handle outparam) {
  struct {
    u32 is_some;
    struct view text;
  } path;
  struct request r = read_request(incoming);
  request_path(incoming, &path);
  u32 count = make_parameter(&r, kRdbms);
  int is_1 = path.text.length > 2 && path.text.bytes[2] == '/';
  u32 skipped = is_1 ? 2 : 0;
  int is_query = same(path.text.bytes + skipped, path.text.length - skipped, "/query");
  if (is_1) {
    (is_query ? query1 : execute1)(r.address.bytes, r.address.length, r.statement.bytes,
                                   r.statement.length, parameter_space, count, answer_space);
    say_answer(answer_space, is_query);
  } else {
    open2(r.address.bytes, r.address.length, answer_space);
    if (answer_space[0]) {
      say_answer(answer_space, 0);
    } else {
      handle connection = *(handle*)(answer_space + 4);
      (is_query ? query2 : execute2)(connection, r.statement.bytes, r.statement.length,
                                     parameter_space, count, answer_space);
      say_answer(answer_space, is_query);
      drop2(connection);
    }
  }
  request_drop(incoming);
  reply(outparam);
}
