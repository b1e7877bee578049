/** An answer token by token: coloured by what the step did to each, the beginning that all share folded. */
import { useState } from "preact/hooks";
import type { AnswerTokens } from "../../../run/records.ts";
import { shadeOf } from "./shades.ts";
import { Visible } from "./text.tsx";

interface Props {
  readonly answer: AnswerTokens;
  /** A number a token; the strongest colour is `most`. */
  readonly shades: readonly (number | undefined)[];
  readonly most: number;
  /** Tokens that all answers of the group begin with. */
  readonly shared: number;
  /** Where it leaves the right answer that it stays with longest. */
  readonly leaves?: number | undefined;
  readonly onPoint: (token: number) => void;
}

/** Fewer are as short as the words that would stand for them. */
const LEAST_FOLDED = 4;
/** More tokens than these are shown when asked for. */
const MOST_TOKENS = 1500;

export function Tokens({ answer: { pieces, index }, shades, most, shared, leaves, onPoint }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const from = isOpen || shared < LEAST_FOLDED ? 0 : shared;
  const until = isOpen ? pieces.length : from + MOST_TOKENS;
  const point = (token: number) => {
    const within = Math.max(from, Math.min(Math.min(until, pieces.length) - 1, token));
    setAt(within);
    onPoint(within);
  };
  return (
    <p
      class="text tokens"
      dir="ltr"
      role="application"
      aria-label={`Tokens of answer ${index}; arrow keys go from one to the next`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move among its tokens
      tabIndex={0}
      onFocus={() => point(at)}
      onMouseOver={({ target }) => {
        const over = (target as HTMLElement).closest<HTMLElement>("[data-token]");
        if (over !== null) onPoint(Number(over.dataset.token));
      }}
      onKeyDown={(event) => {
        const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        point(at + by);
      }}
    >
      {(from > 0 || until < pieces.length || isOpen) && (
        <button type="button" class="fold" onClick={() => setOpen(!isOpen)}>
          {isOpen ? "fold" : from > 0 ? `${from} shared …` : "all tokens"}
        </button>
      )}
      {pieces.slice(from, until).map((piece, i) => {
        const token = from + i;
        return (
          <span
            key={token}
            class={`token${token === leaves ? " leaves" : ""}${token === at ? " at" : ""}`}
            style={{ background: shadeOf(shades[token], most) }}
            title={token === leaves ? "here it leaves its nearest right answer" : undefined}
            data-token={token}
          >
            {piece === "" ? "·" : <Visible text={piece} />}
          </span>
        );
      })}
    </p>
  );
}
