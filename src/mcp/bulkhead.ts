/** How many may be at work, how many may wait for them to end, and how long. */
interface Room {
  readonly places: number;
  readonly waiting: number;
  readonly patienceMs: number;
}

/** Keeps one kind of work from taking all there is. */
export class Bulkhead {
  private taken = 0;
  private readonly line: ((isIn: boolean) => void)[] = [];

  constructor(private readonly room: Room) {}

  get isFull(): boolean {
    return this.taken >= this.room.places && this.line.length >= this.room.waiting;
  }

  /** What `work` gives; `undefined` when there was no room for it, in time. */
  async within<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.enter())) return undefined;
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<boolean> {
    if (this.taken < this.room.places) return Boolean(++this.taken);
    if (this.isFull) return false;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.line.splice(this.line.indexOf(settled), 1);
        resolve(false);
      }, this.room.patienceMs);
      const settled = (isIn: boolean): void => {
        clearTimeout(timer);
        resolve(isIn);
      };
      this.line.push(settled);
    });
  }

  /** The place goes on to who waits longest. */
  private leave(): void {
    const next = this.line.shift();
    if (next) next(true);
    else this.taken -= 1;
  }
}
