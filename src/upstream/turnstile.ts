/** Lets at most `width` pieces of work run at once; the others wait in order. */
export class Turnstile {
  private readonly waiting: (() => void)[] = [];
  private inside = 0;

  constructor(private readonly width: number) {}

  async pass<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.inside >= this.width) await new Promise<void>((enter) => this.waiting.push(enter));
    else this.inside += 1;
    try {
      return await work();
    } finally {
      // Whoever waits takes the place over, so the count stays.
      const next = this.waiting.shift();
      if (next) next();
      else this.inside -= 1;
    }
  }
}
