;; A plug-in with a late import of its own: work is that of the inner plug-in plus 100.
(component
  (import "test:late/plugin@1.0.0" (instance $inner
    (export "work" (func (param "kind" u32) (result u32)))))
  (core func $work (canon lower (func $inner "work")))
  (core module $m
    (import "" "work" (func $work (param i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\08\00\00\00\05\00\00\00outer")
    (func (export "name") (result i32) (i32.const 0))
    (func (export "work") (param $kind i32) (result i32)
      (i32.add (call $work (local.get $kind)) (i32.const 100))))
  (core instance $i (instantiate $m (with "" (instance (export "work" (func $work))))))
  (func $name (result string)
    (canon lift (core func $i "name") (memory (core memory $i "memory"))))
  (func $lifted (param "kind" u32) (result u32) (canon lift (core func $i "work")))
  (instance $plugin (export "name" (func $name)) (export "work" (func $lifted)))
  (export "test:late/plugin@1.0.0" (instance $plugin)))
