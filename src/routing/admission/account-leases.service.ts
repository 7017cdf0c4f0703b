import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { AccountId } from '../../core/index.js';
import type { AccountSnapshot } from '../../upstream/index.js';
import type { Admitted } from './admitted.js';
import { ClusterCounts } from './cluster-counts.js';
import { gatewayBusy } from './gateway-busy.js';
import { LeaseHolder, type Lease } from './lease-holder.service.js';
import { accountKey, accountPlace } from './places.js';
import { WANT_MS, WaitingLine } from './waiting-line.service.js';

/** How many accounts one try asks for a place. The others come next time. */
const ASKED_AT_ONCE = 4;
/** Those who wait for one moment do not all go on at that moment. */
const SPREAD_MS = { shortest: 10, longest: 100 } as const;

type Wanted = Pick<AccountSnapshot, 'id' | 'maxConcurrent'>;

/** A call's wish for a place on any of some accounts. */
interface Wish {
  readonly admitted: Admitted;
  readonly accounts: readonly Wanted[];
  readonly token: string;
  /** Those that know that it waits. */
  readonly noted: Map<AccountId, Wanted>;
}

/** The calls that each account serves, over all replicas, and room for one more. */
@Injectable()
export class AccountLeases {
  private readonly others: ClusterCounts;
  private turns = 0;

  constructor(
    private readonly holder: LeaseHolder,
    private readonly line: WaitingLine,
  ) {
    this.others = new ClusterCounts(holder, () => performance.now());
  }

  /** @returns `undefined` when the account has no place for this call now; else what to release when it is served */
  async take(account: Wanted, admitted: Admitted): Promise<Lease | undefined> {
    const reserved = admitted.takeReserved(account.id);
    const lease = reserved ?? (await this.holder.take([accountPlace(account, admitted.keyId)], randomUUID()));
    if (lease !== undefined) admitted.dropReservation();
    return lease;
  }

  /**
   * How many calls each account serves: exact for this process, a quarter of a second old for the others. Does not count
   * the place that is kept for the call that asks.
   */
  counts(ids: readonly AccountId[], admitted?: Admitted): ReadonlyMap<AccountId, number> {
    const others = this.others.of(ids);
    return new Map(
      ids.map((id, at) => {
        const kept = id === admitted?.reserved ? 1 : 0;
        return [id, this.holder.own(accountKey(id)) - kept + (others[at] ?? 0)];
      }),
    );
  }

  /** Count those of the other processes anew, so that what `counts` gives next is of now. */
  refresh(ids: readonly AccountId[]): Promise<void> {
    return this.others.refresh(ids);
  }

  /**
   * Wait until one of these accounts has a place, which is then kept for this call, or until a given time, whichever comes
   * first: then the call should be routed anew.
   *
   * @param accounts that could serve the call but for being full, best first; may be none
   * @param untilMs when something else may have changed; Unix time in milliseconds
   * @throws GatewayError `server_is_overloaded` when the call has waited as long as it may, or there is no room to wait;
   *   the signal's reason
   */
  async waitForRoom(
    admitted: Admitted,
    accounts: readonly Wanted[],
    signal: AbortSignal,
    untilMs = Infinity,
  ): Promise<void> {
    const leftMs = admitted.waitsUntilMs - Date.now();
    if (leftMs <= 0) throw gatewayBusy();
    admitted.dropReservation();
    const wish: Wish = { admitted, accounts, token: randomUUID(), noted: new Map() };
    const places = accounts.map((account) => accountPlace(account, admitted.keyId));
    const waiter = {
      who: admitted.keyId,
      lane: [admitted.keyId, ...accounts.map(({ id }) => id).sort()].join(' '),
      share: () => this.holder.share(places),
      lastTurn: () => this.holder.lastTurn(places),
      attempt: async () => {
        const got = await this.fulfil(wish);
        if (got) this.forget(wish);
        return got;
      },
      giveUp: () => {
        admitted.dropReservation();
        this.forget(wish);
      },
    };
    const spreadMs = SPREAD_MS.shortest + Math.random() * (SPREAD_MS.longest - SPREAD_MS.shortest);
    const soonMs = Math.max(0, untilMs - Date.now()) + spreadMs;
    const served = await this.line.wait(waiter, signal, Math.min(leftMs, soonMs));
    if (!served && soonMs >= leftMs) throw gatewayBusy();
  }

  private async fulfil(wish: Wish): Promise<boolean> {
    const { accounts } = wish;
    if (accounts.length === 0) return false;
    const counts = await this.holder.counts(accounts.map(({ id }) => accountKey(id)));
    const roomy = accounts.filter(({ maxConcurrent }, at) => (counts[at] ?? 0) < maxConcurrent);
    for (const account of roomy.slice(0, ASKED_AT_ONCE)) if (await this.got(wish, account)) return true;
    if (roomy.length > 0) return false;
    // So that all replicas know who waits: whoever holds more is then refused there.
    const from = (this.turns += ASKED_AT_ONCE) % accounts.length;
    const some = [...accounts.slice(from), ...accounts.slice(0, from)].slice(0, ASKED_AT_ONCE);
    const got = await Promise.all(some.map((account) => this.got(wish, account)));
    return got.includes(true);
  }

  private async got(wish: Wish, account: Wanted): Promise<boolean> {
    const { admitted, noted } = wish;
    noted.set(account.id, account);
    const place = accountPlace(account, admitted.keyId);
    const lease = await this.holder.take([place], tokenAt(wish, account), WANT_MS);
    if (lease === undefined) return false;
    noted.delete(account.id);
    admitted.reserve(account.id, lease);
    return true;
  }

  private forget(wish: Wish): void {
    for (const account of wish.noted.values()) {
      this.holder.forget([{ key: accountKey(account.id) }], tokenAt(wish, account));
    }
    wish.noted.clear();
  }
}

const tokenAt = ({ token }: Wish, { id }: Wanted): string => `${token} ${id}`;
