/** What was asked of the server: a word while it is on its way, what it is, or why it was refused. */
import type { JSX } from "preact";
import type { Loaded } from "./use-answer.ts";

export function Shown<T>({
  of,
  children,
}: {
  readonly of: Loaded<T>;
  readonly children: (value: T) => JSX.Element;
}) {
  if (of.fault !== undefined)
    return (
      <p class="alarm" role="status">
        {of.fault}
      </p>
    );
  return of.value === undefined ? <p class="quiet">reading …</p> : children(of.value);
}
