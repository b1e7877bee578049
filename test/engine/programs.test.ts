/** What is traced, as text: a change in it is read in review. */
import { describe, expect, test } from "vitest";
import { gradient } from "../../src/autodiff/gradient.ts";
import { add, concat, matmul, mul, split, stopGradient, sum } from "../../src/autodiff/ops.ts";
import { print } from "../../src/autodiff/print.ts";
import { inline, input } from "../../src/autodiff/tensor.ts";
import { backward, decode, forward } from "../../src/engine/embedded/programs.ts";
import { traceObjective } from "../../src/engine/objective-program.ts";
import { nft } from "../../src/loop/objectives/nft.ts";
import { smallConfig } from "./small.ts";

describe("a program", () => {
  test("of the gradient of x·w is two products and no transpose", () => {
    const [x, w, dy] = [input("f32", ["B", 4]), input("f32", [4, 3]), input("f32", ["B", 3])];
    const [dx, dw] = gradient([[matmul(x, w), dy]], [x, w]);
    expect(print({ name: "linear", inputs: { x, w, dy }, outputs: { dx, dw } })).toMatchInlineSnapshot(`
      "linear(x: f32[B,4], w: f32[4,3], dy: f32[B,3])
        dx = MatMul(dy, w, transB=1)  f32[B,4]
        dw = MatMul(x, dy, transA=1)  f32[4,3]
        → dx, dw"
    `);
  });

  test("puts the gradients of all slices side by side instead of adding padded ones", () => {
    const x = input("f32", ["N", 6]);
    const [a, b] = split(x, 1, [2, 4]);
    const [dx] = gradient([[concat([mul(b, 2), mul(a, 3)], 1), x]], [x]);
    expect(print({ name: "slices", inputs: { x }, outputs: { dx } })).toMatchInlineSnapshot(`
      "slices(x: f32[N,6])
        %a = Slice(x, axis=1, start=4, length=2)  f32[N,2]
        %b = Mul(%a, 3)                           f32[N,2]
        %c = Slice(x, axis=1, length=4, after=2)  f32[N,4]
        %d = Mul(%c, 2)                           f32[N,4]
        dx = Concat(%b, %d, axis=1)               f32[N,6]
        → dx"
    `);
  });

  test("of NFT's loss has the straight-through floor and both branches", () => {
    const program = traceObjective(nft({ clampNegative: 0.5 }));
    expect(print({ ...program, outputs: { losses: program.outputs.losses } })).toMatchInlineSnapshot(`
      "nft(logp: f64[B,T], logpOld: f64[B,T], mask: f64[B,T], column/right: f64[B,1], column/solveRate: f64[B,1])
        %a = Greater(column/right, 0)                bool[B,1]
        %b = Greater(mask, 0)                        bool[B,T]
        %c = Where(%b, logp, 0)                      f64[B,T]
        %d = Sub(%c, logpOld)                        f64[B,T]
        %e = GreaterOrEqual(10, %d)                  bool[B,T]
        %f = Where(%e, %d, 10)                       f64[B,T]
        %g = Neg(%f)                                 f64[B,T]
        %h = GreaterOrEqual(column/solveRate, 0.02)  bool[B,1]
        %i = Where(%h, column/solveRate, 0.02)       f64[B,1]
        %j = GreaterOrEqual(0.98, %i)                bool[B,1]
        %k = Where(%j, %i, 0.98)                     f64[B,1]
        %l = Exp(%f)                                 f64[B,T]
        %m = Mul(%k, %l)                             f64[B,T]
        %n = Sub(1, %m)                              f64[B,T]
        %o = Sub(1, %k)                              f64[B,1]
        %p = Div(%n, %o)                             f64[B,T]
        %q = GreaterOrEqual(%p, 0.5)                 bool[B,T]
        %r = Where(%q, %p, 0.5)                      f64[B,T]
        %s = Sub(%r, %p)                             f64[B,T]
        %t = StopGradient(%s)                        f64[B,T]
        %u = Add(%p, %t)                             f64[B,T]
        %v = Log(%u)                                 f64[B,T]
        %w = Neg(%v)                                 f64[B,T]
        %x = Mul(%w, 1)                              f64[B,T]
        %y = Where(%a, %g, %x)                       f64[B,T]
        %z = GreaterOrEqual(column/solveRate, 0.02)  bool[B,1]
        %aa = Where(%z, column/solveRate, 0.02)      f64[B,1]
        %ab = GreaterOrEqual(0.98, %aa)              bool[B,1]
        %ac = Where(%ab, %aa, 0.98)                  f64[B,1]
        %ad = Sub(1, %ac)                            f64[B,1]
        losses = Mul(%y, %ad)                        f64[B,T]
        → losses"
    `);
  });

  test("of a layer's forward pass", () => {
    expect(print(forward(smallConfig, "nothing"))).toMatchInlineSnapshot(`
      "forward-nothing(x: f32[A*T+P*S,48], promptRow: i64[P,S], answerRow: i64[A,T], owner: i64[A], causal: f32[S,S], answerMask: f32[A,1,1,T,S+T], position: i64[A*T+P*S], cos: f32[R,8], sin: f32[R,8], input_layernorm.weight: f32[48], self_attn.q_proj.weight: f32[64,48], self_attn.k_proj.weight: f32[32,48], self_attn.v_proj.weight: f32[32,48], self_attn.q_proj.bias: f32[64], self_attn.k_proj.bias: f32[32], self_attn.v_proj.bias: f32[32], self_attn.q_norm.weight: f32[16], self_attn.k_norm.weight: f32[16], self_attn.o_proj.weight: f32[48,64], post_attention_layernorm.weight: f32[48], mlp.gate_proj.weight: f32[96,48], mlp.up_proj.weight: f32[96,48], mlp.down_proj.weight: f32[48,96])
        %a = RmsNorm(x, input_layernorm.weight, epsilon=0.000001)              f32[A*T+P*S,48]
        %b = MatMul(%a, self_attn.q_proj.weight, transB=1)                     f32[A*T+P*S,64]
        %c = Add(%b, self_attn.q_proj.bias)                                    f32[A*T+P*S,64]
        %d = Reshape(%c, to=[A*T+P*S,4,16])                                    f32[A*T+P*S,4,16]
        %e = RmsNorm(%d, self_attn.q_norm.weight, epsilon=0.000001)            f32[A*T+P*S,4,16]
        %f = Reshape(%e, to=[A*T+P*S,64])                                      f32[A*T+P*S,64]
        %g = Rope(%f, position, cos, sin)                                      f32[A*T+P*S,64]
        %h = Slice(%g, length=P*S, after=A*T)                                  f32[P*S,64]
        %i = Reshape(%h, to=[P,S,2,2,16])                                      f32[P,S,2,2,16]
        %j = Transpose(%i, perm=[0,2,3,1,4])                                   f32[P,2,2,S,16]
        %k = Reshape(%j, to=[P,2,2*S,16])                                      f32[P,2,2*S,16]
        %l = MatMul(%a, self_attn.k_proj.weight, transB=1)                     f32[A*T+P*S,32]
        %m = Add(%l, self_attn.k_proj.bias)                                    f32[A*T+P*S,32]
        %n = Reshape(%m, to=[A*T+P*S,2,16])                                    f32[A*T+P*S,2,16]
        %o = RmsNorm(%n, self_attn.k_norm.weight, epsilon=0.000001)            f32[A*T+P*S,2,16]
        %p = Reshape(%o, to=[A*T+P*S,32])                                      f32[A*T+P*S,32]
        %q = Rope(%p, position, cos, sin)                                      f32[A*T+P*S,32]
        %r = Slice(%q, length=P*S, after=A*T)                                  f32[P*S,32]
        %s = Reshape(%r, to=[P,S,2,16])                                        f32[P,S,2,16]
        %t = Transpose(%s, perm=[0,2,1,3])                                     f32[P,2,S,16]
        %u = MatMul(%k, %t, transB=1, alpha=0.25)                              f32[P,2,2*S,S]
        %v = Reshape(%u, to=[P,2,2,S,S])                                       f32[P,2,2,S,S]
        %w = Add(%v, causal)                                                   f32[P,2,2,S,S]
        %x = Softmax(%w)                                                       f32[P,2,2,S,S]
        %y = Reshape(%x, to=[P,2,2*S,S])                                       f32[P,2,2*S,S]
        %z = MatMul(%a, self_attn.v_proj.weight, transB=1)                     f32[A*T+P*S,32]
        %aa = Add(%z, self_attn.v_proj.bias)                                   f32[A*T+P*S,32]
        %ab = Slice(%aa, length=P*S, after=A*T)                                f32[P*S,32]
        %ac = Reshape(%ab, to=[P,S,2,16])                                      f32[P,S,2,16]
        %ad = Transpose(%ac, perm=[0,2,1,3])                                   f32[P,2,S,16]
        %ae = MatMul(%y, %ad)                                                  f32[P,2,2*S,16]
        %af = Reshape(%ae, to=[P,2,2,S,16])                                    f32[P,2,2,S,16]
        %ag = Transpose(%af, perm=[0,3,1,2,4])                                 f32[P,S,2,2,16]
        %ah = Reshape(%ag, to=[P*S,64])                                        f32[P*S,64]
        %ai = Slice(%g, start=P*S, length=A*T)                                 f32[A*T,64]
        %aj = Reshape(%ai, to=[A,T,2,2,16])                                    f32[A,T,2,2,16]
        %ak = Transpose(%aj, perm=[0,2,3,1,4])                                 f32[A,2,2,T,16]
        %al = Reshape(%ak, to=[A,2,2*T,16])                                    f32[A,2,2*T,16]
        %am = Gather(%t, owner)                                                f32[A,2,S,16]
        %an = Slice(%q, start=P*S, length=A*T)                                 f32[A*T,32]
        %ao = Reshape(%an, to=[A,T,2,16])                                      f32[A,T,2,16]
        %ap = Transpose(%ao, perm=[0,2,1,3])                                   f32[A,2,T,16]
        %aq = Concat(%am, %ap, axis=2)                                         f32[A,2,S+T,16]
        %ar = MatMul(%al, %aq, transB=1, alpha=0.25)                           f32[A,2,2*T,S+T]
        %as = Reshape(%ar, to=[A,2,2,T,S+T])                                   f32[A,2,2,T,S+T]
        %at = Add(%as, answerMask)                                             f32[A,2,2,T,S+T]
        %au = Softmax(%at)                                                     f32[A,2,2,T,S+T]
        %av = Reshape(%au, to=[A,2,2*T,S+T])                                   f32[A,2,2*T,S+T]
        %aw = Gather(%ad, owner)                                               f32[A,2,S,16]
        %ax = Slice(%aa, start=P*S, length=A*T)                                f32[A*T,32]
        %ay = Reshape(%ax, to=[A,T,2,16])                                      f32[A,T,2,16]
        %az = Transpose(%ay, perm=[0,2,1,3])                                   f32[A,2,T,16]
        %ba = Concat(%aw, %az, axis=2)                                         f32[A,2,S+T,16]
        %bb = MatMul(%av, %ba)                                                 f32[A,2,2*T,16]
        %bc = Reshape(%bb, to=[A,2,2,T,16])                                    f32[A,2,2,T,16]
        %bd = Transpose(%bc, perm=[0,3,1,2,4])                                 f32[A,T,2,2,16]
        %be = Reshape(%bd, to=[A*T,64])                                        f32[A*T,64]
        %bf = Concat(%ah, %be)                                                 f32[A*T+P*S,64]
        %bg = MatMul(%bf, self_attn.o_proj.weight, transB=1)                   f32[A*T+P*S,48]
        %bh = Add(x, %bg)                                                      f32[A*T+P*S,48]
        %bi = RmsNorm(%bh, post_attention_layernorm.weight, epsilon=0.000001)  f32[A*T+P*S,48]
        %bj = MatMul(%bi, mlp.gate_proj.weight, transB=1)                      f32[A*T+P*S,96]
        %bk = Silu(%bj)                                                        f32[A*T+P*S,96]
        %bl = MatMul(%bi, mlp.up_proj.weight, transB=1)                        f32[A*T+P*S,96]
        %bm = Mul(%bk, %bl)                                                    f32[A*T+P*S,96]
        %bn = MatMul(%bm, mlp.down_proj.weight, transB=1)                      f32[A*T+P*S,48]
        y = Add(%bh, %bn)                                                      f32[A*T+P*S,48]
        → y"
    `);
  });

  test("of a decoding step", () => {
    expect(print(decode(smallConfig))).toMatchInlineSnapshot(`
      "decode(x: f32[A,48], position: i64[A], cos: f32[R,8], sin: f32[R,8], promptK: f32[P,2,S,16], promptV: f32[P,2,S,16], answerK: f32[pages,A,2,32,16], answerV: f32[pages,A,2,32,16], slots: i64[P,K], slotOf: i64[A], promptMask: f32[A,1,1,S], answerMask: f32[1,1,1,32*pages], input_layernorm.weight: f32[48], self_attn.q_proj.weight: f32[64,48], self_attn.k_proj.weight: f32[32,48], self_attn.v_proj.weight: f32[32,48], self_attn.q_proj.bias: f32[64], self_attn.k_proj.bias: f32[32], self_attn.v_proj.bias: f32[32], self_attn.q_norm.weight: f32[16], self_attn.k_norm.weight: f32[16], self_attn.o_proj.weight: f32[48,64], post_attention_layernorm.weight: f32[48], mlp.gate_proj.weight: f32[96,48], mlp.up_proj.weight: f32[96,48], mlp.down_proj.weight: f32[48,96])
        %a = RmsNorm(x, input_layernorm.weight, epsilon=0.000001)              f32[A,48]
        %b = MatMul(%a, self_attn.q_proj.weight, transB=1)                     f32[A,64]
        %c = Add(%b, self_attn.q_proj.bias)                                    f32[A,64]
        %d = Reshape(%c, to=[A,4,16])                                          f32[A,4,16]
        %e = RmsNorm(%d, self_attn.q_norm.weight, epsilon=0.000001)            f32[A,4,16]
        %f = Reshape(%e, to=[A,64])                                            f32[A,64]
        %g = Rope(%f, position, cos, sin)                                      f32[A,64]
        %h = Reshape(%g, to=[A,2,2,16])                                        f32[A,2,2,16]
        %i = Gather(%h, slots)                                                 f32[P,K,2,2,16]
        %j = Transpose(%i, perm=[0,2,1,3,4])                                   f32[P,2,K,2,16]
        %k = Reshape(%j, to=[P,2,2*K,16])                                      f32[P,2,2*K,16]
        %l = MatMul(%k, promptK, transB=1, alpha=0.25)                         f32[P,2,2*K,S]
        %m = Reshape(%l, to=[P,2,K,2,S])                                       f32[P,2,K,2,S]
        %n = Transpose(%m, perm=[0,2,1,3,4])                                   f32[P,K,2,2,S]
        %o = Reshape(%n, to=[K*P,2,2,S])                                       f32[K*P,2,2,S]
        %p = Gather(%o, slotOf)                                                f32[A,2,2,S]
        %q = Add(%p, promptMask)                                               f32[A,2,2,S]
        %r = Reshape(%h, to=[1,A,2,2,16])                                      f32[1,A,2,2,16]
        %s = Expand(%r, to=[pages,A,2,2,16])                                   f32[pages,A,2,2,16]
        %t = MatMul(%s, answerK, transB=1, alpha=0.25)                         f32[pages,A,2,2,32]
        %u = Transpose(%t, perm=[1,2,3,0,4])                                   f32[A,2,2,pages,32]
        %v = Reshape(%u, to=[A,2,2,32*pages])                                  f32[A,2,2,32*pages]
        %w = Add(%v, answerMask)                                               f32[A,2,2,32*pages]
        %x = MatMul(%a, self_attn.k_proj.weight, transB=1)                     f32[A,32]
        %y = Add(%x, self_attn.k_proj.bias)                                    f32[A,32]
        %z = Reshape(%y, to=[A,2,16])                                          f32[A,2,16]
        %aa = RmsNorm(%z, self_attn.k_norm.weight, epsilon=0.000001)           f32[A,2,16]
        %ab = Reshape(%aa, to=[A,32])                                          f32[A,32]
        k = Rope(%ab, position, cos, sin)                                      f32[A,32]
        %ac = Reshape(k, to=[A,2,1,16])                                        f32[A,2,1,16]
        %ad = MatMul(%h, %ac, transB=1, alpha=0.25)                            f32[A,2,2,1]
        %ae = Concat(%q, %w, %ad, axis=3)                                      f32[A,2,2,1+S+32*pages]
        %af = Softmax(%ae)                                                     f32[A,2,2,1+S+32*pages]
        %ag = Slice(%af, axis=3, length=S, after=1+32*pages)                   f32[A,2,2,S]
        %ah = Gather(%ag, slots)                                               f32[P,K,2,2,S]
        %ai = Transpose(%ah, perm=[0,2,1,3,4])                                 f32[P,2,K,2,S]
        %aj = Reshape(%ai, to=[P,2,2*K,S])                                     f32[P,2,2*K,S]
        %ak = MatMul(%aj, promptV)                                             f32[P,2,2*K,16]
        %al = Reshape(%ak, to=[P,2,K,2,16])                                    f32[P,2,K,2,16]
        %am = Transpose(%al, perm=[0,2,1,3,4])                                 f32[P,K,2,2,16]
        %an = Reshape(%am, to=[K*P,2,2,16])                                    f32[K*P,2,2,16]
        %ao = Gather(%an, slotOf)                                              f32[A,2,2,16]
        %ap = Slice(%af, axis=3, start=S, length=32*pages, after=1)            f32[A,2,2,32*pages]
        %aq = Reshape(%ap, to=[A,2,2,pages,32])                                f32[A,2,2,pages,32]
        %ar = Transpose(%aq, perm=[3,0,1,2,4])                                 f32[pages,A,2,2,32]
        %as = MatMul(%ar, answerV)                                             f32[pages,A,2,2,16]
        %at = Sum(%as)                                                         f32[1,A,2,2,16]
        %au = Reshape(%at, to=[A,2,2,16])                                      f32[A,2,2,16]
        %av = Add(%ao, %au)                                                    f32[A,2,2,16]
        %aw = Slice(%af, axis=3, start=S+32*pages, length=1)                   f32[A,2,2,1]
        %ax = MatMul(%a, self_attn.v_proj.weight, transB=1)                    f32[A,32]
        v = Add(%ax, self_attn.v_proj.bias)                                    f32[A,32]
        %ay = Reshape(v, to=[A,2,1,16])                                        f32[A,2,1,16]
        %az = MatMul(%aw, %ay)                                                 f32[A,2,2,16]
        %ba = Add(%av, %az)                                                    f32[A,2,2,16]
        %bb = Reshape(%ba, to=[A,64])                                          f32[A,64]
        %bc = MatMul(%bb, self_attn.o_proj.weight, transB=1)                   f32[A,48]
        %bd = Add(x, %bc)                                                      f32[A,48]
        %be = RmsNorm(%bd, post_attention_layernorm.weight, epsilon=0.000001)  f32[A,48]
        %bf = MatMul(%be, mlp.gate_proj.weight, transB=1)                      f32[A,96]
        %bg = Silu(%bf)                                                        f32[A,96]
        %bh = MatMul(%be, mlp.up_proj.weight, transB=1)                        f32[A,96]
        %bi = Mul(%bg, %bh)                                                    f32[A,96]
        %bj = MatMul(%bi, mlp.down_proj.weight, transB=1)                      f32[A,48]
        y = Add(%bd, %bj)                                                      f32[A,48]
        → y, k, v"
    `);
  });

  test("of a backward pass with kept activations computes no projection again", () => {
    const products = (keep: "nothing" | "all") =>
      print(backward(smallConfig, keep)).match(/MatMul\(/g)!.length;
    // Forward has 7 projections and 4 products of attention; what is kept leaves the scores alone to be computed again.
    expect(products("nothing") - products("all")).toBe(8);
  });

  test("taken into another keeps its own computation", () => {
    const x = input("f32", ["N", 2]);
    const inner = { name: "inner", inputs: { x }, outputs: { y: sum(mul(x, stopGradient(x)), 1) } };
    const z = input("f32", ["N", 2]);
    const { y } = inline(inner, { x: add(z, 1) });
    expect(print({ name: "outer", inputs: { z }, outputs: { y } })).toMatchInlineSnapshot(`
      "outer(z: f32[N,2])
        %a = Add(z, 1)         f32[N,2]
        %b = StopGradient(%a)  f32[N,2]
        %c = Mul(%a, %b)       f32[N,2]
        y = Sum(%c, axis=1)    f32[N,1]
        → y"
    `);
  });
});
