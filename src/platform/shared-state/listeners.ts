import { Logger } from '@nestjs/common';
import type { Listener } from './shared-state.js';

/** The listeners of this process, by channel. */
export class Listeners {
  private readonly log = new Logger('SharedState');
  private readonly byChannel = new Map<string, Map<Listener, (() => void) | undefined>>();

  channels(): string[] {
    return [...this.byChannel.keys()];
  }

  /** @param missed what the listener wants to do when messages may have been lost */
  add(channel: string, listener: Listener, missed?: () => void): void {
    const listeners = this.byChannel.get(channel) ?? new Map<Listener, (() => void) | undefined>();
    this.byChannel.set(channel, listeners.set(listener, missed));
  }

  /** @returns whether nobody listens to the channel any more */
  remove(channel: string, listener: Listener): boolean {
    const listeners = this.byChannel.get(channel);
    listeners?.delete(listener);
    return listeners?.size === 0 && this.byChannel.delete(channel);
  }

  deliver(channel: string, message: string): void {
    for (const listener of [...(this.byChannel.get(channel)?.keys() ?? [])])
      this.tell(channel, () => listener(message));
  }

  /** Messages of any channel may have been lost. */
  missed(): void {
    for (const [channel, listeners] of this.byChannel) {
      for (const missed of [...listeners.values()]) if (missed) this.tell(channel, missed);
    }
  }

  private tell(channel: string, what: () => void): void {
    try {
      what();
    } catch (error) {
      this.log.error(`A listener of ${channel} failed: ${error instanceof Error ? error.name : 'unknown'}`);
    }
  }
}
