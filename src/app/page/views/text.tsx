/**
 * Text of a model, shown as text: never as markup, with marks that cannot be seen made visible, long lines folded.
 */
import { useState } from "preact/hooks";

/** Controls, marks of direction, spaces without width and other letters that hide: all but line breaks and tabs. */
const hidden =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u17b4\u17b5\u3164\uffa0]|\u034f|[\ufe00-\ufe0d]/gu;

/** What is seen of a text, and the code points of what would not be. */
export function Visible({ text }: { readonly text: string }) {
  const parts = [];
  let from = 0;
  for (const { 0: letter, index } of text.matchAll(hidden)) {
    parts.push(text.slice(from, index));
    const name = `U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
    parts.push(
      <span key={index} class="mark" title="a character that is not seen">
        {name}
      </span>,
    );
    from = index + letter.length;
  }
  return [...parts, text.slice(from)];
}

const FOLDED_LENGTH = 2000;

/** A whole text, folded behind its first letters where it is long. */
export function Text({ text }: { readonly text: string }) {
  const [isOpen, setOpen] = useState(false);
  const left = text.length - FOLDED_LENGTH;
  return (
    <p class="text" dir="ltr">
      <Visible text={isOpen ? text : text.slice(0, FOLDED_LENGTH)} />
      {left > 0 && (
        <button type="button" class="fold" onClick={() => setOpen(!isOpen)}>
          {isOpen ? "fold" : `… ${left.toLocaleString("en")} more characters`}
        </button>
      )}
    </p>
  );
}
