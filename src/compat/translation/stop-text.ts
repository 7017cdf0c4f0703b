/**
 * Text on its way to a client that named stop sequences: what comes before the first of them goes on, and nothing from
 * there. Only what could still become the beginning of one is held back.
 */
export class StopText {
  private held = '';
  private found: string | undefined;
  private readonly sequences: readonly string[];
  private readonly longest: number;

  /** @param sequences empty ones stop nothing */
  constructor(sequences: readonly string[]) {
    this.sequences = sequences.filter((sequence) => sequence !== '');
    this.longest = Math.max(0, ...this.sequences.map(({ length }) => length));
  }

  /** The sequence that ended the text; `undefined` as long as none did. */
  get stoppedBy(): string | undefined {
    return this.found;
  }

  /** @returns what can go on now; `''` once the text has ended */
  push(delta: string): string {
    if (this.found !== undefined) return '';
    const text = this.held + delta;
    const stop = this.firstIn(text);
    if (stop !== undefined) {
      this.found = stop.sequence;
      this.held = '';
      return text.slice(0, stop.at);
    }
    const from = this.heldFrom(text);
    this.held = text.slice(from);
    return text.slice(0, from);
  }

  /** The text is over: what was held back was no stop sequence after all. */
  rest(): string {
    const { held } = this;
    this.held = '';
    return held;
  }

  /** The earliest; of several at one place the first in the client's order. */
  private firstIn(text: string): { readonly at: number; readonly sequence: string } | undefined {
    let first: { readonly at: number; readonly sequence: string } | undefined;
    for (const sequence of this.sequences) {
      const at = text.indexOf(sequence);
      if (at !== -1 && (first === undefined || at < first.at)) first = { at, sequence };
    }
    return first;
  }

  private heldFrom(text: string): number {
    for (let from = Math.max(0, text.length - this.longest + 1); from < text.length; from += 1) {
      if (this.sequences.some((sequence) => sequence.startsWith(text.slice(from)))) return from;
    }
    return text.length;
  }
}
