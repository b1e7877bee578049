;; The loops over all weights: two or four numbers at a time, in the order and precision of the formulas beside them.
;;
;; Memory: four blocks of 4096 float32, at 0, 16384, 32768 and 49152; four float64 sums at 65536; and, of a matrix that
;; is rounded to eight bits: a factor for each row, float32, at 69632; signs, 64 float32, at 73728; a panel of its rows,
;; 2^18 float32, at 131072; the bytes that they become at 1179648.
;; $end is where in its first block, or in the panel, a kernel stops, in bytes, a multiple of 16 above 0.
(module
  (memory (export "memory") 22)

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
    (v128.store offset=65552 (i32.const 0) (local.get $before)))

  ;; Each $block numbers of the panel, 1 to 64 of them: times the signs, then by a Hadamard matrix, without its 1 / √block
  (func (export "turn") (param $end i32) (param $block i32)
    (local $i i32) (local $at i32) (local $step i32) (local $x v128) (local $y v128)
    (loop $next
      (local.set $x (f32x4.mul
        (v128.load offset=131072 (local.get $i))
        (v128.load offset=73728 (i32.and (local.get $i) (i32.const 255)))))
      (if (i32.gt_u (local.get $block) (i32.const 1)) (then
        (local.set $x (f32x4.add
          (i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11 (local.get $x) (local.get $x))
          (f32x4.mul (local.get $x) (v128.const f32x4 1 -1 1 -1))))))
      (if (i32.gt_u (local.get $block) (i32.const 2)) (then
        (local.set $x (f32x4.add
          (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $x) (local.get $x))
          (f32x4.mul (local.get $x) (v128.const f32x4 1 1 -1 -1))))))
      (v128.store offset=131072 (local.get $i) (local.get $x))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $end))))
    ;; pairs that stand 4, 8, 16 and 32 numbers apart
    (local.set $step (i32.const 16))
    (block $done
      (loop $wider
        (br_if $done (i32.ge_u (local.get $step) (i32.shl (local.get $block) (i32.const 2))))
        (local.set $i (i32.const 0))
        (loop $next
          (local.set $at (i32.add (local.get $i)
            (i32.and (local.get $i) (i32.sub (i32.const 0) (local.get $step)))))
          (local.set $x (v128.load offset=131072 (local.get $at)))
          (local.set $y (v128.load offset=131072 (i32.add (local.get $at) (local.get $step))))
          (v128.store offset=131072 (local.get $at) (f32x4.add (local.get $x) (local.get $y)))
          (v128.store offset=131072 (i32.add (local.get $at) (local.get $step))
            (f32x4.sub (local.get $x) (local.get $y)))
          (br_if $next (i32.lt_u
            (local.tee $i (i32.add (local.get $i) (i32.const 16)))
            (i32.shr_u (local.get $end) (i32.const 1)))))
        (local.set $step (i32.shl (local.get $step) (i32.const 1)))
        (br $wider))))

  ;; factor r ← max |x| of row r of the panel, whose rows take $width bytes each
  (func (export "peaks") (param $end i32) (param $width i32)
    (local $i i32) (local $stop i32) (local $factor i32) (local $peak v128)
    (loop $row
      (local.set $stop (i32.add (local.get $i) (local.get $width)))
      (local.set $peak (v128.const f32x4 0 0 0 0))
      (loop $next
        (local.set $peak (f32x4.max (local.get $peak) (f32x4.abs (v128.load offset=131072 (local.get $i)))))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $stop))))
      (f32.store offset=69632 (local.get $factor)
        (f32.max
          (f32.max (f32x4.extract_lane 0 (local.get $peak)) (f32x4.extract_lane 1 (local.get $peak)))
          (f32.max (f32x4.extract_lane 2 (local.get $peak)) (f32x4.extract_lane 3 (local.get $peak)))))
      (local.set $factor (i32.add (local.get $factor) (i32.const 4)))
      (br_if $row (i32.lt_u (local.get $i) (local.get $end)))))

  ;; Byte r of column c ← factor r · x, to the nearest whole number and of two such to the even one: columns of $rows
  ;; bytes each, a multiple of 4, made of that many rows of $width bytes
  (func (export "round") (param $rows i32) (param $width i32)
    (local $row i32) (local $i i32) (local $at i32) (local $to i32) (local $bytes v128)
    (local $f0 v128) (local $f1 v128) (local $f2 v128) (local $f3 v128)
    (loop $four
      (local.set $f0 (v128.load32_splat offset=69632 (i32.shl (local.get $row) (i32.const 2))))
      (local.set $f1 (v128.load32_splat offset=69636 (i32.shl (local.get $row) (i32.const 2))))
      (local.set $f2 (v128.load32_splat offset=69640 (i32.shl (local.get $row) (i32.const 2))))
      (local.set $f3 (v128.load32_splat offset=69644 (i32.shl (local.get $row) (i32.const 2))))
      (local.set $at (i32.mul (local.get $row) (local.get $width)))
      (local.set $to (local.get $row))
      (local.set $i (i32.const 0))
      (loop $next
        (local.set $bytes (i8x16.shuffle 0 4 8 12 1 5 9 13 2 6 10 14 3 7 11 15
          (local.tee $bytes (i8x16.narrow_i16x8_s
            (i16x8.narrow_i32x4_s
              (i32x4.trunc_sat_f32x4_s (f32x4.nearest (f32x4.mul (local.get $f0)
                (v128.load offset=131072 (local.get $at)))))
              (i32x4.trunc_sat_f32x4_s (f32x4.nearest (f32x4.mul (local.get $f1)
                (v128.load offset=131072 (i32.add (local.get $at) (local.get $width)))))))
            (i16x8.narrow_i32x4_s
              (i32x4.trunc_sat_f32x4_s (f32x4.nearest (f32x4.mul (local.get $f2)
                (v128.load offset=131072 (i32.add (local.get $at) (i32.shl (local.get $width) (i32.const 1)))))))
              (i32x4.trunc_sat_f32x4_s (f32x4.nearest (f32x4.mul (local.get $f3)
                (v128.load offset=131072
                  (i32.add (local.get $at) (i32.mul (local.get $width) (i32.const 3))))))))))
          (local.get $bytes)))
        (v128.store32_lane offset=1179648 0 (local.get $to) (local.get $bytes))
        (v128.store32_lane offset=1179648 1
          (local.tee $to (i32.add (local.get $to) (local.get $rows))) (local.get $bytes))
        (v128.store32_lane offset=1179648 2
          (local.tee $to (i32.add (local.get $to) (local.get $rows))) (local.get $bytes))
        (v128.store32_lane offset=1179648 3
          (local.tee $to (i32.add (local.get $to) (local.get $rows))) (local.get $bytes))
        (local.set $to (i32.add (local.get $to) (local.get $rows)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $width))))
      (br_if $four (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 4))) (local.get $rows))))))
