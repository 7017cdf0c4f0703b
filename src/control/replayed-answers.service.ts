import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SecretBox } from '../platform/crypto/index.js';
import { ControlError } from './control-error.js';
import type { Done } from './done.js';

/** How long a creation can be asked again under its key. */
const KEPT_HOURS = 24;
/** A creation that did not end within this has died with its process: somebody else may try it. */
const PATIENCE_SECONDS = 60;

const CLAIM = `
  INSERT INTO idempotency_key (actor_id, key, operation, input_digest, started_at)
  VALUES ($1, $2, $3, $4, now())
      ON CONFLICT (actor_id, key) DO UPDATE SET started_at = now()
   WHERE idempotency_key.answer IS NULL AND idempotency_key.operation = excluded.operation
     AND idempotency_key.input_digest = excluded.input_digest
     AND idempotency_key.started_at < now() - interval '${PATIENCE_SECONDS} s'
  RETURNING started_at::text AS claim`;
/** Of whoever has the claim: one that was only slow has lost it to the next. */
const OWN = 'actor_id = $1 AND key = $2 AND started_at = $3::timestamptz';

interface Kept {
  readonly operation: string;
  readonly input_digest: Buffer;
  readonly answer: Buffer | null;
}

interface Asked {
  readonly key: string;
  readonly name: string;
  readonly input: unknown;
  /** Keys of one actor are not another's. */
  readonly actorId: string;
}

/** Answers of creations, sealed because they may hold a new secret, for clients that do not know whether they were heard. */
@Injectable()
export class ReplayedAnswers {
  constructor(
    private readonly database: DataSource,
    private readonly box: SecretBox,
  ) {}

  /**
   * What was answered under this key before, else what `work` answers. A refusal is kept by nobody: it can be asked again.
   *
   * @throws ControlError `unprocessable` when the key stands for something else, `conflict` while the first one still runs
   */
  async once({ key, name, input, actorId: actor }: Asked, work: () => Promise<Done>): Promise<Done> {
    const digest = hash('sha256', JSON.stringify(input), 'buffer');
    const [claimed] = await this.database.query<{ readonly claim: string }[]>(CLAIM, [actor, key, name, digest]);
    if (claimed === undefined) return this.before(actor, key, name, digest);
    const own = [actor, key, claimed.claim];
    try {
      const done = await work();
      const sealed = this.box.seal(JSON.stringify(done), sealedFor(actor, key));
      await this.database.query(`UPDATE idempotency_key SET answer = $4 WHERE ${OWN}`, [...own, sealed]);
      return done;
    } catch (thrown) {
      await this.database.query(`DELETE FROM idempotency_key WHERE ${OWN}`, own);
      throw thrown;
    }
  }

  /** Forget what nobody will ask for again. @returns how many */
  async forgetOld(): Promise<number> {
    const [, count] = await this.database.query<[unknown, number]>(
      `DELETE FROM idempotency_key WHERE started_at < now() - interval '${KEPT_HOURS} h'`,
    );
    return count;
  }

  private async before(actor: string, key: string, name: string, digest: Buffer): Promise<Done> {
    const [kept] = await this.database.query<Kept[]>(
      'SELECT operation, input_digest, answer FROM idempotency_key WHERE actor_id = $1 AND key = $2',
      [actor, key],
    );
    if (kept && (kept.operation !== name || !kept.input_digest.equals(digest))) {
      throw new ControlError('unprocessable', 'This Idempotency-Key was used for another request.');
    }
    if (!kept?.answer) throw new ControlError('conflict', 'The first request of this Idempotency-Key still runs.');
    return JSON.parse(this.box.open(kept.answer, sealedFor(actor, key))) as Done;
  }
}

const sealedFor = (actor: string, key: string) => ({ purpose: 'idempotency_key.answer', row: `${actor} ${key}` });
