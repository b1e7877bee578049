/**
 * An objective as programs: its losses traced once, for a larger program to take in; and, by itself, the
 * two numbers any engine needs of it, the loss and d loss / d log-prob.
 */
import { gradient } from "../autodiff/gradient.ts";
import { div, greater, max, min, mul, sum, where } from "../autodiff/ops.ts";
import { constant, input, type Program, type Tensor } from "../autodiff/tensor.ts";
import type { Objective } from "./objective.ts";

const matrix = () => input("f64", ["B", "T"]);
const column = () => input("f64", ["B", 1]);

/** Metrics leave a program as `metric/<reduce>/<name>`; a mean as its sum and, under `count`, what divides it. */
const metricOutput = (reduce: "mean" | "count" | "min" | "max", name: string) => `metric/${reduce}/${name}`;

const all = (x: Tensor, reduce: (x: Tensor, axis: number) => Tensor) => reduce(reduce(x, 1), 0);

/**
 * `logp`, `logpOld`, `mask` [B, T] and `column/<name>` [B, 1] or [B, T], float64 → `losses` and the metrics, reduced.
 *
 * A log-prob where the mask is 0 does not reach the objective, whatever the objective makes of its mask.
 */
export function traceObjective(objective: Objective): Program {
  const [logp, logpOld, mask] = [matrix(), matrix(), matrix()];
  const columns = Object.fromEntries([
    ...objective.columns.map((name) => [name, column()] as const),
    ...(objective.tokenColumns ?? []).map((name) => [name, matrix()] as const),
  ]);
  const learnt = where(greater(mask, 0), logp, 0);
  const { loss, metrics = {} } = objective.loss({ logp: learnt, logpOld, mask, columns });
  const outputs: Record<string, Tensor> = { losses: loss };
  for (const [name, { of, over, reduce }] of Object.entries(metrics)) {
    if (reduce === "mean") {
      outputs[metricOutput("mean", name)] = all(where(greater(over, 0), mul(of, over), 0), sum);
      outputs[metricOutput("count", name)] = all(over, sum);
    } else {
      const none = reduce === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      outputs[metricOutput(reduce, name)] = all(
        where(greater(over, 0), of, none),
        reduce === "min" ? min : max,
      );
    }
  }
  return {
    name: objective.name,
    inputs: {
      logp,
      logpOld,
      mask,
      ...Object.fromEntries(Object.entries(columns).map(([name, tensor]) => [`column/${name}`, tensor])),
    },
    outputs,
  };
}

const traced = new WeakMap<Objective, { readonly program: Program; readonly key: string }>();
let count = 0;

/** `traceObjective` the first time that an objective is met, and a name of its own by which it is compiled once. */
export function traceOnce(objective: Objective): { readonly program: Program; readonly key: string } {
  const found = traced.get(objective) ?? {
    program: traceObjective(objective),
    key: `${objective.name} ${count++}`,
  };
  traced.set(objective, found);
  return found;
}

/** Σ of an objective's losses where they count, over `lossScale`: [1, 1], float64. */
export function totalLoss(losses: Tensor, mask: Tensor, lossScale: Tensor): Tensor {
  // A loss per answer counts once for each answer; one per token, on the tokens of the mask.
  const counted = losses.shape[1] === 1 ? losses : where(greater(mask, 0), losses, 0);
  return div(all(counted, sum), lossScale);
}

/** The program of `traceObjective` with `loss` [1, 1] and `dlogp` [B, T] in place of the losses. */
export function objectiveGradient(traced: Program): Program {
  const lossScale = input("f64", []);
  const { losses, ...metrics } = traced.outputs;
  const loss = totalLoss(losses, traced.inputs.mask, lossScale);
  const [dlogp] = gradient([[loss, constant(1, "f64")]], [traced.inputs.logp]);
  return {
    name: `${traced.name}-gradient`,
    inputs: { ...traced.inputs, lossScale },
    outputs: { loss, dlogp, ...metrics },
  };
}
