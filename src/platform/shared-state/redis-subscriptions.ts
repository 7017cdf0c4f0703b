import { closeRedis, readyWithin, subscriberRedis } from '../redis/index.js';
import { Listeners } from './listeners.js';
import type { Listener } from './shared-state.js';

/** With the command itself it stays below the 500 ms that callers are promised. */
const CONNECT_MS = 200;

type Subscriber = ReturnType<typeof subscriberRedis>;

/** The subscriptions of one process, on a connection that is opened with the first of them. */
export class RedisSubscriptions {
  private readonly listeners = new Listeners();
  private client: Subscriber | undefined;

  constructor(private readonly url: string) {}

  /** @throws Error when the server has not confirmed in time; then nothing is subscribed */
  async add(channel: string, listener: Listener, missed?: () => void): Promise<() => Promise<void>> {
    const client = (this.client ??= this.open());
    await readyWithin(client, CONNECT_MS);
    const own: Listener = (message) => listener(message);
    // Before the command, so that a listener who leaves meanwhile does not end the channel for this one.
    this.listeners.add(channel, own, missed);
    try {
      await client.subscribe(channel);
    } catch (error) {
      this.listeners.remove(channel, own);
      throw error;
    }
    return async () => {
      // What a failed UNSUBSCRIBE leaves behind is heard by nobody and is not subscribed again.
      if (this.listeners.remove(channel, own)) await client.unsubscribe(channel).catch(() => undefined);
    };
  }

  async close(): Promise<void> {
    if (this.client !== undefined) await closeRedis(this.client);
  }

  private open(): Subscriber {
    const client = subscriberRedis(this.url, 'broadcasts');
    client.on('message', (channel: string, message: string) => this.listeners.deliver(channel, message));
    client.on('ready', () => void this.restore(client));
    return client;
  }

  private async restore(client: Subscriber): Promise<void> {
    const channels = this.listeners.channels();
    if (channels.length === 0) return;
    // Without its subscriptions the connection is of no use: it is made anew, which brings us here again.
    await client.subscribe(...channels).then(
      () => this.listeners.missed(),
      () => client.disconnect(true),
    );
  }
}
