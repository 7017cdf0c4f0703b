import { Injectable } from '@nestjs/common';
import type { AccountId } from '../../core/index.js';
import { SharedState } from '../../platform/shared-state/index.js';
import { readHome } from './home-record.js';
import { homeKey } from './session-digest.js';

/** Says with which account sessions are. Changes nothing, and keeps none of them alive. */
@Injectable()
export class SessionHomes {
  constructor(private readonly shared: SharedState) {}

  /** Whose sessions are known: those of this process, or of all. */
  get reach(): 'process' | 'cluster' {
    return this.shared.reach;
  }

  /**
   * In the order of the digests; undefined where nothing is remembered, or shared state does not answer. Never rejects.
   *
   * @param digests as `sessionDigest` makes them
   */
  of(digests: readonly Buffer[]): Promise<(AccountId | undefined)[]> {
    return Promise.all(
      digests.map((digest) =>
        this.shared.get(homeKey(digest)).then(
          (record) => readHome(record)?.id,
          () => undefined,
        ),
      ),
    );
  }
}
