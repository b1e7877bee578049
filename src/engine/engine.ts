/**
 * The engine: what a model runs on, as six verbs.
 *
 * Everything the loop knows of a model goes through here: token ids in, log-probs and reports out.
 * An objective is a function of tensors that an engine traces (`objective-program.ts`), so the same one
 * serves an engine that computes the whole gradient, and one that asks only for d loss / d log-prob of each token.
 */
import type { ModelFiles } from "../formats/model-files.ts";
import type { Lora } from "../models/lora.ts";
import type { Precision } from "../models/precision.ts";
import type { Constraint } from "./grammar/grammar.ts";
import type { Objective } from "./objective.ts";

/** A prompt to continue. Two engines, or two runs, that agree on `key` and the seed sample the same answers. */
export interface Prompt {
  readonly tokens: Int32Array;
  /** Names the prompt in the counter of the random numbers: its place in the run, not in the batch. */
  readonly key: number;
  /** What its answers are held to; only where `EngineFacts.constraints` says that they can be. */
  readonly constraint?: Constraint | undefined;
}

/** How answers are drawn. The random numbers are a function of (seed, step, key, answer, position) alone. */
export interface Sampling {
  /** Answers to each prompt. */
  readonly answers: number;
  /** The number of the first of them in the counter, where others were sampled before; 0 unless given. */
  readonly firstAnswer?: number | undefined;
  /** The longest answer, in tokens, its end-of-sequence token included. */
  readonly maxTokens: number;
  /** Divides the logits; 0 takes the likeliest token. */
  readonly temperature: number;
  /** The smallest set of likeliest tokens whose probability reaches this is drawn from; 1 is off. */
  readonly topP: number;
  /** The number of likeliest tokens drawn from; 0 is off. */
  readonly topK: number;
  readonly seed: number;
  readonly step: number;
  /**
   * What the weights are rounded to for these answers; float32, which leaves them, unless given. With int8 another
   * policy samples, a function of the weights, and log-probs and entropies are that one's own. A server leaves it aside.
   */
  readonly precision?: Precision | undefined;
}

/** One sampled answer. */
export interface Completion {
  /** Token ids, the end-of-sequence token included where the answer reached one. */
  readonly tokens: Int32Array;
  /** Nats: log π of each token at the sampling temperature (at 1 where that is 0), over the whole vocabulary or what a constraint leaves of it. */
  readonly logps: Float32Array;
  /** Nats: entropy of the distribution each token was drawn from, over the whole vocabulary, where the engine tells. */
  readonly entropies?: Float32Array | undefined;
  /** `length` also where a constraint leaves no token that could come next. */
  readonly stop: "eos" | "length";
}

/** Tokens whose log-probs are wanted, after the tokens they are conditioned on. Equal prompts are computed once. */
export interface Sequence {
  readonly prompt: Int32Array;
  readonly completion: Int32Array;
}

/** What scoring a sequence gives, one value per token of its completion. */
export interface Score {
  readonly logps: Float32Array;
  /** Nats, where the engine tells. */
  readonly entropies?: Float32Array | undefined;
}

/** A sequence to learn from, with what the objective reads beside its log-probs. */
export interface Example extends Sequence {
  /** Nats, log π_old of each token of the completion; unread where the mask is 0. */
  readonly logpsOld: Float32Array;
  /** 1 for each token of the completion to learn from, 0 for others (what a tool wrote); left out, all are learnt. */
  readonly mask?: Uint8Array;
  /** By the names in `Objective.columns`: one number per answer. */
  readonly columns: Readonly<Record<string, number>>;
  /** By the names in `Objective.tokenColumns`: one number per token of the completion. */
  readonly tokenColumns?: Readonly<Record<string, Float32Array>>;
}

/** One optimizer step. */
export interface Step {
  /** From 1: one more than `Engine.updates`. */
  readonly number: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** The gradient's global norm is scaled down to this; Infinity leaves it. */
  readonly maxGradNorm: number;
  /** The summed loss is divided by this: one number for the whole mini-batch, however it is cut. */
  readonly lossScale: number;
  /** Divides the logits, as in sampling, so that log-probs mean the same in both. */
  readonly temperature: number;
}

/** What an update read and did of one example, one number per token of its completion. */
export interface TokenGradient {
  /** Nats, log π_new just before the update. */
  readonly logps: Float32Array;
  /** d loss / d log-prob, 0 where the mask is: what the gradient was computed from. */
  readonly push: Float32Array;
}

/** What an update did; what an engine does not tell is undefined. */
export interface UpdateReport {
  /** The objective's sum over the mini-batch, divided by `lossScale`. */
  readonly loss: number;
  /** Global norm of the gradient before clipping. */
  readonly gradNorm?: number | undefined;
  /** Global norm of the change of the weights; 0 means nothing was learnt. */
  readonly updateNorm?: number | undefined;
  /** Global norm of the weights that are trained, before the change. */
  readonly weightNorm?: number | undefined;
  /** Nats, mean over the tokens learnt from. */
  readonly entropy?: number | undefined;
  readonly tokens: number;
  readonly microBatches: number;
  /** Where the time went. */
  readonly seconds: Readonly<Partial<Record<"forward" | "head" | "backward" | "optimizer", number>>>;
  /** The objective's own metrics, reduced over the mini-batch; one that was measured on no token is left out. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Of each example, in order. */
  readonly perToken?: readonly TokenGradient[] | undefined;
}

