/** What `errata serve` listens by where nothing else is said, at any free port. */
import { serverSettings } from "../../src/app/server/server-settings.ts";

export const settings = serverSettings(
  { host: "127.0.0.1", port: 0, apiKey: undefined, allowedHosts: undefined, cors: undefined },
  {},
);
