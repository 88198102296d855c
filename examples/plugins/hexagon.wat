;; A plug-in: plugins:shapes/plugin, see shapes.wit. Size is the side.
(component
  (core module $program
    (memory (export "memory") 1)
    (data (i32.const 16) "hexagon")
    ;; The string: where it is, how long it is.
    (data (i32.const 0) "\10\00\00\00\07\00\00\00")
    (func (export "name") (result i32) (i32.const 0))
    (func (export "area") (param $size i32) (result i32)
      (i32.trunc_sat_f64_u (f64.mul (f64.const 2.598076211353316)
        (f64.mul (f64.convert_i32_u (local.get $size)) (f64.convert_i32_u (local.get $size)))))))
  (core instance $instance (instantiate $program))
  (func $name (result string)
    (canon lift (core func $instance "name") (memory (core memory $instance "memory"))))
  (func $area (param "size" u32) (result u32) (canon lift (core func $instance "area")))
  (instance $plugin (export "name" (func $name)) (export "area" (func $area)))
  (export "plugins:shapes/plugin@1.0.0" (instance $plugin)))
