/**
 * A grammar read byte by byte: where the text stands, and what may come next.
 *
 *   state, byte → state, or none where no text of the grammar goes on so
 *
 * A state is every place in the grammar where the text may be, each a stack of nodes begun. Equal stacks are one and
 * equal states are one, so that states met again cost a look-up, and however deep a text is, nothing is recompiled.
 */
import type { Grammar, GrammarNode } from "./grammar.ts";

/** A node begun, `at` so many bytes, parts or times in, and what goes on when it has ended. */
interface Stack {
  readonly id: number;
  readonly node: number;
  readonly at: number;
  readonly rest: Stack | undefined;
  /** Once found. */
  open?: Open;
}

/** Where a stack waits for a byte, and whether the text may end instead. */
interface Open {
  readonly waiting: readonly Stack[];
  readonly ends: boolean;
}

export interface State extends Open {
  /** By byte, as far as asked: null where nothing goes on. */
  readonly next: (State | null | undefined)[];
  /** `waiting` by kind, once asked. */
  by?: { readonly literals: ReadonlyMap<number, readonly Stack[]>; readonly sets: readonly Stack[] };
  /** Tokens that may come, a bit each, once asked. */
  mask?: Uint32Array;
}

type Literal = GrammarNode & { readonly kind: "literal" };

/** What a step took more of than it may: a grammar can be made that is slow to follow. */
export class OutOfFuel extends Error {}

/** States kept to be met again; with as many more everything is let go, but for what answers still hold. */
const MOST_STATES = 4096;

export class Automaton {
  readonly #nodes: readonly GrammarNode[];
  readonly #sets: readonly (Uint8Array | undefined)[];
  readonly #root: number;
  #stacks = new Map<string, Stack>();
  #states = new Map<string, State>();
  #made = 0;
  /** Stacks that may still be looked at. @see OutOfFuel */
  fuel = 0;

  constructor({ nodes, root }: Grammar) {
    this.#nodes = nodes;
    this.#root = root;
    this.#sets = nodes.map((node) => {
      if (node.kind !== "set") return undefined;
      const has = new Uint8Array(256);
      for (const [from, to] of node.ranges) has.fill(1, from, to + 1);
      return has;
    });
  }

  /** Before the first byte. @throws OutOfFuel */
  start(): State {
    return this.#stateOf([this.#stack(this.#root, 0, undefined)], false);
  }

  /** @throws OutOfFuel */
  step(state: State, byte: number): State | null {
    const known = state.next[byte];
    if (known !== undefined) return known;
    const { literals, sets } = this.#waitingOf(state);
    const fitting = literals.get(byte) ?? [];
    this.#spend(fitting.length + sets.length);
    const after: Stack[] = [];
    let ends = false;
    const goOn = (rest: Stack | undefined) => {
      if (rest === undefined) ends = true;
      else after.push(rest);
    };
    for (const { node, at, rest } of fitting) {
      const { bytes } = this.#nodes[node] as Literal;
      goOn(at + 1 < bytes.length ? this.#stack(node, at + 1, rest) : rest);
    }
    for (const { node, rest } of sets) if (this.#sets[node]![byte] === 1) goOn(rest);
    const next = after.length === 0 && !ends ? null : this.#stateOf(after, ends);
    state.next[byte] = next;
    return next;
  }

  /** A state's stacks by the byte that they wait for; where it is one of several, all of those. */
  #waitingOf(state: State): Required<State>["by"] {
    if (state.by !== undefined) return state.by;
    this.#spend(state.waiting.length);
    const literals = new Map<number, Stack[]>();
    const sets: Stack[] = [];
    for (const stack of state.waiting) {
      const node = this.#nodes[stack.node];
      if (node.kind !== "literal") {
        sets.push(stack);
        continue;
      }
      const byte = node.bytes.charCodeAt(stack.at);
      const same = literals.get(byte);
      if (same === undefined) literals.set(byte, [stack]);
      else same.push(stack);
    }
    state.by = { literals, sets };
    return state.by;
  }

  #stateOf(stacks: readonly Stack[], alreadyEnds: boolean): State {
    const waiting = new Map<number, Stack>();
    let ends = alreadyEnds;
    for (const stack of stacks) {
      const open = this.#open(stack);
      for (const one of open.waiting) waiting.set(one.id, one);
      ends ||= open.ends;
    }
    const sorted = [...waiting.values()].sort((a, b) => a.id - b.id);
    const key = `${ends} ${sorted.map(({ id }) => id).join()}`;
    let state = this.#states.get(key);
    if (state === undefined) {
      if (this.#states.size >= MOST_STATES) {
        this.#states = new Map();
        this.#stacks = new Map();
      }
      state = { waiting: sorted, ends, next: [] };
      this.#states.set(key, state);
    }
    return state;
  }

  /** Follows a stack to where it waits for bytes. */
  #open(from: Stack): Open {
    if (from.open !== undefined) {
      this.#spend(from.open.waiting.length);
      return from.open;
    }
    const seen = new Set<number>();
    const waiting: Stack[] = [];
    let ends = false;
    const open: (Stack | undefined)[] = [from];
    while (open.length > 0) {
      const stack = open.pop();
      if (stack === undefined) {
        ends = true;
        continue;
      }
      if (seen.has(stack.id)) continue;
      seen.add(stack.id);
      this.#spend(1);
      const { node: number, at, rest } = stack;
      const node = this.#nodes[number];
      if (node.kind === "literal" || node.kind === "set") waiting.push(stack);
      else if (node.kind === "choice")
        for (const option of node.options) open.push(this.#stack(option, 0, rest));
      else if (node.kind === "sequence") {
        const after = at + 1 < node.parts.length ? this.#stack(number, at + 1, rest) : rest;
        open.push(node.parts.length === 0 ? rest : this.#stack(node.parts[at], 0, after));
      } else {
        const { of, least, most } = node;
        if (at >= least) open.push(rest);
        // without an upper bound, times past the least need not be told apart
        const times = most === undefined ? Math.min(at + 1, least) : at + 1;
        if (most === undefined || at < most)
          open.push(this.#stack(of, 0, times === most ? rest : this.#stack(number, times, rest)));
      }
    }
    from.open = { waiting, ends };
    return from.open;
  }

  #stack(node: number, at: number, rest: Stack | undefined): Stack {
    const key = `${node} ${at} ${rest?.id ?? ""}`;
    let stack = this.#stacks.get(key);
    if (stack === undefined) {
      stack = { id: this.#made++, node, at, rest };
      this.#stacks.set(key, stack);
    }
    return stack;
  }

  #spend(stacks: number): void {
    this.fuel -= stacks;
    if (this.fuel < 0) throw new OutOfFuel();
  }
}
