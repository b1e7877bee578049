/**
 * Opening an engine on a Tinker server: what the server offers and what the options ask must go together.
 */
import { EngineError } from "../../errors.ts";
import { openModel } from "../../formats/open-model.ts";
import { type Lora, linearLayers, loraScale, loraText } from "../../models/lora.ts";
import type { Engine, EngineOptions } from "../engine.ts";
import { Connection, type Limits, type ServerAddress } from "./connection.ts";
import { type Dialect, type DialectName, dialects } from "./dialects.ts";
import { RemoteEngine } from "./remote-engine.ts";
import { RemoteModel } from "./remote-model.ts";
import { Session } from "./session.ts";

export interface ServerOptions extends ServerAddress {
  readonly dialect?: DialectName | undefined;
  /** The base model by the server's name; left out, the one that it offers. */
  readonly model?: string | undefined;
  readonly limits?: Limits | undefined;
}

/**
 * Begins a session and a new model on the server.
 *
 * @param options  `model` is the server's base model on this machine, for its config; adapters are always trained
 * @throws EngineError where the server cannot be reached, or cannot train these adapters
 */
export async function openRemoteEngine(
  options: EngineOptions & { readonly server: ServerOptions },
): Promise<Engine> {
  const { server } = options;
  const name = server.dialect ?? "skyrl-jax";
  const files = typeof options.model === "string" ? await openModel(options.model) : options.model;
  const lora = acceptedLora(options.lora, dialects[name]);
  const connection = new Connection(server, server.limits);
  const health = await connection.once({ path: "healthz" });
  if (health.status !== 200)
    throw new EngineError({
      where: connection.url,
      expected: "a Tinker server",
      got: `${health.status === 0 ? "" : `status ${health.status} `}${health.text}`,
      next: "Start the server, or give the address that it printed.",
    });
  const session = await Session.open(connection);
  try {
    const request = {
      model: server.model ?? (await offered(session)),
      rank: lora.rank,
      seed: options.lora!.seed,
    };
    const model = await RemoteModel.create(session, dialects[name], request);
    return new RemoteEngine(options, files, lora, session, name, request, model);
  } catch (error) {
    await session.close();
    throw error;
  }
}

function acceptedLora(lora: EngineOptions["lora"], { alpha }: Dialect): Lora {
  const all = Object.keys(linearLayers).join();
  if (lora !== undefined && lora.targets.join() === all && loraScale(lora) === alpha / lora.rank) return lora;
  throw new EngineError({
    where: "lora",
    expected: `adapters of alpha ${alpha} on all linear layers: the server trains no others`,
    got: lora === undefined ? "no adapters" : loraText(lora),
    next: `Set lora_rank, lora_alpha: ${alpha} and lora_target_modules: all-linear.`,
  });
}

async function offered(session: Session): Promise<string> {
  const { supported_models: models } = await session.ask("get_server_capabilities");
  const names = Array.isArray(models) ? models.map((each) => each?.model_name ?? each?.model_id) : [];
  if (names.length === 1 && typeof names[0] === "string") return names[0];
  throw new EngineError({
    where: "engine_model",
    expected: "the name of a model that the server offers",
    got: `${names.length} models: ${names.slice(0, 20).join(", ")}`,
    next: "Set engine_model to one of them.",
  });
}
