;; Canonical definitions: options that are needed or forbidden, and core signatures.
(component definition
  (core module $m (func (export "v")))
  (core instance $c (instantiate $m))
  (func (canon lift (core func $c "v"))))
(assert_invalid (component
  (core module $m (func (export "i") (param i32)))
  (core instance $c (instantiate $m))
  (func (canon lift (core func $c "i"))))
  "canon lift, function 0: core function 0 is (i32) -> (), lifting needs () -> ()")
(assert_invalid (component
  (core module $m (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (canon lift (core func $c "r"))))
  "canon lift, function 0: core function 0 is () -> (i32), lifting needs () -> ()")
(component definition
  (core module $m (func (export "i") (param i32)))
  (core instance $c (instantiate $m))
  (func (param "a" u8) (canon lift (core func $c "i"))))
(component definition
  (core module $m (func (export "l") (param i64)))
  (core instance $c (instantiate $m))
  (func (param "a" s64) (canon lift (core func $c "l"))))
(assert_invalid (component
  (core module $m (func (export "i") (param i32)))
  (core instance $c (instantiate $m))
  (func (param "a" u64) (canon lift (core func $c "i"))))
  "canon lift, function 0: core function 0 is (i32) -> (), lifting needs (i64) -> ()")
(assert_invalid (component
  (core module $m (func (export "v")))
  (core instance $c (instantiate $m))
  (func (param "a" u8) (canon lift (core func $c "v"))))
  "canon lift, function 0: core function 0 is () -> (), lifting needs (i32) -> ()")
(component definition
  (core module $m (func (export "f") (param f32)))
  (core instance $c (instantiate $m))
  (func (param "a" f32) (canon lift (core func $c "f"))))
(component definition
  (core module $m (func (export "d") (param f64)))
  (core instance $c (instantiate $m))
  (func (param "a" f64) (canon lift (core func $c "d"))))
(component definition
  (core module $m (func (export "i") (param i32)))
  (core instance $c (instantiate $m))
  (func (param "a" char) (canon lift (core func $c "i"))))
(component definition
  (core module $m (func (export "i") (param i32)))
  (core instance $c (instantiate $m))
  (func (param "a" bool) (canon lift (core func $c "i"))))
(component definition
  (core module $m (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result u8) (canon lift (core func $c "r"))))
(assert_invalid (component
  (core module $m (func (export "rl") (result i64) unreachable))
  (core instance $c (instantiate $m))
  (func (result u8) (canon lift (core func $c "rl"))))
  "canon lift, function 0: core function 0 is () -> (i64), lifting needs () -> (i32)")
(component definition
  (core module $m (func (export "rl") (result i64) unreachable))
  (core instance $c (instantiate $m))
  (func (result u64) (canon lift (core func $c "rl"))))
(assert_invalid (component
  (core module $m (func (export "v")))
  (core instance $c (instantiate $m))
  (func (result u8) (canon lift (core func $c "v"))))
  "canon lift, function 0: core function 0 is () -> (), lifting needs () -> (i32)")
(component definition
  (core module $m (func (export "ii") (param i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "a" (option u8)) (canon lift (core func $c "ii"))))
(component definition
  (core module $m (func (export "ii") (param i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "a" (tuple u8 u8)) (canon lift (core func $c "ii"))))
(component definition
  (core module $m (func (export "ii") (param i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "a" (list u8 2)) (canon lift (core func $c "ii"))))
(component definition
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "ii") (param i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "a" string) (canon lift (core func $c "ii") (memory (core memory $c "mem")) (realloc (core func $c "realloc")))))
(assert_invalid (component
  (core module $m (memory (export "mem") 1) (func (export "ii") (param i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "a" string) (canon lift (core func $c "ii") (memory (core memory $c "mem")))))
  "canon lift, function 0: canonical option `realloc` is required")
(assert_invalid (component
  (core module $m (func (export "ii") (param i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "a" string) (canon lift (core func $c "ii"))))
  "canon lift, function 0: canonical option `memory` is required")
(assert_invalid (component
  (core module $m
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "ii") (param i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "a" string) (canon lift (core func $c "ii") (realloc (core func $c "realloc")))))
  "canon lift, function 0: canonical option `realloc` requires `memory`")
(component definition
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "ii") (param i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "a" (list u8)) (canon lift (core func $c "ii") (memory (core memory $c "mem")) (realloc (core func $c "realloc")))))
(component definition
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "ii") (param i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "a" (map u8 u8)) (canon lift (core func $c "ii") (memory (core memory $c "mem")) (realloc (core func $c "realloc")))))
(component definition
  (core module $m (memory (export "mem") 1) (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "r") (memory (core memory $c "mem")))))
