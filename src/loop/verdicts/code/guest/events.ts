/**
 * Inside the sandbox: Node's EventEmitter, and its Buffer over the input.
 *
 * Its text is taken into the sandbox, so that it must not refer to anything outside itself.
 */
import type { Input } from "./stdin.ts";

export function makeEventEmitter(): any {
  class EventEmitter {
    #heard = new Map<unknown, { task: any; once: boolean }[]>();
    on(name: unknown, task: any): this {
      const own = this.#heard.get(name) ?? [];
      this.#heard.set(name, [...own, { task, once: false }]);
      return this;
    }
    once(name: unknown, task: any): this {
      this.on(name, task);
      this.#heard.get(name)!.at(-1)!.once = true;
      return this;
    }
    off(name: unknown, task: any): this {
      this.#heard.set(
        name,
        (this.#heard.get(name) ?? []).filter((one) => one.task !== task),
      );
      return this;
    }
    removeAllListeners(name?: unknown): this {
      if (name === undefined) this.#heard.clear();
      else this.#heard.delete(name);
      return this;
    }
    emit(name: unknown, ...args: unknown[]): boolean {
      const own = this.#heard.get(name) ?? [];
      for (const { task, once } of own) {
        if (once) this.off(name, task);
        task.apply(this, args);
      }
      if (own.length === 0 && name === "error") throw args[0];
      return own.length > 0;
    }
    listenerCount(name: unknown): number {
      return this.#heard.get(name)?.length ?? 0;
    }
    setMaxListeners(): this {
      return this;
    }
    addListener(name: unknown, task: any): this {
      return this.on(name, task);
    }
    removeListener(name: unknown, task: any): this {
      return this.off(name, task);
    }
    static EventEmitter = EventEmitter;
    static once = (emitter: any, name: unknown): Promise<unknown[]> =>
      new Promise((resolve) => emitter.once(name, (...args: unknown[]) => resolve(args)));
  }

  return EventEmitter;
}

export function makeBuffer(input: Input, host: any): any {
  class Buffer extends Uint8Array {
    static override from(value: any, encoding?: any): any {
      if (typeof value !== "string") return new Buffer(value);
      if (encoding === "hex")
        return new Buffer((value.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
      const bytes =
        encoding === "base64"
          ? host.atob(value)
          : /^(?:latin1|binary|ascii)$/.test(encoding)
            ? value
            : undefined;
      return new Buffer(
        bytes === undefined
          ? new host.TextEncoder().encode(value)
          : [...bytes].map((one: string) => one.charCodeAt(0)),
      );
    }
    static alloc = (size: number, fill = 0): any => new Buffer(size).fill(fill);
    static allocUnsafe = (size: number): any => new Buffer(size);
    static isBuffer = (value: unknown): boolean => value instanceof Buffer;
    static byteLength = (text: string): number => Buffer.from(text).length;
    static concat(chunks: readonly any[]): any {
      if (chunks.length === 1) return chunks[0];
      const out = new Buffer(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
      let at = 0;
      for (const chunk of chunks) {
        out.set(chunk, at);
        at += chunk.length;
      }
      return out;
    }
    override toString(encoding = "utf8"): string {
      // the input is text already
      if (this.buffer === input.bytes && this.length === input.bytes.byteLength && /^utf-?8$/i.test(encoding))
        return input.text;
      if (encoding === "hex") return Array.from(this, (byte) => byte.toString(16).padStart(2, "0")).join("");
      if (/^utf-?8$/i.test(encoding)) return new host.TextDecoder().decode(this);
      const bytes = Array.from(this, (byte) => String.fromCharCode(byte)).join("");
      return encoding === "base64" ? host.btoa(bytes) : bytes;
    }
    toJSON(): unknown {
      return { type: "Buffer", data: Array.from(this) };
    }
  }
  return Buffer;
}
