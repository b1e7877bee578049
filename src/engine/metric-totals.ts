/**
 * A mini-batch's loss, entropy and metrics, gathered from its micro-batches.
 */
import type { Example } from "./engine.ts";
import { isLearnt } from "./objective-inputs.ts";
import type { Values } from "./onnx/run.ts";

/** What an objective says of a mini-batch. */
export interface ObjectiveReport {
  readonly loss: number;
  /** Nats, mean over the tokens learnt from; undefined where none was given. */
  readonly entropy?: number | undefined;
  readonly tokens: number;
  readonly metrics: Record<string, number>;
}

export class MetricTotals {
  #loss = 0;
  #entropy: number | undefined;
  #tokens = 0;
  /** By `<reduce>/<name>`. */
  readonly #found = new Map<string, number>();

  /** @param results  of a head's run: `loss`, `metric/<reduce>/<name>` and, where known, `entropy` [N, 1] of the examples' N tokens */
  add(results: Readonly<Record<string, Values>>, examples: readonly Example[]): void {
    this.#loss += Number(results.loss.data[0]);
    const entropies = results.entropy?.data;
    let row = 0;
    for (const example of examples)
      for (let t = 0; t < example.completion.length; t++, row++) {
        if (!isLearnt(example, t)) continue;
        this.#tokens++;
        if (entropies !== undefined) this.#entropy = (this.#entropy ?? 0) + Number(entropies[row]);
      }
    for (const [output, { data }] of Object.entries(results)) {
      const [kind, reduce, ...name] = output.split("/");
      if (kind !== "metric") continue;
      const key = `${reduce}/${name.join("/")}`;
      const before = this.#found.get(key);
      const value = Number(data[0]);
      const joined = { min: Math.min, max: Math.max }[reduce] ?? ((a: number, b: number) => a + b);
      this.#found.set(key, before === undefined ? value : joined(before, value));
    }
  }

  report(): ObjectiveReport {
    const metrics: Record<string, number> = {};
    for (const [key, value] of this.#found) {
      const slash = key.indexOf("/");
      const [reduce, name] = [key.slice(0, slash), key.slice(slash + 1)];
      if (reduce === "count") continue;
      const result = reduce === "mean" ? value / this.#found.get(`count/${name}`)! : value;
      // Nothing was measured where no token took part: then there is no number to report.
      if (Number.isFinite(result)) metrics[name] = result;
    }
    const [loss, entropy, tokens] = [this.#loss, this.#entropy, this.#tokens];
    return { loss, entropy: entropy === undefined ? undefined : entropy / tokens, tokens, metrics };
  }
}