(assert_invalid (component
  (core module $m (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "r"))))
  "canon lift, function 0: canonical option `memory` is required")
(assert_invalid (component
  (core module $m (memory (export "mem") 1) (func (export "rl") (result i64) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "rl") (memory (core memory $c "mem")))))
  "canon lift, function 0: core function 0 is () -> (i64), lifting needs () -> (i32)")
(component definition
  (core module $m (memory (export "mem") 1) (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result (tuple u8 u8)) (canon lift (core func $c "r") (memory (core memory $c "mem")))))
(assert_invalid (component
  (core module $m (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result (tuple u8 u8)) (canon lift (core func $c "r"))))
  "canon lift, function 0: canonical option `memory` is required")
(component definition
  (core module $m (memory (export "mem") 1) (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "r") (memory (core memory $c "mem")) string-encoding=utf16)))
(component definition
  (core module $m (memory (export "mem") 1) (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "r") (memory (core memory $c "mem")) string-encoding=latin1+utf16)))
(assert_invalid (component
  (core module $m (memory (export "mem") 1) (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "r") (memory (core memory $c "mem")) string-encoding=utf16 string-encoding=utf8)))
  "canonical option `string-encoding` is given more than once")
(assert_invalid (component
  (core module $m (memory (export "mem") 1) (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "r") (memory (core memory $c "mem")) (memory (core memory $c "mem")))))
  "canonical option `memory` is given more than once")
(assert_invalid (component
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "ii") (param i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "a" string) (canon lift (core func $c "ii") (memory (core memory $c "mem")) (realloc (core func $c "realloc")) (realloc (core func $c "realloc")))))
  "canonical option `realloc` is given more than once")
(assert_invalid (component
  (core module $m
    (memory (export "mem") 1)
    (func (export "bad-realloc") (param i32 i32 i32) (result i32) unreachable)
    (func (export "ii") (param i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "a" string) (canon lift (core func $c "ii") (memory (core memory $c "mem")) (realloc (core func $c "bad-realloc")))))
  "canon lift, function 0: canonical option `realloc` names a function of the wrong type")
(component definition
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "v")))
  (core instance $c (instantiate $m))
  (func (canon lift (core func $c "v") (memory (core memory $c "mem")) (realloc (core func $c "realloc")))))
(assert_invalid (component
  (core module $m
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "v")))
  (core instance $c (instantiate $m))
  (func (canon lift (core func $c "v") (realloc (core func $c "realloc")))))
  "canon lift, function 0: canonical option `realloc` requires `memory`")
(component definition
  (core module $m
    (func (export "i16") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "p0" u32) (param "p1" u32) (param "p2" u32) (param "p3" u32) (param "p4" u32) (param "p5" u32) (param "p6" u32) (param "p7" u32) (param "p8" u32) (param "p9" u32) (param "p10" u32) (param "p11" u32) (param "p12" u32) (param "p13" u32) (param "p14" u32) (param "p15" u32) (canon lift (core func $c "i16"))))
(assert_invalid (component
  (core module $m
    (func (export "i17") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "p0" u32) (param "p1" u32) (param "p2" u32) (param "p3" u32) (param "p4" u32) (param "p5" u32) (param "p6" u32) (param "p7" u32) (param "p8" u32) (param "p9" u32) (param "p10" u32) (param "p11" u32) (param "p12" u32) (param "p13" u32) (param "p14" u32) (param "p15" u32) (param "p16" u32) (canon lift (core func $c "i17"))))
  "canon lift, function 0: canonical option `memory` is required")
(assert_invalid (component
  (core module $m (func (export "i") (param i32)))
  (core instance $c (instantiate $m))
  (func (param "p0" u32) (param "p1" u32) (param "p2" u32) (param "p3" u32) (param "p4" u32) (param "p5" u32) (param "p6" u32) (param "p7" u32) (param "p8" u32) (param "p9" u32) (param "p10" u32) (param "p11" u32) (param "p12" u32) (param "p13" u32) (param "p14" u32) (param "p15" u32) (param "p16" u32) (canon lift (core func $c "i"))))
  "canon lift, function 0: canonical option `memory` is required")
