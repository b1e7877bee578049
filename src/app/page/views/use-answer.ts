/** What a view asks the server for: on its way, there, or refused. */
import { useEffect, useState } from "preact/hooks";
import { get } from "./store.ts";

export interface Loaded<T> {
  readonly address: string;
  readonly value?: T;
  readonly fault?: string;
}

/**
 * Asks once for each address, and keeps what was there before until the next has come.
 *
 * @param name  undefined where there is nothing to ask yet
 */
export function useAnswer<T>(
  name: string | undefined,
  params: Readonly<Record<string, string | number>>,
): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ address: "" });
  const address = JSON.stringify([name, params]);
  useEffect(() => {
    if (name === undefined) return;
    let isWanted = true;
    get<T>(name, params).then(
      (value) => isWanted && setLoaded({ address, value }),
      (error: Error) => isWanted && setLoaded({ address, fault: error.message }),
    );
    return () => {
      isWanted = false;
    };
  }, [address]);
  return loaded;
}
