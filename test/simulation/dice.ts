/** A seeded source of chance: the same seed, the same throws (mulberry32). */
export class Dice {
  constructor(private state: number) {}

  /** 0 ≤ number < 1. */
  throw(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number, 0 ≤ number < `count`. */
  below(count: number): number {
    return Math.floor(this.throw() * count);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(share: number): boolean {
    return this.throw() < share;
  }

  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.below(values.length)];
    if (values.length === 0 || value === undefined) throw new Error('Nothing to pick from.');
    return value;
  }
}
