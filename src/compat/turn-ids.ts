import { createHash } from 'node:crypto';

/** Of the ids of one websocket; the oldest are forgotten. */
const CAPACITY = 256;

/** The turns that a client has named on one websocket. */
export class TurnIds {
  private readonly seen = new Set<string>();

  /** @returns false when this id was taken before */
  take(id: string): boolean {
    // Its own size is the client's choice.
    const name = createHash('sha256').update(id).digest('base64url');
    if (this.seen.has(name)) return false;
    this.seen.add(name);
    const [oldest] = this.seen;
    if (this.seen.size > CAPACITY && oldest !== undefined) this.seen.delete(oldest);
    return true;
  }
}
