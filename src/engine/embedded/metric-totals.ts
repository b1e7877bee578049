/**
 * A mini-batch's loss, entropy and metrics, gathered from its micro-batches.
 */
import type { Values } from "../onnx/run.ts";

export class MetricTotals {
  private loss = 0;
  private entropy = 0;
  private tokens = 0;
  /** By `<reduce>/<name>`. */
  private readonly found = new Map<string, number>();

  /** @param results  of a head's run: `loss`, `entropy` [N, 1] of the tokens learnt from, and `metric/<reduce>/<name>` */
  add(results: Readonly<Record<string, Values>>): void {
    this.loss += Number(results.loss.data[0]);
    this.tokens += results.entropy.data.length;
    for (const entropy of results.entropy.data) this.entropy += Number(entropy);
    for (const [output, { data }] of Object.entries(results)) {
      const [kind, reduce, ...name] = output.split("/");
      if (kind !== "metric") continue;
      const key = `${reduce}/${name.join("/")}`;
      const before = this.found.get(key);
      const value = Number(data[0]);
      const joined = { min: Math.min, max: Math.max }[reduce] ?? ((a: number, b: number) => a + b);
      this.found.set(key, before === undefined ? value : joined(before, value));
    }
  }

  report() {
    const metrics: Record<string, number> = {};
    for (const [key, value] of this.found) {
      const slash = key.indexOf("/");
      const [reduce, name] = [key.slice(0, slash), key.slice(slash + 1)];
      if (reduce === "count") continue;
      const result = reduce === "mean" ? value / this.found.get(`count/${name}`)! : value;
      // Nothing was measured where no token took part: then there is no number to report.
      if (Number.isFinite(result)) metrics[name] = result;
    }
    return { loss: this.loss, entropy: this.entropy / this.tokens, tokens: this.tokens, metrics };
  }
}