(component definition
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "i") (param i32)))
  (core instance $c (instantiate $m))
  (func (param "p0" u32) (param "p1" u32) (param "p2" u32) (param "p3" u32) (param "p4" u32) (param "p5" u32) (param "p6" u32) (param "p7" u32) (param "p8" u32) (param "p9" u32) (param "p10" u32) (param "p11" u32) (param "p12" u32) (param "p13" u32) (param "p14" u32) (param "p15" u32) (param "p16" u32) (canon lift (core func $c "i") (memory (core memory $c "mem")) (realloc (core func $c "realloc")))))
(component definition
  (core module $m
    (func (export "i16") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (core instance $c (instantiate $m))
  (func (param "a" (tuple (list u8 15) u8)) (canon lift (core func $c "i16"))))
(component definition
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "i") (param i32)))
  (core instance $c (instantiate $m))
  (func (param "a" (list u32 17)) (canon lift (core func $c "i") (memory (core memory $c "mem")) (realloc (core func $c "realloc")))))
(component definition
  (core module $m
    (memory (export "mem") 1)
    (func (export "i") (param i32))
    (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "r") (memory (core memory $c "mem")) (post-return (core func $c "i")))))
(assert_invalid (component
  (core module $m
    (memory (export "mem") 1)
    (func (export "v"))
    (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "r") (memory (core memory $c "mem")) (post-return (core func $c "v")))))
  "canon lift, function 0: canonical option `post-return` names a function of the wrong type")
(assert_invalid (component
  (core module $m
    (memory (export "mem") 1)
    (func (export "r") (result i32) unreachable)
    (func (export "ir") (param i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "r") (memory (core memory $c "mem")) (post-return (core func $c "ir")))))
  "canon lift, function 0: canonical option `post-return` names a function of the wrong type")
(component definition
  (core module $m (func (export "v")))
  (core instance $c (instantiate $m))
  (func (canon lift (core func $c "v") (post-return (core func $c "v")))))
(assert_invalid (component
  (core module $m (func (export "v")) (func (export "i") (param i32)))
  (core instance $c (instantiate $m))
  (func (canon lift (core func $c "v") (post-return (core func $c "i")))))
  "canon lift, function 0: canonical option `post-return` names a function of the wrong type")
(assert_invalid (component
  (core module $m (func (export "v")))
  (core instance $c (instantiate $m))
  (func (canon lift (core func $c "v") (post-return (core func $c "v")) (post-return (core func $c "v")))))
  "canonical option `post-return` is given more than once")
