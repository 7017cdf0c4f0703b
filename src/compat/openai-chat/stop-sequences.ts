/** What may be told of the text so far. */
export interface Cut {
  readonly text: string;
  /** A stop sequence was met: `text` ends in front of it, and nothing may follow. */
  readonly stopped: boolean;
}

/**
 * Finds the first of some stop sequences in a text that comes in pieces, also where it straddles them. Only what may
 * still turn out to be the beginning of one is held back.
 */
export class StopSequences {
  private readonly matchers: readonly Matcher[];
  private held = '';

  /** @param sequences none is `''`; without any, all text passes at once */
  constructor(sequences: readonly string[]) {
    this.matchers = sequences.map((sequence) => new Matcher(sequence));
  }

  push(piece: string): Cut {
    if (this.matchers.length === 0) return { text: piece, stopped: false };
    const text = this.held + piece;
    for (let at = this.held.length; at < text.length; at += 1) {
      const length = this.longestEndingWith(text.charCodeAt(at));
      if (length > 0) return { text: text.slice(0, at + 1 - length), stopped: true };
    }
    const open = Math.max(...this.matchers.map(({ matched }) => matched));
    this.held = text.slice(text.length - open);
    return { text: text.slice(0, text.length - open), stopped: false };
  }

  /** What was held back, once it is clear that nothing follows it. */
  rest(): string {
    const { held } = this;
    this.held = '';
    return held;
  }

  /** The length of the longest sequence that ends with this character; 0 when none does. */
  private longestEndingWith(character: number): number {
    let longest = 0;
    for (const matcher of this.matchers) if (matcher.step(character)) longest = Math.max(longest, matcher.length);
    return longest;
  }
}

/** Knuth, Morris, Pratt: one sequence, each character looked at once, however the sequence repeats itself. */
class Matcher {
  /** How much of the sequence the text ends with. */
  matched = 0;
  /** For each length that matched: the longest shorter one that then matches too. */
  private readonly shorter: readonly number[];

  constructor(private readonly sequence: string) {
    const shorter = [0, 0];
    for (let length = 1, known = 0; length < sequence.length; length += 1) {
      while (known > 0 && sequence[length] !== sequence[known]) known = shorter[known] ?? 0;
      if (sequence[length] === sequence[known]) known += 1;
      shorter.push(known);
    }
    this.shorter = shorter;
  }

  get length(): number {
    return this.sequence.length;
  }

  /** @returns whether the whole sequence ends with this character */
  step(character: number): boolean {
    while (this.matched > 0 && this.sequence.charCodeAt(this.matched) !== character) {
      this.matched = this.shorter[this.matched] ?? 0;
    }
    if (this.sequence.charCodeAt(this.matched) === character) this.matched += 1;
    return this.matched === this.sequence.length;
  }
}
