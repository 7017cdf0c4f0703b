import { GatewayError } from '../core/index.js';
import { sha256 } from '../platform/crypto/index.js';
import { within } from '../platform/database/index.js';
import type { SharedState } from '../platform/shared-state/index.js';
import { ExpiringCache } from './expiring-cache.js';
import type { ParsedToken } from './token-format.js';

/** Case-sensitive, one space: the only form that is accepted. */
const SCHEME = 'Bearer ';
/** How long one is believed while every change is broadcast to us, and while we only hear of our own. */
const HEARING_TTL_MS = 5_000;
const DEAF_TTL_MS = 1_000;
const UNKNOWN_TTL_MS = 1_000;
/** A database that hangs must not hold callers up. */
const LOOKUP_MS = 5_000;
const USED_EVERY_MS = 60_000;
const KNOWN_CAPACITY = 10_000;
const UNKNOWN_CAPACITY = 1_000;

/** Broadcast when what is held of all of them is out of date. */
const EVERY_ONE = '*';

/** Where credentials of one kind are kept. */
export interface CredentialStore<Id extends string, Known> {
  find(parsed: ParsedToken): Promise<Known | undefined>;
  markUsed(id: Id, at: Date): Promise<void>;
}

interface Wiring<Id extends string, Known> {
  readonly store: CredentialStore<Id, Known>;
  readonly idOf: (known: Known) => Id;
  /** Where ids of those that changed are broadcast. */
  readonly channel: string;
  /** What callers are told when nobody can say. */
  readonly unavailable: string;
  /** Told of what went wrong and hurts nobody. */
  readonly warn: (problem: 'deaf' | 'unmarked', error: unknown) => void;
}

/** The token of an `authorization` header. */
export const bearerIn = (authorization: string | undefined): string | undefined =>
  authorization?.startsWith(SCHEME) === true ? authorization.slice(SCHEME.length) : undefined;

/** Credentials that were shown lately. What is held of one is at most seconds old, and dropped when a change is broadcast. */
export class KnownCredentials<Id extends string, Known> {
  private readonly known = new ExpiringCache<Known>(KNOWN_CAPACITY);
  /** Apart from the known ones, so that guesses cannot push those out. */
  private readonly unknown = new ExpiringCache<true>(UNKNOWN_CAPACITY);
  private readonly used = new ExpiringCache<true>(KNOWN_CAPACITY);
  private readonly flights = new Map<string, Promise<Known | undefined>>();
  private readonly watchers = new Map<() => void, Id>();
  private listening: Promise<void> | undefined;
  private unsubscribe: (() => Promise<void>) | undefined;

  constructor(
    private readonly shared: SharedState,
    private readonly wiring: Wiring<Id, Known>,
  ) {}

  /** @throws GatewayError `settings_unavailable` when nobody can say */
  async find(token: string, parsed: ParsedToken, nowMs: number): Promise<Known | undefined> {
    const name = sha256(token).toString('base64');
    if (this.unknown.get(name, nowMs)) return undefined;
    return this.known.get(name, nowMs) ?? this.flights.get(name) ?? this.load(name, parsed, nowMs);
  }

  markUsed(id: Id, nowMs: number): void {
    if (this.used.get(id, nowMs)) return;
    this.used.put(id, true, USED_EVERY_MS, nowMs);
    this.wiring.store.markUsed(id, new Date(nowMs)).catch((error: unknown) => this.wiring.warn('unmarked', error));
  }

  /** Have `changed` called whenever this one may have changed. @returns how to end that */
  onChange(id: Id, changed: () => void): () => void {
    this.watchers.set(changed, id);
    return () => void this.watchers.delete(changed);
  }

  /** Never rejects: without broadcasts they are believed for a shorter time, and each look-up tries again. */
  listen(): Promise<void> {
    this.listening ??= this.shared
      .subscribe(
        this.wiring.channel,
        (message) => this.forget(message),
        () => this.forget(EVERY_ONE),
      )
      .then(
        (unsubscribe) => void (this.unsubscribe = unsubscribe),
        (error: unknown) => this.wiring.warn('deaf', error),
      )
      .finally(() => (this.listening = undefined));
    return this.listening;
  }

  async stop(): Promise<void> {
    await this.unsubscribe?.();
  }

  /** One query for all who ask at once. A result that was overtaken by a broadcast is used, but not kept. */
  private load(name: string, parsed: ParsedToken, nowMs: number): Promise<Known | undefined> {
    if (!this.unsubscribe) void this.listen();
    const kept: Promise<Known | undefined> = within(LOOKUP_MS, this.wiring.store.find(parsed))
      .catch((cause: unknown) => {
        throw new GatewayError('settings_unavailable', this.wiring.unavailable, { cause });
      })
      .then((found) => {
        if (this.flights.get(name) !== kept) return found;
        if (found) this.known.put(name, found, this.ttlMs(), nowMs);
        else this.unknown.put(name, true, UNKNOWN_TTL_MS, nowMs);
        return found;
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

  private forget(message: string): void {
    this.flights.clear();
    this.unknown.dropWhere(() => true);
    const isMeant = (id: Id): boolean => message === EVERY_ONE || id === message;
    this.known.dropWhere((known) => isMeant(this.wiring.idOf(known)));
    for (const [changed, id] of this.watchers) if (isMeant(id)) changed();
  }
}
