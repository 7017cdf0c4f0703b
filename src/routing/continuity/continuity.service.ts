import { Injectable } from '@nestjs/common';
import type { Principal, RoutedCall } from '../../core/index.js';
import { SharedState } from '../../platform/shared-state/index.js';
import { homeRecord, readHome } from './home-record.js';
import { NOTHING_KNOWN, type Holder, type Home, type Known } from './known.js';
import { RecentHints } from './recent-hints.js';
import { anchorKey, sessionKey } from './session-digest.js';
import { Thread, type Notes } from './thread.js';

/** From the last call of a session, and from the making of an anchor: as long as going back to an account pays. */
export const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/**
 * Which account a session is with, and which account made what its calls go on from: per Pool and key, in shared state, as
 * digests. Hints all of it: nothing here ever fails a call. While shared state is away a process goes by what it wrote
 * itself, and then insists on nothing.
 */
@Injectable()
export class ContinuityService implements Notes {
  private readonly hints = new RecentHints();

  constructor(private readonly shared: SharedState) {}

  /** Everything known of what a call goes on from, and the pen to write down what becomes of it. Never rejects. */
  async follow(call: RoutedCall, caller: Principal, nowMs: number): Promise<Thread> {
    return new Thread(this, call, caller, await this.known(call, caller, nowMs));
  }

  /** Only what is known, for calls that are not made. One round trip, whatever there is to ask. Never rejects. */
  async known(call: RoutedCall, caller: Principal, nowMs: number): Promise<Known> {
    const { session, anchors = [] } = call;
    if (session === undefined && anchors.length === 0) return NOTHING_KNOWN;
    const [home, ...makers] = await Promise.all([
      this.homeOf(sessionKey(call, caller), nowMs),
      ...anchors.map(({ digest }) => this.holderOf(anchorKey(digest, caller), nowMs)),
    ]);
    const minted = anchors.flatMap(({ digest }, at): [string, Holder][] => {
      const maker = makers[at];
      return maker === undefined ? [] : [[digest, maker]];
    });
    return { minted: new Map(minted), ...(home === undefined ? {} : { home }) };
  }

  /** @returns the home that counts: of many that are proposed at once one wins, and all are told */
  async settle(key: string, home: Omit<Home, 'sure'>): Promise<Omit<Home, 'sure'>> {
    const record = homeRecord(home);
    const winner = await this.shared.sticky(key, record, REMEMBERED_MS).catch(() => record);
    this.hint(key, winner, home.atMs);
    return readHome(winner) ?? home;
  }

  async move(key: string, home: Omit<Home, 'sure'>): Promise<void> {
    await this.write(key, homeRecord(home), home.atMs);
  }

  async mint(digest: string, caller: Principal, { id }: Pick<Holder, 'id'>, nowMs: number): Promise<void> {
    await this.write(anchorKey(digest, caller), id, nowMs);
  }

  private async homeOf(key: string | undefined, nowMs: number): Promise<Home | undefined> {
    const found = key === undefined ? undefined : await this.read(key, nowMs);
    const home = readHome(found?.value);
    return home && found && { ...home, sure: found.sure };
  }

  private async holderOf(key: string, nowMs: number): Promise<Holder | undefined> {
    const found = await this.read(key, nowMs);
    return found && { id: found.value as Holder['id'], sure: found.sure };
  }

  private async read(
    key: string,
    nowMs: number,
  ): Promise<{ readonly value: string; readonly sure: boolean } | undefined> {
    const shared = await this.shared.get(key).catch(() => undefined);
    if (shared !== undefined) return { value: shared, sure: true };
    const own = this.hints.get(key, nowMs);
    return own === undefined ? undefined : { value: own, sure: false };
  }

  private async write(key: string, value: string, nowMs: number): Promise<void> {
    this.hint(key, value, nowMs);
    await this.shared.put(key, value, REMEMBERED_MS).catch(() => undefined);
  }

  private hint(key: string, value: string, nowMs: number): void {
    this.hints.set(key, value, nowMs + REMEMBERED_MS);
  }
}