/** What is known of an engine and its model without running it. */
export interface EngineFacts {
  readonly architecture: string;
  readonly parameters: number;
  readonly vocabulary: number;
  /** The longest prompt and answer together, in tokens. */
  readonly contextLength: number;
  /** Any of these ends an answer. */
  readonly eosIds: readonly number[];
  /** Whether the same request has the same bits each time, also after `save` and `load`. */
  readonly deterministic: boolean;
  /** Nats: log-probs of a token that sampling and scoring give under the same weights are at most so far apart. */
  readonly logpTolerance: number;
  /** The one temperature that log-probs and updates can be had at; undefined where any can. */
  readonly onlyTemperature?: number | undefined;
  /** Whether prompts may have a constraint; left out, they may not. */
  readonly constraints?: boolean | undefined;
  /** What a run should know of it beside that, a sentence each: settings that it cannot honour, above all. */
  readonly remarks: readonly string[];
}

/** What any engine is opened with; it may leave aside what is about memory of this machine. */
export interface EngineOptions {
  /** A Hugging Face folder, a PEFT folder or a .gguf file: its path, or what `openModel` made of it. */
  readonly model: string | ModelFiles;
  /** Cores for one op; left out, one for each core. */
  readonly threads?: number | undefined;
  /** Tokens run at a time, which bounds memory; left out, as many as fill the cores. */
  readonly microBatchTokens?: number | undefined;
  /** Answers sampled at a time; left out, as many as memory allows. */
  readonly maxAnswersInFlight?: number | undefined;
  /** Keep what a backward pass needs instead of computing it again; left out, where memory allows. */
  readonly keepActivations?: boolean | undefined;
  /** Train adapters beside the model's weights: those of `model` where it is a folder of them, or new ones. */
  readonly lora?: (Lora & { readonly seed: number }) | undefined;
}

/** Told as long work advances, for a progress bar: `done` of `total` tokens, answers or sequences. */
export type Progress = (done: number, total: number) => void;

/** Work watched, and a way to end it early. */
export interface Watch {
  readonly onProgress?: Progress | undefined;
  /**
   * Once aborted, the work ends as soon as it can, or is not begun, and rejects with the signal's reason. Weights and
   * optimizer are then as they were; a step of the optimizer, a save or a load that has begun is finished.
   */
  readonly signal?: AbortSignal | undefined;
}

/** One more token of an answer that is being sampled. */
export interface SampledToken {
  /** Which of the prompts, and which of its answers. */
  readonly prompt: number;
  readonly answer: number;
  readonly token: number;
  /** Nats, as in `Completion.logps`. */
  readonly logp: number;
}

/** Sampling watched: its tokens as they are drawn, its groups as they end. */
export interface SampleWatch extends Watch {
  /** Hears each token of each answer once, in order, before the answers are returned. */
  readonly onTokens?: ((tokens: readonly SampledToken[]) => void) | undefined;
  /** Hears the answers to each prompt once, when the last of them has ended, and before all are returned. */
  readonly onGroup?: ((prompt: number, answers: readonly Completion[]) => void) | undefined;
}

export interface Engine {
  readonly facts: EngineFacts;
  /** Floating-point operations of matrix products so far, by verb; undefined where the engine does not count. */
  readonly flops?: Readonly<Record<"sample" | "score" | "update", number>> | undefined;
  /** Steps that the optimizer has taken, those before a loaded checkpoint included. */
  readonly updates: number;
  /** Answers to each prompt, in the order of the prompts. */
  sample(prompts: readonly Prompt[], sampling: Sampling, watch?: SampleWatch): Promise<Completion[][]>;
  /** Log-probs of given tokens under the present weights, without a gradient. */
  score(sequences: readonly Sequence[], temperature: number, watch?: Watch): Promise<Score[]>;
  /**
   * Forward, objective, backward, one AdamW step.
   *
   * An update is made once: asked again with the number and all else of the last one, as after a lost answer, it gives
   * the report of that one. Any other number than the next is refused.
   *
   * @throws EngineError where an example lacks what the objective reads, the number is not the next, or the loss or
   *   the gradient is not finite: weights and optimizer are then as they were
   */
  update(
    examples: readonly Example[],
    objective: Objective,
    step: Step,
    watch?: Watch,
  ): Promise<UpdateReport>;
  /**
   * Writes a checkpoint into a folder: weights, config and tokenizer as a Hugging Face or PEFT folder and, once there
   * is one, the optimizer's state. An engine whose weights are elsewhere writes what leads it there.
   */
  save(folder: string, watch?: Watch): Promise<void>;
  /** Takes the weights, and the optimizer's state where there is one, from a folder that `save` wrote. */
  load(folder: string, watch?: Watch): Promise<void>;
  close(): Promise<void>;
}
