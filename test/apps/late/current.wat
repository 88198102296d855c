;; A plug-in of the test application: its name is `old`.
(component
  (core module $m
    (memory (export "memory") 1)
    (data (i32.const 0) "\08\00\00\00\03\00\00\00old")
    (func (export "name") (result i32) (i32.const 0))
    (func (export "work") (param $kind i32) (result i32)
      (if (i32.eqz (local.get $kind)) (then unreachable))
      (if (i32.eq (local.get $kind) (i32.const 1)) (then (loop $l (br $l))))
      (i32.const 1)))
  (core instance $i (instantiate $m))
  (func $name (result string)
    (canon lift (core func $i "name") (memory (core memory $i "memory"))))
  (func $work (param "kind" u32) (result u32) (canon lift (core func $i "work")))
  (instance $plugin (export "name" (func $name)) (export "work" (func $work)))
  (export "test:late/plugin@1.0.0" (instance $plugin)))
