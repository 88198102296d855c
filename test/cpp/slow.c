// Serves test:slow/calls: waits for nothing, and returns a megabyte when it is canceled.

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT("$root", "[waitable-set-new]") unsigned set_new(void);
IMPORT("$root", "[waitable-set-drop]") void set_drop(unsigned set);
IMPORT("$root", "[context-get-0]") unsigned context_get(void);
IMPORT("$root", "[context-set-0]") void context_set(unsigned value);
IMPORT("[export]test:slow/calls", "[task-return]fill") void fill_return(const char* at, unsigned size);

enum { kExit = 0, kWait = 2 };
static char text[1 << 20] = {'x'};

EXPORT("[async-lift]test:slow/calls#fill") unsigned fill(void) {
  unsigned set = set_new();
  context_set(set);
  return kWait | set << 4;
}

EXPORT("[callback][async-lift]test:slow/calls#fill")
unsigned fill_event(unsigned event, unsigned waitable, unsigned code) {
  (void)event, (void)waitable, (void)code;
  set_drop(context_get());
  fill_return(text, sizeof text);
  return kExit;
}
