import { Injectable } from '@nestjs/common';
import type { AccountId, RoutedCall } from '../../core/index.js';
import type { AccountSnapshot, Lane, Pulse } from '../account-snapshot.js';
import { Circuits } from './circuits.service.js';
import { Cooldowns, type Cooldown } from './cooldowns.service.js';
import { laneKeyOf, WHOLE_ACCOUNT } from './lane-key.js';
import { Permit } from './permit.js';
import { Pulses } from './pulses.service.js';
import type { StoredLane } from './stored-lane.js';

/** What the database says of an account's health. */
export interface StoredHealth extends Pick<AccountSnapshot, 'id' | 'credentialEpoch'> {
  readonly storedLanes: readonly StoredLane[];
  /** Unix time in milliseconds; absent: never. */
  readonly lastSuccessAtMs?: number;
}

/** What is known of an account's health, here and everywhere. */
export interface Health {
  /** What was marked here and may not be in the row yet. */
  readonly cooldown?: Cooldown;
  readonly lanes: readonly Lane[];
  readonly pulse: Pulse;
}

type Account = Pick<AccountSnapshot, 'id' | 'models' | 'credentialEpoch' | 'coolingUntilMs'>;

/**
 * What calls find out about accounts: who must sit out, which kinds of work fail, how fast answers come; and how many
 * answers of each account are being read here.
 */
@Injectable()
export class AccountHealth {
  private readonly open = new Map<AccountId, number>();

  constructor(
    private readonly cooldowns: Cooldowns,
    private readonly circuits: Circuits,
    private readonly pulses: Pulses,
  ) {}

  /**
   * Ask to send a call to an account. Costs nothing unless something of the account is known to fail: then one call at a
   * time may try it, over all processes.
   *
   * @param account as the snapshot gave it from which it was chosen
   * @returns undefined when another call is trying it, or when it failed since the snapshot was made
   */
  async begin(
    account: Account,
    call: Pick<RoutedCall, 'model' | 'operation' | 'transport' | 'stream'>,
  ): Promise<Permit | undefined> {
    const beganAtMs = Date.now();
    const { id } = account;
    if (this.cooldowns.isNewTo(account, beganAtMs)) return undefined;
    const lane = laneKeyOf(account, call);
    const probes = await this.circuits.admit(id, [WHOLE_ACCOUNT, lane], beganAtMs);
    if (probes === undefined) return undefined;
    const findings = { cooldowns: this.cooldowns, circuits: this.circuits, pulses: this.pulses };
    return new Permit(findings, { id, lane, streams: call.stream, probes, beganAtMs }, Date.now);
  }

  of(stored: StoredHealth, nowMs: number): Health {
    const cooldown = this.cooldowns.of(stored);
    return {
      ...(cooldown ? { cooldown } : {}),
      lanes: this.circuits.lanesOf(stored.id, stored.storedLanes, nowMs),
      pulse: this.pulses.pulseOf(stored.id, stored.lastSuccessAtMs, nowMs),
    };
  }

  /** A snapshot was made that says so of the account: what its evidence ended is no news. */
  shown(account: Pick<AccountSnapshot, 'id' | 'coolingUntilMs'>, endedSinceMs?: number): void {
    this.cooldowns.shown(account, endedSinceMs);
  }

  /** @returns the end of the exchange; calling it again does nothing */
  enter(id: AccountId): () => void {
    this.open.set(id, this.openExchanges(id) + 1);
    let entered = true;
    return () => {
      if (!entered) return;
      entered = false;
      const left = this.openExchanges(id) - 1;
      if (left > 0) this.open.set(id, left);
      else this.open.delete(id);
    };
  }

  openExchanges(id: AccountId): number {
    return this.open.get(id) ?? 0;
  }

  /** Resolves when everything that was found so far is written, or could not be. */
  async written(): Promise<void> {
    await Promise.all([this.cooldowns.written(), this.circuits.written(), this.pulses.written()]);
  }
}
