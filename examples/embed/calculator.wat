;; A plug-in for world demo:calculator/plugin, as a compiler would make one: a core module, and how
;; its functions are lifted and its imports lowered.
(component
  (type $log (instance
    (type $level (enum "info" "warning"))
    (export "level" (type $exported-level (eq $level)))
    (export "write" (func (param "level" $exported-level) (param "text" string)))))
  (import "demo:calculator/log" (instance $log (type $log)))

  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32)
      (result i32)
      ;; What is passed lives until the call ends: each time from the same place.
      (if (i32.gt_u (i32.add (i32.const 1024) (local.get $size)) (i32.const 65536)) (then unreachable))
      (i32.const 1024))
    (data (i32.const 0) "calculator")
    (data (i32.const 16) "divided by zero"))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $mem))
  (alias core export $memory "realloc" (core func $realloc))
  (core func $write (canon lower (func $log "write") (memory $mem)))

  (core module $code
    (import "env" "memory" (memory 1))
    (import "env" "write" (func $write (param i32 i32 i32)))
    ;; result<f64, error> at 512: the case at 512, the value or the error at 520
    (func (export "divide") (param $a f64) (param $b f64) (result i32)
      (if (f64.eq (local.get $b) (f64.const 0))
        (then
          (call $write (i32.const 1) (i32.const 16) (i32.const 15))
          (i32.store8 (i32.const 512) (i32.const 1))
          (i32.store8 (i32.const 520) (i32.const 0)))
        (else
          (i32.store8 (i32.const 512) (i32.const 0))
          (f64.store (i32.const 520) (f64.div (local.get $a) (local.get $b)))))
      (i32.const 512))
    (func (export "sum") (param $at i32) (param $count i32) (result f64) (local $sum f64)
      (block $done
        (loop $next
          (br_if $done (i32.eqz (local.get $count)))
          (local.set $sum (f64.add (local.get $sum) (f64.load (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $next)))
      (local.get $sum))
    ;; The string at 0, named at 528
    (func (export "name") (result i32)
      (i32.store (i32.const 528) (i32.const 0))
      (i32.store (i32.const 532) (i32.const 10))
      (i32.const 528)))
  (core instance $code (instantiate $code (with "env" (instance
    (export "memory" (memory $mem))
    (export "write" (func $write))))))

  (type $math-error (enum "division-by-zero"))
  (func $divide (param "a" f64) (param "b" f64) (result (result f64 (error $math-error)))
    (canon lift (core func $code "divide") (memory $mem)))
  (func $sum (param "values" (list f64)) (result f64)
    (canon lift (core func $code "sum") (memory $mem) (realloc $realloc)))
  (func $name (result string) (canon lift (core func $code "name") (memory $mem)))

  ;; The functions of an interface name its types: a component of its own re-exports them so.
  (component $math
    (import "error-type" (type $error (eq $math-error)))
    (import "divide-func" (func $divide (param "a" f64) (param "b" f64)
      (result (result f64 (error $error)))))
    (import "sum-func" (func $sum (param "values" (list f64)) (result f64)))
    (export $exported "error" (type $error))
    (export "divide" (func $divide) (func (param "a" f64) (param "b" f64)
      (result (result f64 (error $exported)))))
    (export "sum" (func $sum)))
  (instance $math (instantiate $math
    (with "error-type" (type $math-error))
    (with "divide-func" (func $divide))
    (with "sum-func" (func $sum))))
  (export "demo:calculator/math" (instance $math))
  (export "name" (func $name)))
