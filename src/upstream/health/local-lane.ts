import { CLOSED, type Circuit } from './circuit.js';
import type { StoredLane } from './stored-lane.js';

/** What this process knows of a lane and the database may not yet. */
export class LocalLane {
  /** Counted failures that are not written. */
  unsaid = 0;
  /** The last write: the next one waits for it. */
  queue: Promise<void> = Promise.resolve();
  private writes = 0;
  private confirmed = false;

  /** @param version of the row that `circuit` goes on from */
  constructor(
    public circuit: Circuit,
    private version: number,
  ) {}

  change(circuit: Circuit): void {
    this.circuit = circuit;
    this.confirmed = false;
  }

  writing(): void {
    this.writes += 1;
  }

  notWritten(): void {
    this.writes -= 1;
  }

  /** @param lane the row as it is after the write; absent: there is none */
  written(lane: StoredLane | undefined): void {
    this.writes -= 1;
    this.version = lane?.version ?? this.version;
    // What happened meanwhile is on its way too.
    if (this.writes > 0) return;
    this.circuit = lane?.circuit ?? CLOSED;
    this.confirmed = lane !== undefined;
  }

  /** Whether the row knows more, or as much. */
  yieldsTo({ version }: StoredLane): boolean {
    return this.writes === 0 && (version > this.version || (version === this.version && this.confirmed));
  }
}