(assert_invalid (component
  (core module $m
    (func (export "r") (result i32) unreachable)
    (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (canon lift (core func $c "r") async (callback (core func $c "iii-r")))))
  "canon lift, function 0: canonical option `async` requires an async function type")
(component definition
  (core module $m
    (func (export "r") (result i32) unreachable)
    (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func async (canon lift (core func $c "r") async (callback (core func $c "iii-r")))))
(assert_invalid (component
  (core module $m
    (func (export "v"))
    (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func async (canon lift (core func $c "v") async (callback (core func $c "iii-r")))))
  "canon lift, function 0: core function 0 is () -> (), lifting needs () -> (i32)")
(component definition
  (core module $m (func (export "v")))
  (core instance $c (instantiate $m))
  (func async (canon lift (core func $c "v"))))
(component definition
  (core module $m (func (export "v")))
  (core instance $c (instantiate $m))
  (func async (canon lift (core func $c "v") async)))
(assert_invalid (component
  (core module $m (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func async (canon lift (core func $c "r") async)))
  "canon lift, function 0: core function 0 is () -> (i32), lifting needs () -> ()")
(assert_invalid (component
  (core module $m
    (func (export "v"))
    (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func async (canon lift (core func $c "v") (callback (core func $c "iii-r")))))
  "canon lift, function 0: canonical option `callback` requires `async`")
(assert_invalid (component
  (core module $m
    (func (export "r") (result i32) unreachable)
    (func (export "ir") (param i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func async (canon lift (core func $c "r") async (callback (core func $c "ir")))))
  "canon lift, function 0: canonical option `callback` names a function of the wrong type")
(assert_invalid (component
  (core module $m
    (func (export "i") (param i32))
    (func (export "r") (result i32) unreachable)
    (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func async (canon lift (core func $c "r") async (callback (core func $c "iii-r")) (post-return (core func $c "i")))))
  "canon lift, function 0: canonical option `post-return` cannot be used with `async`")
(component definition
  (core module $m
    (func (export "ir") (param i32) (result i32) unreachable)
    (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func async (param "a" u8) (canon lift (core func $c "ir") async (callback (core func $c "iii-r")))))
(component definition
  (core module $m
    (func (export "r") (result i32) unreachable)
    (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func async (result u8) (canon lift (core func $c "r") async (callback (core func $c "iii-r")))))
(component definition
  (core module $m
    (memory (export "mem") 1)
    (func (export "r") (result i32) unreachable)
    (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func async (result string) (canon lift (core func $c "r") async (callback (core func $c "iii-r")) (memory (core memory $c "mem")))))
(assert_invalid (component
  (core module $m
    (func (export "r") (result i32) unreachable)
    (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func async (result string) (canon lift (core func $c "r") async (callback (core func $c "iii-r")))))
  "canon lift, function 0: canonical option `memory` is required")
(assert_invalid (component
  (core module $m
    (memory (export "mem") 1)
    (func (export "r") (result i32) unreachable)
    (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func async (param "a" string) (canon lift (core func $c "r") async (callback (core func $c "iii-r")) (memory (core memory $c "mem")))))
  "canon lift, function 0: canonical option `realloc` is required")
(assert_invalid (component
  (core module $m
    (func (export "r") (result i32) unreachable)
    (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func async (canon lift (core func $c "r") async async (callback (core func $c "iii-r")))))
  "canonical option `async` is given more than once")
(component definition
  (core module $m (memory (export "mem64") i64 1) (func (export "rl") (result i64) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "rl") (memory (core memory $c "mem64")))))
(assert_invalid (component
  (core module $m (memory (export "mem64") i64 1) (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "r") (memory (core memory $c "mem64")))))
  "canon lift, function 0: core function 0 is () -> (i32), lifting needs () -> (i64)")
(assert_invalid (component
  (core module $m)
  (core instance $c (instantiate $m))
  (func (canon lift (core func $c "nothing"))))
  "alias of a core function: core instance 0 has no export named `nothing`")
(assert_invalid (component
  (core module $m (func (export "r") (result i32) unreachable))
  (core instance $c (instantiate $m))
  (func (result string) (canon lift (core func $c "r") (memory (core memory $c "nothing")))))
  "alias of a core memory: core instance 0 has no export named `nothing`")
(assert_invalid (component
  (core module $m (func (export "v")))
  (core instance $c (instantiate $m))
  (type $t u8) (func (type $t) (canon lift (core func $c "v"))))
  "canon lift, function 0: type 0 is a primitive type type, not a function type")
(assert_invalid (component
  (core module $m (func (export "v")))
  (core instance $c (instantiate $m))
  (func (type 7) (canon lift (core func $c "v"))))
  "canon lift, function 0: type index 7 is out of bounds, there are 0 so far")
(component definition
  (import "g" (func $g))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func)))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(assert_invalid (component
  (import "g" (func $g))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (import "g" (func $g (param "a" u8)))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(component definition
  (import "g" (func $g (result u64)))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func (result i64))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(component definition
  (import "g" (func $g (param "a" string)))
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32 i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(assert_invalid (component
  (import "g" (func $g (param "a" string)))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func (param i32 i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "canon lower, core function 0: canonical option `memory` is required")
(component definition
  (import "g" (func $g (result string)))
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) (memory (core memory $c "mem")) (realloc (core func $c "realloc"))))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(assert_invalid (component
  (import "g" (func $g (result string)))
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "canon lower, core function 0: canonical option `realloc` is required")
(assert_invalid (component
  (import "g" (func $g (result string)))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "canon lower, core function 0: canonical option `memory` is required")
(component definition
  (import "g" (func $g (result (tuple u8 u8))))
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(assert_invalid (component
  (import "g" (func $g (result (tuple u8 u8))))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "canon lower, core function 0: canonical option `memory` is required")
(component definition
  (import "g" (func $g (param "a" (list string))))
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32 i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(assert_invalid (component
  (import "g" (func $g))
  (core module $m (func (export "v")))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) (post-return (core func $c "v"))))
  (core module $n (import "" "f" (func)))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "canon lower, core function 1: canonical option `post-return` cannot be given for lowerings")
(assert_invalid (component
  (import "g" (func $g))
  (core module $m (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) (callback (core func $c "iii-r"))))
  (core module $n (import "" "f" (func)))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "canon lower, core function 1: canonical option `callback` requires `async`")
(assert_invalid (component
  (import "g" (func $g))
  (core func $f (canon lower (func $g) async))
  (core module $n (import "" "f" (func)))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "canon lower, core function 0: canonical option `async` requires an async function type")
(assert_invalid (component
  (import "g" (func $g))
  (core module $m (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) async (callback (core func $c "iii-r"))))
  (core module $n (import "" "f" (func)))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "canon lower, core function 1: canonical option `callback` cannot be given for lowerings")
(component definition
  (import "g" (func $g (param "p0" u32) (param "p1" u32) (param "p2" u32) (param "p3" u32) (param "p4" u32) (param "p5" u32) (param "p6" u32) (param "p7" u32) (param "p8" u32) (param "p9" u32) (param "p10" u32) (param "p11" u32) (param "p12" u32) (param "p13" u32) (param "p14" u32) (param "p15" u32)))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(assert_invalid (component
  (import "g" (func $g (param "p0" u32) (param "p1" u32) (param "p2" u32) (param "p3" u32) (param "p4" u32) (param "p5" u32) (param "p6" u32) (param "p7" u32) (param "p8" u32) (param "p9" u32) (param "p10" u32) (param "p11" u32) (param "p12" u32) (param "p13" u32) (param "p14" u32) (param "p15" u32) (param "p16" u32)))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "canon lower, core function 0: canonical option `memory` is required")
(component definition
  (import "g" (func $g (param "p0" u32) (param "p1" u32) (param "p2" u32) (param "p3" u32) (param "p4" u32) (param "p5" u32) (param "p6" u32) (param "p7" u32) (param "p8" u32) (param "p9" u32) (param "p10" u32) (param "p11" u32) (param "p12" u32) (param "p13" u32) (param "p14" u32) (param "p15" u32) (param "p16" u32)))
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(component definition
  (import "g" (func $g async))
  (core func $f (canon lower (func $g) async))
  (core module $n (import "" "f" (func (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(component definition
  (import "g" (func $g async (param "a" u8)))
  (core func $f (canon lower (func $g) async))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(component definition
  (import "g" (func $g async (result u8)))
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) async (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(assert_invalid (component
  (import "g" (func $g async (result u8)))
  (core func $f (canon lower (func $g) async))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "canon lower, core function 0: canonical option `memory` is required")
(component definition
  (import "g" (func $g async (param "p0" u32) (param "p1" u32) (param "p2" u32) (param "p3" u32)))
  (core func $f (canon lower (func $g) async))
  (core module $n (import "" "f" (func (param i32 i32 i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(assert_invalid (component
  (import "g" (func $g async (param "p0" u32) (param "p1" u32) (param "p2" u32) (param "p3" u32) (param "p4" u32)))
  (core func $f (canon lower (func $g) async))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "canon lower, core function 0: canonical option `memory` is required")
(component definition
  (import "g" (func $g async (param "p0" u32) (param "p1" u32) (param "p2" u32) (param "p3" u32) (param "p4" u32)))
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) async (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(component definition
  (import "g" (func $g async (result string)))
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) async (memory (core memory $c "mem")) (realloc (core func $c "realloc"))))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(assert_invalid (component
  (import "g" (func $g async (result string)))
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $f (canon lower (func $g) async (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
  "canon lower, core function 0: canonical option `realloc` is required")
(component definition
  (import "g" (func $g async))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func)))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(component definition
  (import "g" (func $g (param "a" (result (error f32)))))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func (param i32 f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(component definition
  (import "g" (func $g (param "a" (result u64 (error f32)))))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func (param i32 i64))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(component definition
  (import "g" (func $g (param "a" (result f32 (error u32)))))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func (param i32 i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(component definition
  (import "g" (func $g (param "a" (result f32 (error f64)))))
  (core func $f (canon lower (func $g)))
  (core module $n (import "" "f" (func (param i32 i64))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))
(assert_invalid (component (core func (canon lower (func 0))))
  "canon lower, core function 0: function index 0 is out of bounds, there are 0 so far")
(assert_invalid (component
  (import "g" (func $g))
  (core func (canon lower (func $g) (memory 5))))
  "canon lower, core function 0: core memory index 5 is out of bounds, there are 0 so far")
(component definition
  (type $r (resource (rep i32))) (core func $x (canon resource.new $r))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(component definition
  (type $r (resource (rep i32))) (core func $x (canon resource.rep $r))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(component definition
  (type $r (resource (rep i32))) (core func $x (canon resource.drop $r))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $r (resource (rep i32))) (core func $x (canon resource.new $r))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(assert_invalid (component
  (type $r (resource (rep i32))) (core func $x (canon resource.drop $r))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(assert_invalid (component
  (import "r" (type $r (sub resource)))
  (core func (canon resource.new $r)))
  "canon resource.new, core function 0: type 0 is not a resource of this component")
(assert_invalid (component
  (import "r" (type $r (sub resource)))
  (core func (canon resource.rep $r)))
  "canon resource.rep, core function 0: type 0 is not a resource of this component")
(component definition (import "r" (type $r (sub resource))) (core func (canon resource.drop $r)))
(assert_invalid (component (type $t u8) (core func (canon resource.drop $t)))
  "canon resource.drop, core function 0: type 0 is a primitive type type, not a resource type")
(assert_invalid (component (core func (canon resource.drop 0)))
  "canon resource.drop, core function 0: type index 0 is out of bounds, there are 0 so far")
(assert_invalid (component
  (component $k (type $r (resource (rep i32))) (export "r" (type $r))) (instance $i (instantiate $k)) (alias export $i "r" (type $r))
  (core func (canon resource.new $r)))
  "canon resource.new, core function 0: type 0 is not a resource of this component")
(component definition
  (type $r (resource (rep i32))) (export $e "r" (type $r)) (core func (canon resource.new $e)))
(component definition
  (core func $x (canon task.cancel))
  (core module $n (import "" "f" (func)))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon task.cancel))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon subtask.cancel))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon subtask.cancel))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon subtask.cancel async))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon subtask.cancel async))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon subtask.drop))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon subtask.drop))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon task.return))
  (core module $n (import "" "f" (func)))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon task.return))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon task.return (result u8)))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon task.return (result u8)))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $x (canon task.return (result string) (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32 i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $x (canon task.return (result string) (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $x (canon task.return (result u8) (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $x (canon task.return (result u8) (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon task.return (result (tuple u8 u64))))
  (core module $n (import "" "f" (func (param i32 i64))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon task.return (result (tuple u8 u64))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon context.get i32 0))
  (core module $n (import "" "f" (func (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon context.get i32 0))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon context.set i32 0))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon context.set i32 0))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon context.set i32 1))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon context.set i32 1))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon backpressure.inc))
  (core module $n (import "" "f" (func)))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon backpressure.inc))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon backpressure.dec))
  (core module $n (import "" "f" (func)))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon backpressure.dec))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon thread.yield))
  (core module $n (import "" "f" (func (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon thread.yield))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon waitable-set.new))
  (core module $n (import "" "f" (func (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon waitable-set.new))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $x (canon waitable-set.wait (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $x (canon waitable-set.wait (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $x (canon waitable-set.poll (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $x (canon waitable-set.poll (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon waitable-set.drop))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon waitable-set.drop))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon waitable.join))
  (core module $n (import "" "f" (func (param i32 i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon waitable.join))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (type $s (stream u8)) (core func $x (canon stream.new $s))
  (core module $n (import "" "f" (func (result i64))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $s (stream u8)) (core func $x (canon stream.new $s))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (stream u8)) (core func $x (canon stream.read $s (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32 i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (stream u8)) (core func $x (canon stream.read $s (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (stream u8)) (core func $x (canon stream.write $s (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32 i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (stream u8)) (core func $x (canon stream.write $s (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (stream u8)) (core func $x (canon stream.read $s async (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32 i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (stream u8)) (core func $x (canon stream.read $s async (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (type $s (stream string)) (core func $x (canon stream.read $s (memory (core memory $c "mem")) (realloc (core func $c "realloc"))))
  (core module $n (import "" "f" (func (param i32 i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (type $s (stream string)) (core func $x (canon stream.read $s (memory (core memory $c "mem")) (realloc (core func $c "realloc"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (stream string)) (core func $x (canon stream.write $s (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32 i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (stream string)) (core func $x (canon stream.write $s (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (type $s (stream)) (core func $x (canon stream.read $s))
  (core module $n (import "" "f" (func (param i32 i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $s (stream)) (core func $x (canon stream.read $s))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (type $s (stream u8)) (core func $x (canon stream.cancel-read $s))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $s (stream u8)) (core func $x (canon stream.cancel-read $s))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (type $s (stream u8)) (core func $x (canon stream.cancel-write $s async))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $s (stream u8)) (core func $x (canon stream.cancel-write $s async))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (type $s (stream u8)) (core func $x (canon stream.drop-readable $s))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $s (stream u8)) (core func $x (canon stream.drop-readable $s))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (type $s (stream u8)) (core func $x (canon stream.drop-writable $s))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $s (stream u8)) (core func $x (canon stream.drop-writable $s))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (type $s (future u8)) (core func $x (canon future.new $s))
  (core module $n (import "" "f" (func (result i64))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $s (future u8)) (core func $x (canon future.new $s))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (future u8)) (core func $x (canon future.read $s (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (future u8)) (core func $x (canon future.read $s (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (future u8)) (core func $x (canon future.write $s async (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (future u8)) (core func $x (canon future.write $s async (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (type $s (future string)) (core func $x (canon future.read $s (memory (core memory $c "mem")) (realloc (core func $c "realloc"))))
  (core module $n (import "" "f" (func (param i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (type $s (future string)) (core func $x (canon future.read $s (memory (core memory $c "mem")) (realloc (core func $c "realloc"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (type $s (future)) (core func $x (canon future.read $s))
  (core module $n (import "" "f" (func (param i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $s (future)) (core func $x (canon future.read $s))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (type $s (future u8)) (core func $x (canon future.cancel-read $s))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $s (future u8)) (core func $x (canon future.cancel-read $s))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (type $s (future u8)) (core func $x (canon future.cancel-write $s async))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $s (future u8)) (core func $x (canon future.cancel-write $s async))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (type $s (future u8)) (core func $x (canon future.drop-readable $s))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $s (future u8)) (core func $x (canon future.drop-readable $s))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (type $s (future u8)) (core func $x (canon future.drop-writable $s))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (type $s (future u8)) (core func $x (canon future.drop-writable $s))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $x (canon error-context.new (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func $x (canon error-context.new (memory (core memory $c "mem"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (core func $x (canon error-context.debug-message (memory (core memory $c "mem")) (realloc (core func $c "realloc"))))
  (core module $n (import "" "f" (func (param i32 i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (core func $x (canon error-context.debug-message (memory (core memory $c "mem")) (realloc (core func $c "realloc"))))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon error-context.drop))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon error-context.drop))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon thread.index))
  (core module $n (import "" "f" (func (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon thread.index))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon thread.suspend))
  (core module $n (import "" "f" (func (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon thread.suspend))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon thread.resume-later))
  (core module $n (import "" "f" (func (param i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon thread.resume-later))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon thread.suspend-then-resume))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon thread.suspend-then-resume))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon thread.yield-then-resume))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon thread.yield-then-resume))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon thread.suspend-then-promote))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon thread.suspend-then-promote))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core func $x (canon thread.yield-then-promote))
  (core module $n (import "" "f" (func (param i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core func $x (canon thread.yield-then-promote))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 1: type mismatch for core import `` `f`: core function types do not match")
(component definition
  (core module $m (table (export "tab") 1 funcref))
  (core instance $c (instantiate $m))
  (core type $ft (func (param i32))) (core func $x (canon thread.new-indirect $ft (core table $c "tab")))
  (core module $n (import "" "f" (func (param i32 i32) (result i32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
(assert_invalid (component
  (core module $m (table (export "tab") 1 funcref))
  (core instance $c (instantiate $m))
  (core type $ft (func (param i32))) (core func $x (canon thread.new-indirect $ft (core table $c "tab")))
  (core module $n (import "" "f" (func (param f32))))
  (core instance (instantiate $n (with "" (instance (export "f" (func $x)))))))
  "core instance 2: type mismatch for core import `` `f`: core function types do not match")
(assert_invalid (component (core func (canon task.return (result string))))
  "canon task.return, core function 0: canonical option `memory` is required")
(assert_invalid (component
  (core module $m
    (memory (export "mem") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (core func (canon task.return (realloc (core func $c "realloc")) (memory (core memory $c "mem")))))
  "canon task.return, core function 1: canonical option `realloc` cannot be given for task.return")
(assert_invalid (component (core func (canon task.return async)))
  "canon task.return, core function 0: canonical option `async` cannot be given for task.return")
(assert_invalid (component
  (type $r (resource (rep i32))) (core func (canon task.return (result (borrow $r)))))
  "canon task.return, core function 0: the result of task.return cannot contain a borrow")
(assert_invalid (component (core func (canon context.get i32 2)))
  "canon context.get, core function 0: context slot 2 does not exist, there are 2")
(assert_invalid (component (core func (canon context.get f32 0)))
  "canon context.get, core function 0: context slots can only be i32")
(assert_invalid (component
  (core func (canon context.get i32 0)) (core func (canon context.set i64 0)))
  "canon context.set, core function 1: all context slots of a component have one type")
(assert_invalid (component (core func (canon waitable-set.wait (memory 3))))
  "canon waitable-set.wait, core function 0: core memory index 3 is out of bounds, there are 0 so far")
(assert_invalid (component (type $s (future u8)) (core func (canon stream.new $s)))
  "canon stream.new, core function 0: type 0 is a future type, not a stream type")
(assert_invalid (component (type $s u8) (core func (canon stream.new $s)))
  "canon stream.new, core function 0: type 0 is a primitive type type, not a stream type")
(assert_invalid (component (core func (canon stream.new 9)))
  "canon stream.new, core function 0: type index 9 is out of bounds, there are 0 so far")
(assert_invalid (component (type $s (stream u8)) (core func (canon future.new $s)))
  "canon future.new, core function 0: type 0 is a stream type, not a future type")
(assert_invalid (component (type $s (stream u8)) (core func (canon stream.read $s)))
  "canon stream.read, core function 0: canonical option `memory` is required")
(assert_invalid (component (type $s (stream u8)) (core func (canon stream.write $s)))
  "canon stream.write, core function 0: canonical option `memory` is required")
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (stream string)) (core func (canon stream.read $s (memory (core memory $c "mem")))))
  "canon stream.read, core function 0: canonical option `realloc` is required")
(assert_invalid (component (type $s (future u8)) (core func (canon future.read $s)))
  "canon future.read, core function 0: canonical option `memory` is required")
(assert_invalid (component (type $s (future u8)) (core func (canon future.write $s)))
  "canon future.write, core function 0: canonical option `memory` is required")
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (type $s (future string)) (core func (canon future.read $s (memory (core memory $c "mem")))))
  "canon future.read, core function 0: canonical option `realloc` is required")
(assert_invalid (component
  (core module $m (memory (export "mem") 1) (func (export "v")))
  (core instance $c (instantiate $m))
  (type $s (stream u8)) (core func (canon stream.read $s (memory (core memory $c "mem")) (post-return (core func $c "v")))))
  "canon stream.read, core function 1: canonical option `post-return` cannot be given for lowerings")
(assert_invalid (component
  (core module $m
    (memory (export "mem") 1)
    (func (export "iii-r") (param i32 i32 i32) (result i32) unreachable))
  (core instance $c (instantiate $m))
  (type $s (stream u8)) (core func (canon stream.read $s (memory (core memory $c "mem")) (callback (core func $c "iii-r")))))
  "canon stream.read, core function 1: canonical option `callback` requires `async`")
(assert_invalid (component (core func (canon error-context.new)))
  "canon error-context.new, core function 0: canonical option `memory` is required")
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func (canon error-context.debug-message (memory (core memory $c "mem")))))
  "canon error-context.debug-message, core function 0: canonical option `realloc` is required")
(assert_invalid (component
  (core module $m (memory (export "mem") 1))
  (core instance $c (instantiate $m))
  (core func (canon error-context.new (memory (core memory $c "mem")) async)))
  "canon error-context.new, core function 0: canonical option `async` cannot be given for error-context.new")
(assert_invalid (component
  (core module $m (table (export "tab") 1 funcref))
  (core instance $c (instantiate $m))
  (core type $ft (func)) (core func (canon thread.new-indirect $ft (core table $c "tab"))))
  "canon thread.new-indirect, core function 0: the start type of a thread must be a function that takes an i32 and returns nothing")
(assert_invalid (component
  (core module $m (table (export "tab") 1 funcref))
  (core instance $c (instantiate $m))
  (core func (canon thread.new-indirect 5 (core table $c "tab"))))
  "canon thread.new-indirect, core function 0: core type index 5 is out of bounds, there are 0 so far")
(assert_invalid (component
  (core type $ft (func (param i32))) (core func (canon thread.new-indirect $ft (core table 7))))
  "canon thread.new-indirect, core function 0: core table index 7 is out of bounds, there are 0 so far")
