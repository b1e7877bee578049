/** Which of several runs a view is about. */
import { here, place } from "./place.ts";
import { type Run, runs } from "./store.ts";

export function useRun(): Run {
  return runs.value[Number(place.value.params.run ?? 0)] ?? runs.value[0]!;
}

export function RunChoice() {
  const current = useRun();
  if (runs.value.length < 2) return null;
  return (
    <p class="choices">
      {runs.value.map(({ name, index }) => (
        <a
          key={index}
          href={here({ run: String(index), step: undefined, draw: undefined })}
          aria-current={index === current.index}
        >
          {name}
        </a>
      ))}
    </p>
  );
}
