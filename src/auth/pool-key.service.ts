import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { KeyId, Principal } from '../core/index.js';
import { SharedState } from '../platform/shared-state/index.js';
import { safeError } from '../platform/telemetry/index.js';
import { KEY_CHANNEL, keyMissing, principalOf, type KeyRecord } from './key-record.js';
import { bearerIn, KnownCredentials } from './known-credentials.js';
import { PoolKeyRepository } from './pool-key.repository.js';
import { parseToken } from './token-format.js';

const PROBLEMS = { deaf: 'key changes are not heard yet', unmarked: 'the last use of a key was not noted' };

/** Says who a caller is. What it holds of a key is at most seconds old, and dropped when a change is broadcast. */
@Injectable()
export class PoolKeyService implements OnModuleInit, OnModuleDestroy {
  private readonly log = new Logger('PoolKeyService');
  private readonly known: KnownCredentials<KeyId, KeyRecord>;

  constructor(keys: PoolKeyRepository, shared: SharedState) {
    this.known = new KnownCredentials(shared, {
      store: keys,
      idOf: ({ principal }) => principal.keyId,
      channel: KEY_CHANNEL,
      unavailable: 'Keys cannot be checked right now; try again.',
      warn: (problem, error) => this.log.warn({ msg: PROBLEMS[problem], error: safeError(error) }),
    });
  }

  async onModuleInit(): Promise<void> {
    await this.known.listen();
  }

  async onModuleDestroy(): Promise<void> {
    await this.known.stop();
  }

  /**
   * @param authorization the header's first value
   * @throws GatewayError `api_key_missing`, what is wrong with a key that is otherwise right, or `settings_unavailable`
   *   when nobody can say
   */
  async authenticate(authorization: string | undefined, nowMs: number): Promise<Principal> {
    const token = bearerIn(authorization);
    const parsed = token === undefined ? undefined : parseToken(token);
    const record = token !== undefined && parsed ? await this.known.find(token, parsed, nowMs) : undefined;
    if (!record) throw keyMissing();
    const principal = principalOf(record, nowMs);
    this.known.markUsed(principal.keyId, nowMs);
    return principal;
  }

  /** Have `changed` called whenever the key may have changed: for callers who stay. @returns how to end that */
  onChange(keyId: KeyId, changed: () => void): () => void {
    return this.known.onChange(keyId, changed);
  }
}
