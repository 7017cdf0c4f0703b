import { Logger } from '@nestjs/common';
import type { Listener } from './shared-state.js';

/** The listeners of this process, by channel. */
export class Listeners {
  private readonly log = new Logger('SharedState');
  private readonly byChannel = new Map<string, Set<Listener>>();

  channels(): string[] {
    return [...this.byChannel.keys()];
  }

  add(channel: string, listener: Listener): void {
    const listeners = this.byChannel.get(channel) ?? new Set();
    this.byChannel.set(channel, listeners.add(listener));
  }

  /** @returns whether nobody listens to the channel any more */
  remove(channel: string, listener: Listener): boolean {
    const listeners = this.byChannel.get(channel);
    listeners?.delete(listener);
    return listeners?.size === 0 && this.byChannel.delete(channel);
  }

  deliver(channel: string, message: string): void {
    for (const listener of [...(this.byChannel.get(channel) ?? [])]) {
      try {
        listener(message);
      } catch (error) {
        this.log.error(`A listener of ${channel} failed: ${error instanceof Error ? error.name : 'unknown'}`);
      }
    }
  }
}
