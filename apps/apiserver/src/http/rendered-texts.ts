/** Characters that are kept; more than this the settings of a usual machine do not have in all their parts. */
const KEPT_MAX_LENGTH = 256 * 1024;

/**
 * Keeps texts that follow from a state and a question alone. They are forgotten as soon as another state is asked about,
 * so none can be of a former one, and all at once when they grow too long.
 */
export class RenderedTexts {
  readonly #texts = new Map<string, string>();
  readonly #maxLength: number;
  #state = "";
  #length = 0;

  constructor(maxLength = KEPT_MAX_LENGTH) {
    this.#maxLength = maxLength;
  }

  get(state: string, question: string, render: () => string): string {
    if (state !== this.#state) this.#forget(state);
    const kept = this.#texts.get(question);
    if (kept !== undefined) return kept;
    const text = render();
    const length = question.length + text.length;
    if (this.#length + length > this.#maxLength) this.#forget(state);
    if (length > this.#maxLength) return text;
    this.#texts.set(question, text);
    this.#length += length;
    return text;
  }

  #forget(state: string): void {
    this.#texts.clear();
    this.#length = 0;
    this.#state = state;
  }
}
