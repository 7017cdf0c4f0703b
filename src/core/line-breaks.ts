import { CR, LF } from './sse-block.js';

/**
 * The line ends of one chunk, in order: LF, CRLF or lone CR. Either byte is searched for again only from behind the one
 * found last, so the whole chunk is looked at once for each.
 */
export class LineBreaks {
  /** Where the current line ends. */
  at = 0;
  /** Where the next line begins. */
  after: number;
  private lf: number;
  private cr: number;

  constructor(
    private readonly chunk: Buffer,
    from: number,
  ) {
    this.after = from;
    this.lf = this.find(LF);
    this.cr = this.find(CR);
  }

  /** @returns false when the rest of the chunk has no line end */
  advance(): boolean {
    this.at = Math.min(this.lf, this.cr);
    if (this.at === Infinity) return false;
    this.after = this.lf === this.cr + 1 ? this.lf + 1 : this.at + 1;
    if (this.lf < this.after) this.lf = this.find(LF);
    if (this.cr < this.after) this.cr = this.find(CR);
    return true;
  }

  private find(byte: number): number {
    const found = this.chunk.indexOf(byte, this.after);
    return found === -1 ? Infinity : found;
  }
}
