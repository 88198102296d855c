;; What a value type may be made of.

(component definition
  (type (record (field "a" u8) (field "b" string)))
  (type (variant (case "a") (case "b" u8)))
  (type (list string))
  (type (tuple u8 (tuple char f32)))
  (type (flags "a" "b"))
  (type (enum "a" "b"))
  (type (option (option u8)))
  (type (result))
  (type (result u8))
  (type (result (error string)))
  (type (result u8 (error string)))
  (type (list u8 4))
  (type (map string u8))
  (type (stream u8))
  (type (stream))
  (type (future string))
  (type (future))
  (type error-context)
  (type (func (param "a" u8) (result string)))
  (type (func async (param "a" u8))))

(assert_invalid (component (type (record))) "")
(assert_invalid (component (type (variant))) "")
(assert_invalid (component (type (tuple))) "")
(assert_invalid (component (type (flags))) "")
(assert_invalid (component (type (enum))) "")
(assert_invalid (component (type (list u8 0))) "")

;; 32 flags are the most.
(component definition (type (flags "a0" "a1" "a2" "a3" "a4" "a5" "a6" "a7" "a8" "a9" "a10" "a11" "a12" "a13"
  "a14" "a15" "a16" "a17" "a18" "a19" "a20" "a21" "a22" "a23" "a24" "a25" "a26" "a27" "a28" "a29"
  "a30" "a31")))
(assert_invalid (component (type (flags "a0" "a1" "a2" "a3" "a4" "a5" "a6" "a7" "a8" "a9" "a10"
  "a11" "a12" "a13" "a14" "a15" "a16" "a17" "a18" "a19" "a20" "a21" "a22" "a23" "a24" "a25" "a26"
  "a27" "a28" "a29" "a30" "a31" "a32"))) "")

;; Only value types are parts of value types.
(assert_invalid (component (type $f (func)) (type (list $f))) "")
(assert_invalid (component (type $f (func)) (type (record (field "a" $f)))) "")
(assert_invalid (component (type $f (func)) (type (option $f))) "")
(assert_invalid (component (type $f (func)) (type (variant (case "a" $f)))) "")
(assert_invalid (component (type $f (func)) (type (tuple $f))) "")
(assert_invalid (component (type $f (func)) (type (result $f))) "")
(assert_invalid (component (type $f (func)) (type (result (error $f)))) "")
(assert_invalid (component (type $f (func)) (type (func (param "a" $f)))) "")
(assert_invalid (component (type $f (func)) (type (func (result $f)))) "")
(assert_invalid (component (type $f (func)) (type (stream $f))) "")
(assert_invalid (component (type $f (func)) (type (future $f))) "")
(assert_invalid (component (type $i (instance)) (type (list $i))) "")
(assert_invalid (component (type $c (component)) (type (list $c))) "")
(assert_invalid (component (type $r (resource (rep i32))) (type (list $r))) "")
(assert_invalid (component (type $l (list u8)) (type (own $l))) "")
(assert_invalid (component (type $l (list u8)) (type (borrow $l))) "")
(assert_invalid (component (type $f (func)) (type (own $f))) "")
(assert_invalid (component (type (own 0))) "")
(assert_invalid (component (type (list 0))) "")
(assert_invalid (component (type (list 1))) "")

;; Keys of maps.
(component definition (type (map u8 u8)) (type (map bool u8)) (type (map char u8)) (type (map s64 (list u8))))
(component definition (type $k u32) (type (map $k u8)))
(assert_invalid (component (type (map f32 u8))) "")
(assert_invalid (component (type (map f64 u8))) "")
(assert_invalid (component (type $k (list u8)) (type (map $k u8))) "")
(assert_invalid (component (type $k (record (field "a" u8))) (type (map $k u8))) "")
(assert_invalid (component (type (map error-context u8))) "")
(assert_invalid (component (type $f (func)) (type (map u8 $f))) "")

;; Borrows stay within a call.
(component definition (type $r (resource (rep i32))) (type $b (borrow $r)) (type (func (param "a" $b))))
(component definition (type $r (resource (rep i32))) (type $b (borrow $r)) (type $l (list $b))
  (type (func (param "a" (option $l)))))
(assert_invalid (component (type $r (resource (rep i32))) (type (func (result (borrow $r))))) "")
(assert_invalid (component (type $r (resource (rep i32))) (type (func (result (list (borrow $r)))))) "")
(assert_invalid (component (type $r (resource (rep i32)))
  (type (func (result (option (tuple u8 (borrow $r))))))) "")
(assert_invalid (component (type $r (resource (rep i32))) (type $b (borrow $r)) (type (stream $b))) "")
(assert_invalid (component (type $r (resource (rep i32))) (type $b (borrow $r)) (type (future $b))) "")
(assert_invalid (component (type $r (resource (rep i32))) (type $b (borrow $r))
  (type (stream (list $b)))) "")
(component definition (type $r (resource (rep i32))) (type $o (own $r)) (type (stream $o)) (type (future $o)))
(assert_invalid (component (type $r (resource (rep i32))) (type $b (borrow $r)) (type $m (map u8 $b))
  (type (func (result $m)))) "")
(assert_invalid (component (type (stream char))) "")
(component definition (type (future char)) (type (stream (tuple char))))
(assert_invalid (component (type $c char) (type (stream $c))) "")

;; Function types.
(assert_invalid (component (type (func (param "a" u8) (param "a" u8)))) "")
(assert_invalid (component (type (func (param "a" u8) (param "A" u8)))) "")
(assert_invalid (component (type (func (param "" u8)))) "")
(assert_invalid (component (type (func (param "FooBar" u8)))) "")

;; The largest value has less than 2^28 bytes.
(component definition (type (list u8 268435455)))
(assert_invalid (component (type (list u8 268435456))) "")
(assert_invalid (component (type (list u64 33554432))) "")
(assert_invalid (component (type (list (tuple u8 u32) 100000000))) "")
(assert_invalid (component (type $a (list u8 200000000)) (type (tuple $a $a))) "")
(assert_invalid (component (type $a (list u8 268435455)) (type (option $a))) "")

;; Resources.
(component definition (type (resource (rep i32))))
(assert_invalid (component (type (resource (rep f32)))) "")
(assert_invalid (component (type (resource (rep f64)))) "")
(assert_invalid (component (type (component (type (resource (rep i32)))))) "")
(assert_invalid (component (type (instance (type (resource (rep i32)))))) "")
(assert_invalid (component (type (resource (rep i32) (dtor (core func 0))))) "")
(component definition
  (core module $m (func (export "d") (param i32)))
  (core instance $i (instantiate $m))
  (type (resource (rep i32) (dtor (core func $i "d")))))
(assert_invalid (component
  (core module $m (func (export "d") (param i64)))
  (core instance $i (instantiate $m))
  (type (resource (rep i32) (dtor (core func $i "d"))))) "")
(assert_invalid (component
  (core module $m (func (export "d") (param i32) (result i32) unreachable))
  (core instance $i (instantiate $m))
  (type (resource (rep i32) (dtor (core func $i "d"))))) "")
(assert_invalid (component
  (core module $m (func (export "d")))
  (core instance $i (instantiate $m))
  (type (resource (rep i32) (dtor (core func $i "d"))))) "")
