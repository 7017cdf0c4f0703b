import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { GatewayError, type KeyId, type Principal } from '../core/index.js';
import { sha256 } from '../platform/crypto/index.js';
import { within } from '../platform/database/index.js';
import { SharedState } from '../platform/shared-state/index.js';
import { safeError } from '../platform/telemetry/index.js';
import { ExpiringCache } from './expiring-cache.js';
import { EVERY_KEY, KEY_CHANNEL, keyMissing, principalOf, type KeyRecord } from './key-record.js';
import { PoolKeyRepository } from './pool-key.repository.js';
import { parseToken } from './token-format.js';

/** Case-sensitive, one space: the only form that is accepted. */
const SCHEME = 'Bearer ';
/** How long a key is believed while every change is broadcast to us, and while we only hear of our own. */
const HEARING_TTL_MS = 5_000;
const DEAF_TTL_MS = 1_000;
const UNKNOWN_TTL_MS = 1_000;
/** A database that hangs must not hold callers up. */
const LOOKUP_MS = 5_000;
const USED_EVERY_MS = 60_000;
const KNOWN_CAPACITY = 10_000;
const UNKNOWN_CAPACITY = 1_000;

/** Says who a caller is. What it holds of a key is at most seconds old, and dropped when a change is broadcast. */
@Injectable()
export class PoolKeyService implements OnModuleInit, OnModuleDestroy {
  private readonly log = new Logger('PoolKeyService');
  private readonly known = new ExpiringCache<KeyRecord>(KNOWN_CAPACITY);
  /** Apart from the known ones, so that guesses cannot push those out. */
  private readonly unknown = new ExpiringCache<true>(UNKNOWN_CAPACITY);
  private readonly used = new ExpiringCache<true>(KNOWN_CAPACITY);
  private readonly flights = new Map<string, Promise<KeyRecord | undefined>>();
  private readonly watchers = new Map<() => void, KeyId>();
  private listening: Promise<void> | undefined;
  private unsubscribe: (() => Promise<void>) | undefined;

  constructor(
    private readonly keys: PoolKeyRepository,
    private readonly shared: SharedState,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.listen();
  }

  async onModuleDestroy(): Promise<void> {
    await this.unsubscribe?.();
  }

  /**
   * @param authorization the header's first value
   * @throws GatewayError `api_key_missing`, what is wrong with a key that is otherwise right, or `settings_unavailable`
   *   when nobody can say
   */
  async authenticate(authorization: string | undefined, nowMs: number): Promise<Principal> {
    if (authorization?.startsWith(SCHEME) !== true) throw keyMissing();
    const record = await this.record(authorization.slice(SCHEME.length), nowMs);
    if (!record) throw keyMissing();
    const principal = principalOf(record, nowMs);
    this.markUsed(principal.keyId, nowMs);
    return principal;
  }

  /** Have `changed` called whenever the key may have changed: for callers who stay. @returns how to end that */
  onChange(keyId: KeyId, changed: () => void): () => void {
    this.watchers.set(changed, keyId);
    return () => void this.watchers.delete(changed);
  }

  private async record(token: string, nowMs: number): Promise<KeyRecord | undefined> {
    const parsed = parseToken(token);
    if (!parsed) return undefined;
    const name = sha256(token).toString('base64');
    if (this.unknown.get(name, nowMs)) return undefined;
    return (
      this.known.get(name, nowMs) ?? this.flights.get(name) ?? this.load(name, () => this.keys.find(parsed), nowMs)
    );
  }

  /** One query for all who ask at once. A result that was overtaken by a broadcast is used, but not kept. */
  private load(
    name: string,
    find: () => Promise<KeyRecord | undefined>,
    nowMs: number,
  ): Promise<KeyRecord | undefined> {
    if (!this.unsubscribe) void this.listen();
    const kept: Promise<KeyRecord | undefined> = within(LOOKUP_MS, find())
      .catch((cause: unknown) => {
        throw new GatewayError('settings_unavailable', 'Keys cannot be checked right now; try again.', { cause });
      })
      .then((record) => {
        if (this.flights.get(name) !== kept) return record;
        if (record) this.known.put(name, record, this.ttlMs(), nowMs);
        else this.unknown.put(name, true, UNKNOWN_TTL_MS, nowMs);
        return record;
      })
      .finally(() => {
        if (this.flights.get(name) === kept) this.flights.delete(name);
      });
    this.flights.set(name, kept);
    return kept;
  }

  private ttlMs(): number {
    return this.shared.reach === 'cluster' && this.unsubscribe ? HEARING_TTL_MS : DEAF_TTL_MS;
  }

  private markUsed(id: KeyId, nowMs: number): void {
    if (this.used.get(id, nowMs)) return;
    this.used.put(id, true, USED_EVERY_MS, nowMs);
    this.keys.markUsed(id, new Date(nowMs)).catch((error: unknown) => {
      this.log.warn({ msg: 'the last use of a key was not noted', error: safeError(error) });
    });
  }

  /** Never rejects: without broadcasts keys are simply believed for a shorter time, and each look-up tries again. */
  private listen(): Promise<void> {
    this.listening ??= this.shared
      .subscribe(
        KEY_CHANNEL,
        (message) => this.forget(message),
        () => this.forget(EVERY_KEY),
      )
      .then(
        (unsubscribe) => void (this.unsubscribe = unsubscribe),
        (error: unknown) => this.log.warn({ msg: 'key changes are not heard yet', error: safeError(error) }),
      )
      .finally(() => (this.listening = undefined));
    return this.listening;
  }

  private forget(keyId: string): void {
    this.flights.clear();
    this.unknown.dropWhere(() => true);
    const isMeant = (id: KeyId): boolean => keyId === EVERY_KEY || id === keyId;
    this.known.dropWhere(({ principal }) => isMeant(principal.keyId));
    for (const [changed, id] of this.watchers) if (isMeant(id)) changed();
  }
}
