import { Inject, Injectable } from '@nestjs/common';
import { GatewayError, networkOf, type ErrorCode } from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import { MemorySharedState, SharedState } from '../../platform/shared-state/index.js';
import { ExpiringCache } from '../expiring-cache.js';
import { IngressCounts, type CredentialDoor } from './ingress-counts.service.js';

/** A credential, and where it comes from. */
export interface Shown {
  readonly door: CredentialDoor;
  /** Of the client; absent: nobody knows. All of those are one. */
  readonly address?: string | undefined;
  /** Absent: nothing was shown, so nothing was guessed. */
  readonly credential: string | undefined;
}

/** What is said of a credential that is nobody's. One that is somebody's and may not be used was not guessed. */
const WRONG: readonly ErrorCode[] = ['api_key_missing', 'invalid_api_key', 'invalid_authorization'];
const PREFIX = /(?:sk|opr|mcp)-cxp-[0-9a-f]{12}(?=-)/;
const MINUTE_MS = 60_000;
/** How long a credential that was good is known for one. */
const GOOD_MS = 60 * MINUTE_MS;
const CAPACITY = 10_000;
/** What a client is told to wait: its header has whole seconds, and it waits that long without a word to its user. */
const LEAST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5_000;

interface Buckets {
  readonly address: string;
  readonly prefix?: string;
}

/**
 * Slows down who guesses. Only what fails is counted, by the client's address and by the prefix of the key that was
 * shown, in buckets that fill up again: a client that tries a wrong key again and again, as Codex CLIs do, is told so every
 * time, and is served as soon as it shows the right one.
 *
 * Once a bucket is empty nothing is looked up that comes from there, but for credentials that were good before. The prefix
 * of a key is no secret: it counts only against addresses that have failed themselves, so that nobody can shut a key out.
 */
@Injectable()
export class CredentialThrottle {
  private readonly good = new ExpiringCache<true>(CAPACITY);
  /** Buckets that are known to be empty, and until when. */
  private readonly empty = new ExpiringCache<number>(CAPACITY);
  private readonly failed = new ExpiringCache<true>(CAPACITY);
  /** While the shared one does not answer. */
  private readonly own = new MemorySharedState(() => performance.now());

  constructor(
    private readonly shared: SharedState,
    private readonly counts: IngressCounts,
    @Inject(CONFIG) private readonly config: Pick<Config, 'AUTH_FAILURES_PER_MINUTE'>,
  ) {}

  /**
   * Try a credential.
   *
   * @param attempt looks it up; gives `undefined`, or throws a GatewayError, when it is nobody's
   * @throws GatewayError as `attempt` does, or `too_many_failed_credentials`
   */
  async tried<T>({ door, address, credential }: Shown, nowMs: number, attempt: () => Promise<T>): Promise<T> {
    if (credential === undefined) return attempt();
    const name = sha256(`${door} ${credential}`).toString('base64');
    const buckets = bucketsOf(door, address, credential);
    if (this.good.get(name, nowMs) !== true) this.refuseEmpty(door, buckets, nowMs);
    try {
      const found = await attempt();
      if (found === undefined) await this.wrong(door, name, buckets, nowMs);
      else this.good.put(name, true, GOOD_MS, nowMs);
      return found;
    } catch (error) {
      if (error instanceof GatewayError && WRONG.includes(error.code)) await this.wrong(door, name, buckets, nowMs);
      throw error;
    }
  }

  /** @throws GatewayError `too_many_failed_credentials` */
  private async wrong(door: CredentialDoor, name: string, buckets: Buckets, nowMs: number): Promise<void> {
    this.good.drop(name);
    this.counts.add('credential_failed', door);
    await this.take(buckets, nowMs);
    this.refuseEmpty(door, buckets, nowMs);
    this.failed.put(buckets.address, true, MINUTE_MS, nowMs);
  }

  private refuseEmpty(door: CredentialDoor, { address, prefix }: Buckets, nowMs: number): void {
    const known = this.failed.get(address, nowMs) === true && prefix !== undefined ? [address, prefix] : [address];
    const untilMs = Math.max(...known.map((bucket) => this.empty.get(bucket, nowMs) ?? 0));
    if (untilMs <= nowMs) return;
    this.counts.add('credential_throttled', door);
    throw new GatewayError('too_many_failed_credentials', 'Too many wrong credentials were shown; wait a moment.', {
      retryAfterMs: Math.min(Math.max(untilMs - nowMs, LEAST_WAIT_MS), LONGEST_WAIT_MS),
    });
  }

  private async take({ address, prefix }: Buckets, nowMs: number): Promise<void> {
    const buckets = prefix === undefined ? [address] : [address, prefix];
    await Promise.all(
      buckets.map(async (bucket) => {
        const { ok, retryAfterMs } = await this.takeFrom(bucket);
        if (!ok) this.empty.put(bucket, nowMs + retryAfterMs, retryAfterMs, nowMs);
      }),
    );
  }

  private takeFrom(bucket: string) {
    const { AUTH_FAILURES_PER_MINUTE: capacity } = this.config;
    const refillPerMs = capacity / MINUTE_MS;
    return this.shared.take(bucket, capacity, refillPerMs).catch(() => this.own.take(bucket, capacity, refillPerMs));
  }
}

function bucketsOf(door: CredentialDoor, address: string | undefined, credential: string): Buckets {
  const prefix = PREFIX.exec(credential)?.[0];
  return {
    address: `failed:${door}:${networkOf(address ?? 'unknown')}`,
    ...(prefix === undefined ? {} : { prefix: `failed:${door}:${prefix}` }),
  };
}
