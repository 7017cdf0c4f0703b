/** Pieces smaller than this are copied together; larger ones are kept as they came. */
const SMALL_BYTES = 1024;
const SHEET_BYTES = 4096;

/**
 * The beginning of a block whose end has not come yet. Every byte is copied at most twice, however it was cut, and a
 * peer that sends single bytes cannot make us keep millions of tiny buffers.
 */
export class HeldBytes {
  private pieces: Buffer[] = [];
  /** The buffer behind the last piece, when that piece can still grow. */
  private sheet: Buffer | undefined;
  private total = 0;

  get length(): number {
    return this.total;
  }

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.total += piece.length;
    if (piece.length >= SMALL_BYTES) {
      this.pieces.push(piece);
      this.sheet = undefined;
      return;
    }
    this.write(piece);
  }

  /** All held bytes followed by `rest`, in one buffer: `rest` itself when nothing was held. Nothing is held afterwards. */
  takeWith(rest: Buffer): Buffer {
    if (this.total === 0) return rest;
    const whole = Buffer.concat([...this.pieces, rest], this.total + rest.length);
    this.pieces = [];
    this.sheet = undefined;
    this.total = 0;
    return whole;
  }

  /** A copy of the first bytes, at most `limitBytes`. */
  head(limitBytes: number): Buffer {
    const first: Buffer[] = [];
    let bytes = 0;
    for (const piece of this.pieces) {
      if (bytes >= limitBytes) break;
      first.push(piece);
      bytes += piece.length;
    }
    return Buffer.concat(first, Math.min(bytes, limitBytes));
  }

  private write(piece: Buffer): void {
    const last = this.sheet === undefined ? undefined : this.pieces.pop();
    const used = last?.length ?? 0;
    if (last === undefined || this.sheet === undefined || used + piece.length > SHEET_BYTES) {
      if (last !== undefined) this.pieces.push(last);
      this.sheet = Buffer.allocUnsafeSlow(SHEET_BYTES);
      piece.copy(this.sheet);
      this.pieces.push(this.sheet.subarray(0, piece.length));
      return;
    }
    piece.copy(this.sheet, used);
    this.pieces.push(this.sheet.subarray(0, used + piece.length));
  }
}
