import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { textPieces } from './text-pieces.js';
import { TokenWorker } from './token-worker.js';

const IDLE_MS = 60_000;
/** How much goes to the thread at once: others who count get their turn in between. */
const BATCH_LENGTH = 64 * 1024;
/** More than any model can read; of what is longer the rest is estimated by what was counted. */
const MAX_COUNTED_LENGTH = 8 * 1024 * 1024;

/** Counts tokens as the backend's models do, beside the event loop. */
@Injectable()
export class TokenCounter implements OnModuleDestroy {
  private readonly worker = new TokenWorker(IDLE_MS);

  async onModuleDestroy(): Promise<void> {
    await this.worker.stop();
  }

  /** @throws Error when it cannot be counted */
  async count(texts: readonly string[]): Promise<number> {
    const totalLength = texts.reduce((sum, { length }) => sum + length, 0);
    let tokens = 0;
    let countedLength = 0;
    for (const { pieces, length } of batches(texts)) {
      if (countedLength >= MAX_COUNTED_LENGTH) break;
      tokens += await this.countBatch(pieces);
      countedLength += length;
    }
    return countedLength === 0 ? 0 : Math.ceil((tokens * totalLength) / countedLength);
  }

  /** Once more when the thread died: that was hardly the text's fault. */
  private countBatch(pieces: readonly string[]): Promise<number> {
    return this.worker.count(pieces).catch(() => this.worker.count(pieces));
  }
}

interface Batch {
  readonly pieces: readonly string[];
  readonly length: number;
}

function* batches(texts: readonly string[]): Generator<Batch> {
  let pieces: string[] = [];
  let length = 0;
  for (const text of texts) {
    for (const piece of textPieces(text)) {
      pieces.push(piece);
      length += piece.length;
      if (length < BATCH_LENGTH) continue;
      yield { pieces, length };
      [pieces, length] = [[], 0];
    }
  }
  if (pieces.length > 0) yield { pieces, length };
}
