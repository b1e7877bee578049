/**
 * Whether a word typed after a verb sets an option, or is something of its own: a model, a method, a question.
 */

/** `name=…` at its beginning; a path with `=` behind a slash is none. */
export function isSetting(word: string): boolean {
  return /^[A-Za-z][\w.-]*=/.test(word);
}
