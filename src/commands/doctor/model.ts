/**
 * The model: whether its files open, and whether it can be asked and can end an answer.
 */
import type { ModelFiles } from "../../formats/model-files.ts";
import type { Tokenizer } from "../../formats/tokenizer/tokenizer.ts";
import { formatOf, promptRenderer, type RenderPrompt } from "../../loop/rollouts/prompt.ts";
import { findModel, tokenizerOf } from "../../loop/session/load-model.ts";
import type { Locating } from "../../loop/session/locate-model.ts";
import type { ModelConfig } from "../../models/config.ts";
import { parameterCount } from "../../models/parameter-shapes.ts";
import { loraOf } from "../../options/choose-lora.ts";
import type { Options } from "../../options/options.ts";
import { type Finding, type OnFinding, problemOf } from "./finding.ts";
import { rateNote } from "./rate-note.ts";

/** A model that can be asked. */
export interface ExaminedModel {
  readonly files: ModelFiles;
  /** With the adapters that the options put beside it. */
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly render: RenderPrompt;
}

/** Text with what tokenizers trip over: digits, spaces in a row, a break, accents, another script. */
const SAMPLE = "What is 12 + 345?  \nSoit x² ≥ 0, naïve; 数 = π.";

/** @returns undefined where it cannot be trained, which is told as a problem */
export async function examineModel(
  options: Options,
  locating: Locating,
  tell: OnFinding,
): Promise<ExaminedModel | undefined> {
  try {
    const files = await findModel(options.model, locating);
    const config = { ...files.config, lora: loraOf(options) };
    tell(facts(files, options));
    const rate = rateNote(options, parameterCount(files.config));
    if (rate !== undefined)
      tell({
        section: "model",
        name: "learning rate",
        status: "note",
        text: rate,
        next: "Set learning_rate.",
      });
    const tokenizer = tokenizerOf(files);
    tell(roundTrip(tokenizer));
    const render = promptRenderer(tokenizer, options);
    tell(prompts(formatOf(tokenizer, options), render));
    const ends = endOfAnswer(files);
    tell(ends);
    const room = answerRoom(config, options);
    tell(room);
    const problems = [ends, room].filter(({ status }) => status === "problem");
    return problems.length > 0 ? undefined : { files, config, tokenizer, render };
  } catch (fault) {
    tell(problemOf("model", "model", fault));
    return undefined;
  }
}

function facts({ path, config, stored }: ModelFiles, { loraRank }: Options): Finding {
  const parameters = parameterCount(config);
  const how = loraRank !== undefined ? `, adapters of rank ${loraRank} beside them` : "";
  return {
    section: "model",
    name: "model",
    status: "ok",
    text:
      `${path}: ${config.architecture}, ${parameters.toLocaleString("en")} parameters in ${stored.join(" and ")}${how}, ` +
      `${config.vocabSize.toLocaleString("en")} tokens in the vocabulary, ${config.contextLength.toLocaleString("en")} tokens of context`,
    values: { parameters, vocabulary: config.vocabSize, contextTokens: config.contextLength },
  };
}

function roundTrip(tokenizer: Tokenizer): Finding {
  const tokens = tokenizer.encode(SAMPLE);
  const back = tokenizer.decode(tokens);
  if (back === SAMPLE) {
    const text = `${JSON.stringify(SAMPLE)} is ${tokens.length} tokens and comes back the same`;
    return { section: "model", name: "tokenizer", status: "ok", text };
  }
  return {
    section: "model",
    name: "tokenizer",
    status: "note",
    text: `${JSON.stringify(SAMPLE)} comes back as ${JSON.stringify(back)}`,
    next: "The model cannot read or write what is lost there; see that your problems do without.",
  };
}

function prompts(format: "chat" | "raw", render: RenderPrompt): Finding {
  const { text, tokens } = render({ id: "doctor", prompt: QUESTION, answer: "" });
  const how = format === "chat" ? "by the chat template" : "bare text";
  const finding = {
    section: "model",
    name: "prompt",
    text: `${how}; a question of ${QUESTION.length} characters is ${tokens.length} tokens: ${JSON.stringify(text.slice(0, 200))}`,
    values: { tokens: tokens.length },
  } as const;
  if (tokens.length > 0) return { ...finding, status: "ok" };
  return { ...finding, status: "problem", next: "The prompt is empty: check prompt_template." };
}

/** Asked where there are no problems. */
export const QUESTION = "What is 12 + 34?";

function endOfAnswer({ eosIds }: ModelFiles): Finding {
  if (eosIds.length > 0) {
    const text = `token ${eosIds.join(" or ")}`;
    return { section: "model", name: "end of answer", status: "ok", text };
  }
  return {
    section: "model",
    name: "end of answer",
    status: "problem",
    text: "no end-of-sequence token in the config, the generation config and the tokenizer",
    next: "Every answer would be cut off, and be wrong. Set eos_token_id in generation_config.json.",
  };
}

function answerRoom({ contextLength }: ModelConfig, { maxCompletionLength }: Options): Finding {
  const left = contextLength - maxCompletionLength;
  const finding = {
    section: "model",
    name: "room",
    text: `${contextLength.toLocaleString("en")} tokens of context less answers of up to ${maxCompletionLength.toLocaleString("en")} leave ${Math.max(0, left).toLocaleString("en")} for a prompt`,
    values: { promptTokens: left },
  } as const;
  if (left > 0) return { ...finding, status: "ok" };
  return {
    ...finding,
    status: "problem",
    next: "Lower max_completion_length, or take a model with a longer context.",
  };
}
