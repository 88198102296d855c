;; A service whose answers come of a plug-in that is chosen for each request. It imports the
;; plug-in's interface as any other; nothing here says which component will serve it.
;;
;;   GET /5           the plug-in that the manifest chooses
;;   GET /square/5    the plug-in `square`
(component
  ;; The plug-in: plugins:shapes/plugin, see shapes.wit.
  (import "plugins:shapes/plugin@1.0.0" (instance $plugin
    (export "name" (func (result string)))
    (export "area" (func (param "size" u32) (result u32)))))
  ;; Spindle's: choosing by name.
  (import "spindle:link/select@0.1.0" (instance $select
    (export "select" (func (param "import-name" string) (param "name" string)
      (result (result (error string)))))))
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

  ;; Memory and its allocator, which the imports need before the program exists.
  (core module $library
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 65536))
    (func (export "realloc") (param $old i32) (param $old_size i32) (param $align i32)
                             (param $size i32) (result i32)
      (local $start i32)
      (local.set $start (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $start) (local.get $size)))
      (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
        (then (drop (memory.grow
          (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1))))))
      (memory.copy (local.get $start) (local.get $old) (local.get $old_size))
      (local.get $start)))
  (core instance $library (instantiate $library))
  (alias core export $library "memory" (core memory $memory))
  (alias core export $library "realloc" (core func $realloc))

  (core func $name (canon lower (func $plugin "name") (memory $memory) (realloc $realloc)))
  (core func $area (canon lower (func $plugin "area")))
  (core func $choose (canon lower (func $select "select") (memory $memory) (realloc $realloc)))

  (core module $program
    (import "library" "memory" (memory 1))
    (import "imports" "name" (func $name (param i32)))
    (import "imports" "area" (func $area (param i32) (result i32)))
    (import "imports" "choose" (func $choose (param i32 i32 i32 i32 i32)))

    ;; Where the next byte of the answer goes.
    (global $at (mut i32) (i32.const 1024))
    (func $text (param $from i32) (param $length i32)
      (memory.copy (global.get $at) (local.get $from) (local.get $length))
      (global.set $at (i32.add (global.get $at) (local.get $length))))
    (func $number (param $n i32)
      (if (i32.ge_u (local.get $n) (i32.const 10))
        (then (call $number (i32.div_u (local.get $n) (i32.const 10)))))
      (i32.store8 (global.get $at)
        (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
      (global.set $at (i32.add (global.get $at) (i32.const 1))))

    ;; A response of this status whose body is the answer so far.
    (func $respond (param $status i32) (result i32)
      (call $text (i32.const 127) (i32.const 1))
      (i32.store16 (i32.const 0) (local.get $status))
      (i32.store8 (i32.const 4) (i32.const 0))
      (i32.store8 (i32.const 16) (i32.const 1))
      (i32.store (i32.const 20) (i32.const 1024))
      (i32.store (i32.const 24) (i32.sub (global.get $at) (i32.const 1024)))
      (i32.const 0))

    ;; The request arrives flattened: method, uri, headers, params, body.
    (func (export "handle") (param $method i32) (param $uri i32) (param $length i32)
                            (param i32 i32 i32 i32 i32 i32 i32) (result i32)
      (local $i i32) (local $c i32) (local $slash i32) (local $size i32)
      ;; The last slash, and the number behind it.
      (block $end (loop $next
        (br_if $end (i32.eq (local.get $i) (local.get $length)))
        (local.set $c (i32.load8_u (i32.add (local.get $uri) (local.get $i))))
        (if (i32.eq (local.get $c) (i32.const 47))
          (then (local.set $slash (local.get $i)) (local.set $size (i32.const 0)))
          (else (local.set $size (i32.add (i32.mul (local.get $size) (i32.const 10))
            (i32.and (i32.sub (local.get $c) (i32.const 48)) (i32.const 15))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
      ;; What stands between the slashes is the name of a plug-in.
      (if (local.get $slash) (then
        (call $choose (i32.const 64) (i32.const 27)
          (i32.add (local.get $uri) (i32.const 1)) (i32.sub (local.get $slash) (i32.const 1))
          (i32.const 256))
        (if (i32.load8_u (i32.const 256)) (then
          (call $text (i32.load (i32.const 260)) (i32.load (i32.const 264)))
          (return (call $respond (i32.const 404)))))))
      (call $name (i32.const 256))
      (call $text (i32.load (i32.const 256)) (i32.load (i32.const 260)))
      (call $text (i32.const 96) (i32.const 9))
      (call $number (local.get $size))
      (call $text (i32.const 112) (i32.const 11))
      (call $number (call $area (local.get $size)))
      (call $respond (i32.const 200)))

    (data (i32.const 64) "plugins:shapes/plugin@1.0.0")
    (data (i32.const 96) " of size ")
    (data (i32.const 112) " has area: ")
    (data (i32.const 127) "\n"))

  (core instance $program (instantiate $program
    (with "library" (instance $library))
    (with "imports" (instance
      (export "name" (func $name)) (export "area" (func $area))
      (export "choose" (func $choose))))))
  (func $handle (param "req" $request) (result $response)
    (canon lift (core func $program "handle") (memory $memory) (realloc $realloc)))
  (instance $inbound (export "handle-request" (func $handle)))
  (export "fermyon:spin/inbound-http" (instance $inbound)))
