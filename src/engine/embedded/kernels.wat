;; The loops over all weights: two or four numbers at a time, in the order and precision of the formulas beside them.
;;
;; Memory: four blocks of 4096 float32, at 0, 16384, 32768 and 49152; four float64 sums at 65536.
;; $end is where in its first block a kernel stops, in bytes, a multiple of 16 above 0.
(module
  (memory (export "memory") 2)

  ;; first block ← first + second, in float32
  (func (export "add") (param $end i32)
    (local $i i32)
    (loop $next
      (v128.store (local.get $i)
        (f32x4.add (v128.load (local.get $i)) (v128.load offset=16384 (local.get $i))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $end)))))

  ;; sum k ← sum k + Σ x², over the numbers k, k + 4, k + 8, … of the first block, in float64
  (func (export "squares") (param $end i32)
    (local $i i32) (local $x v128) (local $low v128) (local $high v128)
    (local.set $low (v128.load offset=65536 (i32.const 0)))
    (local.set $high (v128.load offset=65552 (i32.const 0)))
    (loop $next
      (local.set $x (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $i))))
      (local.set $low (f64x2.add (local.get $low) (f64x2.mul (local.get $x) (local.get $x))))
      (local.set $x (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $i))))
      (local.set $high (f64x2.add (local.get $high) (f64x2.mul (local.get $x) (local.get $x))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $end))))
    (v128.store offset=65536 (i32.const 0) (local.get $low))
    (v128.store offset=65552 (i32.const 0) (local.get $high)))

  ;; AdamW: θ, g, m, v in the four blocks; θ, m, v are written. In float64 from the numbers read to those written:
  ;;   m' = β₁m + (1 − β₁)·clip·g      v' = β₂v + (1 − β₂)·(clip·g)²
  ;;   θ' = θ − (decay·θ + rate·m' / (√v'·correction + ε))
  ;; sums 0 and 1 ← + Σ (θ − θ')², sums 2 and 3 ← + Σ θ², over even and odd numbers
  (func (export "adamw") (param $end i32)
    (param $clip f64) (param $beta1 f64) (param $beta2 f64)
    (param $rate f64) (param $correction f64) (param $epsilon f64) (param $decay f64)
    (local $i i32)
    (local $g v128) (local $m v128) (local $v v128) (local $was v128) (local $is v128)
    (local $moved v128) (local $before v128)
    (local $clips v128) (local $rates v128) (local $corrections v128) (local $epsilons v128) (local $decays v128)
    (local $b1 v128) (local $c1 v128) (local $b2 v128) (local $c2 v128)
    (local.set $clips (f64x2.splat (local.get $clip)))
    (local.set $rates (f64x2.splat (local.get $rate)))
    (local.set $corrections (f64x2.splat (local.get $correction)))
    (local.set $epsilons (f64x2.splat (local.get $epsilon)))
    (local.set $decays (f64x2.splat (local.get $decay)))
    (local.set $b1 (f64x2.splat (local.get $beta1)))
    (local.set $c1 (f64x2.splat (f64.sub (f64.const 1) (local.get $beta1))))
    (local.set $b2 (f64x2.splat (local.get $beta2)))
    (local.set $c2 (f64x2.splat (f64.sub (f64.const 1) (local.get $beta2))))
    (local.set $moved (v128.load offset=65536 (i32.const 0)))
    (local.set $before (v128.load offset=65552 (i32.const 0)))
    (loop $next
      (local.set $was (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $i))))
      (local.set $g (f64x2.mul
        (f64x2.promote_low_f32x4 (v128.load64_zero offset=16384 (local.get $i)))
        (local.get $clips)))
      (local.set $m (f64x2.add
        (f64x2.mul (local.get $b1) (f64x2.promote_low_f32x4 (v128.load64_zero offset=32768 (local.get $i))))
        (f64x2.mul (local.get $c1) (local.get $g))))
      (local.set $v (f64x2.add
        (f64x2.mul (local.get $b2) (f64x2.promote_low_f32x4 (v128.load64_zero offset=49152 (local.get $i))))
        (f64x2.mul (f64x2.mul (local.get $c2) (local.get $g)) (local.get $g))))
      (local.set $is (f32x4.demote_f64x2_zero
        (f64x2.sub (local.get $was)
          (f64x2.add
            (f64x2.mul (local.get $decays) (local.get $was))
            (f64x2.div
              (f64x2.mul (local.get $rates) (local.get $m))
              (f64x2.add
                (f64x2.mul (f64x2.sqrt (local.get $v)) (local.get $corrections))
                (local.get $epsilons)))))))
      (v128.store64_lane 0 (local.get $i) (local.get $is))
      (v128.store64_lane offset=32768 0 (local.get $i) (f32x4.demote_f64x2_zero (local.get $m)))
      (v128.store64_lane offset=49152 0 (local.get $i) (f32x4.demote_f64x2_zero (local.get $v)))
      (local.set $is (f64x2.sub (local.get $was) (f64x2.promote_low_f32x4 (local.get $is))))
      (local.set $moved (f64x2.add (local.get $moved) (f64x2.mul (local.get $is) (local.get $is))))
      (local.set $before (f64x2.add (local.get $before) (f64x2.mul (local.get $was) (local.get $was))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get $end))))
    (v128.store offset=65536 (i32.const 0) (local.get $moved))
    (v128.store offset=65552 (i32.const 0) (local.get $before))))
