;; A whole HTTP service as text. It exports `fermyon:spin/inbound-http`: one function that takes a
;; request record and returns a response record.
(component
  ;; The types of the interface.
  (import "fermyon:spin/http-types" (instance $types
    (type $m (enum "get" "post" "put" "delete" "patch" "head" "options"))
    (export "method" (type $method (eq $m)))
    (type $pairs (list (tuple string string)))
    (type $bytes (list u8))
    (type $req (record
      (field "method" $method) (field "uri" string) (field "headers" $pairs)
      (field "params" $pairs) (field "body" (option $bytes))))
    (export "request" (type (eq $req)))
    (type $res (record
      (field "status" u16) (field "headers" (option $pairs)) (field "body" (option $bytes))))
    (export "response" (type (eq $res)))))
  (alias export $types "request" (type $request))
  (alias export $types "response" (type $response))

  ;; The program. Its memory holds the response, laid out as the canonical ABI wants it.
  (core module $program
    (memory (export "memory") 1)

    ;; Where the runtime puts the request: from the second page on, growing as needed.
    (global $next (mut i32) (i32.const 65536))
    (func (export "realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32)
                             (result i32)
      (local $start i32)
      (local.set $start (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $start) (local.get $size)))
      (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
        (then (drop (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1))))))
      (memory.copy (local.get $start) (local.get $old) (local.get $old_size))
      (local.get $start))

    ;; The request arrives flattened: method, uri, headers, params, body. It is not looked at.
    (func (export "handle") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
      (i32.const 0))

    ;; status 200; headers: some, at 32, 1 of them; body: some, at 80, 29 bytes
    (data (i32.const 0)  "\c8\00\00\00" "\01\00\00\00\20\00\00\00\01\00\00\00"
                                        "\01\00\00\00\50\00\00\00\1d\00\00\00")
    ;; the header: name at 48, 12 bytes; value at 64, 10 bytes
    (data (i32.const 32) "\30\00\00\00\0c\00\00\00\40\00\00\00\0a\00\00\00")
    (data (i32.const 48) "content-type")
    (data (i32.const 64) "text/plain")
    (data (i32.const 80) "Hello from WebAssembly text!\n"))

  ;; The core function becomes a component function, and that the exported interface.
  (core instance $instance (instantiate $program))
  (func $handle (param "req" $request) (result $response)
    (canon lift (core func $instance "handle")
      (memory (core memory $instance "memory")) (realloc (core func $instance "realloc"))))
  (instance $inbound (export "handle-request" (func $handle)))
  (export "fermyon:spin/inbound-http" (instance $inbound)))
