import type { AccountId, KeyId } from '../../core/index.js';
import type { Lease } from './lease-holder.service.js';

/** A call that was let in: its places, and what it still may wait. */
export class Admitted {
  private reservation: { readonly accountId: AccountId; readonly lease: Lease } | undefined;

  /** @param waitsUntilMs Unix time in milliseconds from when on it waits for nothing any more */
  constructor(
    readonly keyId: KeyId,
    readonly waitsUntilMs: number,
    private readonly lease: Lease,
  ) {}

  /** The account that keeps a place for it since it waited for one. */
  get reserved(): AccountId | undefined {
    return this.reservation?.accountId;
  }

  reserve(accountId: AccountId, lease: Lease): void {
    this.dropReservation();
    this.reservation = { accountId, lease };
  }

  /** @returns the lease that it waited for, when that is of this account */
  takeReserved(accountId: AccountId): Lease | undefined {
    if (this.reservation?.accountId !== accountId) return undefined;
    const { lease } = this.reservation;
    this.reservation = undefined;
    return lease;
  }

  dropReservation(): void {
    this.reservation?.lease.release();
    this.reservation = undefined;
  }

  /** The call is over, however it ended. Calling it again does nothing. */
  release(): void {
    this.dropReservation();
    this.lease.release();
  }
}
