;; A plug-in of the test application: its name is `nap`, and its work is to wait.
(component
  (import "wasi:io/poll@0.2.3" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.3" (instance $clock
    (alias outer 1 $pollable (type $p)) (export "pollable" (type $pollable (eq $p)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core module $m
    (import "" "block" (func $block (param i32)))
    (import "" "subscribe" (func $subscribe (param i64) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\08\00\00\00\03\00\00\00nap")
    (func (export "name") (result i32) (i32.const 0))
    (func (export "work") (param $kind i32) (result i32)
      (call $block (call $subscribe (i64.const 1000000)))
      (i32.const 7)))
  (core instance $i (instantiate $m (with "" (instance
    (export "block" (func $block)) (export "subscribe" (func $subscribe))))))
  (func $name (result string)
    (canon lift (core func $i "name") (memory (core memory $i "memory"))))
  (func $work (param "kind" u32) (result u32) (canon lift (core func $i "work")))
  (instance $plugin (export "name" (func $name)) (export "work" (func $work)))
  (export "test:late/plugin@1.0.0" (instance $plugin)))
