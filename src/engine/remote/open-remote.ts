/**
 * Opening an engine on a Tinker server: what the server offers and what the options ask must go together.
 */
import { EngineError } from "../../errors.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import { openModel } from "../../formats/open-model.ts";
import { type LinearLayer, type Lora, linearLayers, loraScale, loraText } from "../../models/lora.ts";
import type { Engine, EngineOptions } from "../engine.ts";
import { tryChannel } from "./channel-trial.ts";
import { tryByClipping } from "./clipping-trial.ts";
import { Connection, type Limits, type ServerAddress } from "./connection.ts";
import { type Dialect, type DialectName, dialects } from "./dialects.ts";
import { holdsRemoteHandle, type RemoteHandle, readRemoteHandle } from "./handle.ts";
import { asGone, RemoteEngine } from "./remote-engine.ts";
import { type ModelRequest, RemoteModel } from "./remote-model.ts";
import { refusal } from "./server-errors.ts";
import { Session } from "./session.ts";

export interface ServerOptions extends ServerAddress {
  readonly dialect?: DialectName | undefined;
  /** The base model by the server's name; left out, the one that it offers, where that is named as the model here. */
  readonly model?: string | undefined;
  readonly limits?: Limits | undefined;
  /** True where the gradient of this server was tried before: it is not tried again. */
  readonly isTried?: boolean | undefined;
}

/**
 * Begins a session and a new model on the server, with the weights of a checkpoint where `model` is one.
 *
 * @param options  `model` is the server's base model on this machine, for its config, or the folder of a checkpoint;
 *   without `lora` the model can be asked, and not trained
 * @throws EngineError where the server cannot be reached, or cannot train these adapters
 */
export async function openRemoteEngine(
  options: EngineOptions & { readonly server: ServerOptions },
): Promise<Engine> {
  const { server } = options;
  const name = server.dialect ?? "skyrl-jax";
  const dialect: Dialect = dialects[name];
  const files = typeof options.model === "string" ? await openModel(options.model) : options.model;
  refuseAdapters(files);
  const begun = (await holdsRemoteHandle(files.path)) ? await readRemoteHandle(files.path) : undefined;
  const lora = acceptedLora(options.lora, begun?.rank, dialect);
  const connection = new Connection(server, server.limits);
  await checkServer(connection);
  const session = await Session.open(connection);
  try {
    const request = {
      model: await offered(session, server.model ?? begun?.model, files.path, dialect),
      rank: lora.rank,
      seed: options.lora?.seed ?? 0,
    };
    const isProven =
      server.isTried === true || (begun !== undefined && isOf(begun, name, request, connection));
    const remarks =
      options.lora !== undefined && !isProven ? [await tried(session, dialect, request, files)] : [];
    const model = await RemoteModel.create(session, dialect, request);
    if (begun !== undefined) await model.load(begun.training, false).catch(asGone(files.path));
    return new RemoteEngine(options, files, lora, session, name, request, model, remarks, begun?.base);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Whether a checkpoint was learnt through this server's gradient, which was tried before that. */
const isOf = (begun: RemoteHandle, dialect: DialectName, { model }: ModelRequest, { url }: Connection) =>
  begun.updates > 0 && begun.dialect === dialect && begun.model === model && begun.url === url;

/** Tries the gradient on a model of its own, which is gone before the real one is made: servers hold few. */
async function tried(session: Session, dialect: Dialect, request: ModelRequest, { config }: ModelFiles) {
  const model = await RemoteModel.create(session, dialect, request);
  try {
    const attempt = dialect.gradNorm === undefined ? tryByClipping : tryChannel;
    return await attempt(model, dialect.channel, config.vocabSize);
  } finally {
    await model.unload();
  }
}

/** What lies beside a model on this machine the server knows nothing of. */
function refuseAdapters({ path, adapters }: ModelFiles): void {
  if (adapters === undefined) return;
  throw new EngineError({
    where: path,
    expected: "the server's base model, or a checkpoint that is on the server",
    got: "adapters on this machine",
    next: "Leave engine out to use them here, or name the run's own checkpoint or the base model.",
  });
}

/** A server whose health is told as Tinker's is. */
async function checkServer(connection: Connection): Promise<void> {
  const reply = await connection.once({ path: "healthz" });
  const { status, text } = reply;
  if (status === 401 || status === 403) throw refusal("healthz", reply);
  if (status === 200 && /"status"\s*:\s*"(ok|ready)"/.test(text.slice(0, 1000))) return;
  const got = text.replace(/\s+/g, " ").slice(0, 200);
  throw new EngineError({
    where: connection.url,
    expected: "a Tinker server",
    got: status === 0 ? got : `status ${status} of /api/v1/healthz, ${got || "nothing"}`,
    next: "Start the server, or give the address that it printed, with its base path where it has one.",
  });
}

function acceptedLora(lora: EngineOptions["lora"], begun: number | undefined, dialect: Dialect): Lora {
  const targets = Object.keys(linearLayers) as LinearLayer[];
  // new adapters add nothing: without any to train, the smallest are the model itself
  const smallest = begun ?? 1;
  const alpha = dialect.alpha(lora?.rank ?? smallest);
  const asked = lora ?? { rank: smallest, alpha, rankStabilized: false, targets };
  const isTrained = asked.targets.join() === targets.join() && loraScale(asked) === alpha / asked.rank;
  if (isTrained && (begun === undefined || asked.rank === begun)) return asked;
  const rank = begun === undefined ? "" : ` of rank ${begun}, as the checkpoint has,`;
  throw new EngineError({
    where: "lora_rank",
    expected: `adapters${rank} of alpha ${alpha} on all linear layers: the server trains no others`,
    got: loraText(asked),
    next: `Set lora_rank${begun === undefined ? "" : ` ${begun}`}, lora_alpha ${alpha} and lora_target_modules all-linear.`,
  });
}

/**
 * The base model by the server's name, which must be one that it offers: servers take other names in silence.
 *
 * @param path  of the model here, held to the server's name where none is asked for
 */
async function offered(
  session: Session,
  asked: string | undefined,
  path: string,
  { listsModels }: Dialect,
): Promise<string> {
  if (!listsModels) {
    if (asked !== undefined) return asked;
    throw new EngineError({
      where: "engine_model",
      expected: "the name of the model that the server runs, which it does not tell",
      got: "none",
      next: "Set engine_model to the name that the server was started with, and model to the same one on this machine.",
    });
  }
  const { supported_models: models } = await session.ask("get_server_capabilities");
  const names: unknown[] = Array.isArray(models)
    ? models.map((each) => each?.model_name ?? each?.model_id)
    : [];
  const [only] = names;
  const name =
    asked ?? (names.length === 1 && typeof only === "string" && isNamed(path, only) ? only : undefined);
  if (name !== undefined && names.includes(name)) return name;
  throw new EngineError({
    where: "engine_model",
    expected:
      asked === undefined ? `one model that is called as ${path} is` : "a model that the server offers",
    got: `${asked === undefined ? "" : `${asked}; it offers `}${names.slice(0, 20).join(", ") || "none"}`,
    next: "Set engine_model to the server's name of the model, and model to the same one on this machine.",
  });
}

/** Whether a part of the path is the last word of the name; the hub's cache writes it `models--owner--name`. */
function isNamed(path: string, name: string): boolean {
  const last = name.split(/[\\/]/).at(-1)!;
  return path.split(/[\\/]/).some((part) => part === last || part.endsWith(`--${last}`));
}
