/**
 * What the server did so far, as Prometheus reads it: vLLM's names after a prefix of our own.
 */
import type { Answered } from "./completions.ts";

interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly value: number;
}

export class ServerMetrics {
  #answered = 0;
  #aborted = 0;
  #promptTokens = 0;
  #completionTokens = 0;
  #seconds = 0;

  count({ promptTokens, completionTokens = 0, seconds, aborted }: Answered): void {
    if (aborted) this.#aborted++;
    else this.#answered++;
    this.#promptTokens += promptTokens;
    this.#completionTokens += completionTokens;
    this.#seconds += seconds;
  }

  /** @param running  requests under way and waiting */
  text(running: number): string {
    const metrics: readonly Metric[] = [
      { name: "num_requests_running", type: "gauge", help: "under way and waiting", value: running },
      { name: "request_success_total", type: "counter", help: "answered to the end", value: this.#answered },
      { name: "request_aborted_total", type: "counter", help: "left by their client", value: this.#aborted },
      { name: "prompt_tokens_total", type: "counter", help: "tokens read", value: this.#promptTokens },
      {
        name: "generation_tokens_total",
        type: "counter",
        help: "tokens sampled",
        value: this.#completionTokens,
      },
      {
        name: "e2e_request_latency_seconds_total",
        type: "counter",
        help: "seconds from a request to the end of its answer, summed",
        value: this.#seconds,
      },
    ];
    return metrics
      .map(({ name, type, help, value }) =>
        [
          `# HELP errata:${name} ${help}`,
          `# TYPE errata:${name} ${type}`,
          `errata:${name} ${value}`,
          "",
        ].join("\n"),
      )
      .join("");
  }
}
