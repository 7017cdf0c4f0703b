import { setTimeout as delay } from 'node:timers/promises';
import { COMMAND_TIMEOUT_MS, type RedisClient } from './connect.js';

/** Waits for the first connection. False when there is none after `withinMs`: the client goes on trying by itself. */
export async function readyWithin(client: RedisClient, withinMs: number): Promise<boolean> {
  if (client.status === 'ready') return true;
  return new Promise((settle) => {
    const finish = (ready: boolean) => {
      clearTimeout(timer);
      client.off('ready', onReady);
      settle(ready);
    };
    const onReady = () => finish(true);
    const timer = setTimeout(finish, withinMs, false);
    client.once('ready', onReady);
  });
}

/** Lets what is under way be answered, for `COMMAND_TIMEOUT_MS` at most, then disconnects. Never rejects. */
export async function closeRedis(client: RedisClient): Promise<void> {
  const asked = client.quit().catch(() => undefined);
  await Promise.race([asked, delay(COMMAND_TIMEOUT_MS, undefined, { ref: false })]);
  client.disconnect();
}
