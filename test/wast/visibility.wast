;; What imports and exports mention must itself be imported or exported.

(component definition (type $t (record (field "a" u8))) (import "t" (type $t' (eq $t)))
  (import "f" (func (param "x" $t'))))
(assert_invalid (component (type $t (record (field "a" u8)))
  (import "f" (func (param "x" $t)))) "")
(assert_invalid (component (type $t (variant (case "a")))
  (import "f" (func (result $t)))) "")
(assert_invalid (component (type $t (flags "a"))
  (import "f" (func (param "x" (list $t))))) "")
(assert_invalid (component (type $t (enum "a"))
  (import "f" (func (param "x" (option (tuple u8 $t)))))) "")
(assert_invalid (component (type $t (enum "a"))
  (import "f" (func (param "x" (result $t (error string)))))) "")
(assert_invalid (component (type $t (enum "a")) (import "f" (func (param "x" (stream $t))))) "")
(assert_invalid (component (type $t (enum "a")) (import "f" (func (param "x" (future $t))))) "")
(assert_invalid (component (type $t (enum "a")) (import "f" (func (param "x" (list $t 3))))) "")
(assert_invalid (component (type $t (enum "a")) (import "f" (func (param "x" (map u8 $t))))) "")
(component definition (type $t (list (option (tuple u8 string)))) (import "f" (func (param "x" $t) (result (result $t)))))

;; The imported name counts, not the definition.
(assert_invalid (component (type $t (record (field "a" u8))) (import "t" (type (eq $t)))
  (import "f" (func (param "x" $t)))) "")
;; Parts too.
(assert_invalid (component (type $e (enum "a")) (type $t (record (field "a" $e)))
  (import "t" (type (eq $t)))) "")
(component definition (type $e (enum "a")) (import "e" (type $e' (eq $e))) (type $t (record (field "a" $e')))
  (import "t" (type $t' (eq $t))) (import "f" (func (param "x" $t'))))

;; In instances.
(component definition (import "i" (instance (type $t (record (field "a" u8))) (export "t" (type $t' (eq $t)))
  (export "f" (func (param "x" $t'))))))
(component definition (import "i" (instance $i (type $t (record (field "a" u8))) (export "t" (type (eq $t)))))
  (alias export $i "t" (type $t)) (import "f" (func (param "x" $t))))
(assert_invalid (component (import "i" (instance (type $t (record (field "a" u8)))
  (export "f" (func (param "x" $t)))))) "")
(assert_invalid (component (type $t (record (field "a" u8)))
  (import "i" (instance (alias outer 1 $t (type $u)) (export "f" (func (param "x" $u)))))) "")
(component definition (type (instance (type $t (record (field "a" u8))) (export "f" (func (param "x" $t))))))
(assert_invalid (component (type (component (type $t (record (field "a" u8)))
  (import "f" (func (param "x" $t)))))) "")
(assert_invalid (component (type (component (type $t (record (field "a" u8)))
  (export "f" (func (param "x" $t)))))) "")
(component definition (type (component (type $t (record (field "a" u8))) (import "t" (type $t' (eq $t)))
  (export "f" (func (param "x" $t'))))))

;; Exports may use what is imported, or exported.
(component definition
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (type $t (record (field "a" u8)))
  (export $t' "t" (type $t))
  (func $f (param "x" $t') (canon lift (core func $i "f")))
  (export "f" (func $f)))
(component definition
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (type $t (record (field "a" u8)))
  (import "t" (type $t' (eq $t)))
  (func $f (param "x" $t') (canon lift (core func $i "f")))
  (export "f" (func $f)))
(assert_invalid (component
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (type $t (record (field "a" u8)))
  (func $f (param "x" $t) (canon lift (core func $i "f")))
  (export "f" (func $f))) "")
(assert_invalid (component
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (type $t (record (field "a" u8)))
  (export "t" (type $t))
  (func $f (param "x" $t) (canon lift (core func $i "f")))
  (export "f" (func $f))) "")
;; An ascription gives the right name.
(component definition
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (type $t (record (field "a" u8)))
  (func $f (param "x" $t) (canon lift (core func $i "f")))
  (export $t' "t" (type $t))
  (export "f" (func $f) (func (param "x" $t'))))
;; Not the order: the type is exported too late.
(assert_invalid (component
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (type $t (record (field "a" u8)))
  (func $f (param "x" $t) (canon lift (core func $i "f")))
  (export "f" (func $f))
  (export "t" (type $t))) "")
;; An exported type is not visible to imports.
(assert_invalid (component
  (type $t (record (field "a" u8)))
  (export $t' "t" (type $t))
  (import "f" (func (param "x" $t')))) "")

;; Resources.
(assert_invalid (component (type $r (resource (rep i32))) (import "f" (func (result (own $r))))) "")
(assert_invalid (component (type $r (resource (rep i32))) (export $r' "r" (type $r))
  (import "f" (func (result (own $r'))))) "")
(assert_invalid (component
  (type $r (resource (rep i32)))
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (func $f (param "x" (own $r)) (canon lift (core func $i "f")))
  (export "f" (func $f))) "")
(component definition
  (type $r (resource (rep i32)))
  (export $r' "r" (type $r))
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (func $f (param "x" (own $r')) (canon lift (core func $i "f")))
  (export "f" (func $f)))
(component definition
  (type $r (resource (rep i32)))
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (func $f (param "x" (borrow $r)) (canon lift (core func $i "f")))
  (export $r' "r" (type $r))
  (export "f" (func $f) (func (param "x" (borrow $r')))))
;; Through instances.
(component definition
  (type $r (resource (rep i32)))
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (func $f (param "x" (own $r)) (canon lift (core func $i "f")))
  (instance $e (export "r" (type $r)) (export "f" (func $f)))
  (export "e" (instance $e)))
(assert_invalid (component
  (type $r (resource (rep i32)))
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (func $f (param "x" (own $r)) (canon lift (core func $i "f")))
  (instance $e (export "f" (func $f)))
  (export "e" (instance $e))) "")
(assert_invalid (component
  (type $t (record (field "a" u8)))
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (func $f (param "x" $t) (canon lift (core func $i "f")))
  (instance $e (export "f" (func $f)))
  (export "e" (instance $e))) "")
(component definition
  (type $t (record (field "a" u8)))
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (func $f (param "x" $t) (canon lift (core func $i "f")))
  (instance $e (export "t" (type $t)) (export "f" (func $f)))
  (export "e" (instance $e)))
(component definition
  (component $c (import "r" (type $r (sub resource))) (export "r2" (type $r)))
  (type $r (resource (rep i32)))
  (instance $i (instantiate $c (with "r" (type $r))))
  (export "i" (instance $i)))

;; Nested components.
(assert_invalid (component
  (type $r (resource (rep i32)))
  (component (export "r" (type $r)))) "")
(assert_invalid (component
  (import "r" (type $r (sub resource)))
  (component (alias outer 1 $r (type $r2)))) "")
(assert_invalid (component
  (type $r (resource (rep i32)))
  (type $o (list (own $r)))
  (component (alias outer 1 $o (type $o2)))) "")
(component definition (type $t (record (field "a" u8))) (component (import "t" (type (eq $t)))))
