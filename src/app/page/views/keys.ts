/** Keys of a view, while it is shown: never those typed into a field, nor those of the browser. */
import { useLayoutEffect, useRef } from "preact/hooks";

export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const current = useRef(keys);
  current.current = keys;
  // before the next key can come
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const { key, target, ctrlKey, altKey, metaKey } = event;
      const types = target instanceof HTMLElement && target.matches("input, select, textarea");
      if (key === "Escape" && types) target.blur();
      if (types || ctrlKey || altKey || metaKey || !Object.hasOwn(current.current, key)) return;
      event.preventDefault();
      current.current[key]!();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

/** The place `by` further in a list, held within it. */
export function moved(at: number, by: number, length: number): number {
  return Math.max(0, Math.min(length - 1, at + by));
}
