import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { AccountId } from '../core/index.js';
import { SharedState } from '../platform/shared-state/index.js';
import { safeError } from '../platform/telemetry/index.js';

const CHANNEL = 'upstream-accounts';

type Listener = (accountId: AccountId) => void;

/** Tells this process at once, and the others as soon as may be, that an account's row is no longer what they know. */
@Injectable()
export class AccountChanges implements OnModuleInit, OnModuleDestroy {
  private readonly log = new Logger(AccountChanges.name);
  private readonly listeners = new Set<Listener>();
  private unsubscribe: (() => Promise<void>) | undefined;

  constructor(private readonly shared: SharedState) {}

  async onModuleInit(): Promise<void> {
    try {
      this.unsubscribe = await this.shared.subscribe(CHANNEL, (message) => this.tell(message as AccountId));
    } catch (error) {
      this.log.warn({ msg: 'account changes of other processes show late', error: safeError(error) });
    }
  }

  async onModuleDestroy(): Promise<void> {
    await this.unsubscribe?.();
  }

  listen(listener: Listener): void {
    this.listeners.add(listener);
  }

  /** Never throws and never waits: every cache of account rows is also bounded by time. */
  announce(accountId: AccountId): void {
    this.tell(accountId);
    this.shared.publish(CHANNEL, accountId).catch((error: unknown) => {
      this.log.warn({ msg: 'an account change was not published', accountId, error: safeError(error) });
    });
  }

  private tell(accountId: AccountId): void {
    for (const listener of this.listeners) listener(accountId);
  }
}
