import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ControlError } from './control-error.js';

/** A change that did not end within this has died with its process. */
const HELD_SECONDS = 60;
const TRIES = 20;
const PAUSE_MS = 100;

const TAKE = `
  INSERT INTO change_lock (name, holder, until) VALUES ($1, $2, now() + interval '${HELD_SECONDS} s')
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
   WHERE change_lock.until < now()
  RETURNING name`;

/**
 * Lets one change of a thing go before the next, over all replicas. A row and no lock of a session: changes may need
 * several connections, and must not wait for each other's.
 */
@Injectable()
export class ChangeLocks {
  constructor(private readonly database: DataSource) {}

  /** @throws ControlError `conflict` when somebody else's change of it takes too long; or as `work` does */
  async alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    const holder = randomUUID();
    for (let tries = 1; !(await this.take(name, holder)); tries++) {
      if (tries === TRIES) throw new ControlError('conflict', 'Somebody else is changing it right now; try again.');
      await delay(PAUSE_MS);
    }
    try {
      return await work();
    } finally {
      await this.database.query('DELETE FROM change_lock WHERE name = $1 AND holder = $2', [name, holder]);
    }
  }

  private async take(name: string, holder: string): Promise<boolean> {
    const taken = await this.database.query<unknown[]>(TAKE, [name, holder]);
    return taken.length > 0;
  }
}
