import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { eventually } from '../../../test/support/eventually.js';
import { useRedis } from '../../../test/support/redis.js';
import { closeRedis, failFastRedis, patientRedis, readyWithin, subscriberRedis, type RedisClient } from './index.js';

/** Whatever errors it meets on the way: with one Sentinel, ioredis calls the end of its list one. */
const readyOf = (client: RedisClient): Promise<void> => new Promise((done) => void client.once('ready', () => done()));

/** Says where the master `main` is, and knows no other Sentinel. */
async function openSentinel(master: () => string) {
  const sockets = new Set<Socket>();
  const asked: string[][] = [];
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.on('data', (data) => {
      for (const command of commandsIn(data.toString())) {
        asked.push(command);
        socket.write(answerTo(command, new URL(master())));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${port}?sentinel=main`,
    asked,
    close: () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}

/** `*2\r\n$8\r\nsentinel\r\n…`: every second line after a head is a word. */
const commandsIn = (data: string): string[][] =>
  data
    .split(/^\*\d+\r\n/m)
    .filter(Boolean)
    .map((words) => words.split('\r\n').filter((_, line) => line % 2 === 1));

function answerTo([name = '', verb = '', master = '']: readonly string[], { hostname, port }: URL): string {
  if (name.toLowerCase() !== 'sentinel') return '+OK\r\n';
  if (verb !== 'get-master-addr-by-name') return '*0\r\n';
  return master === 'main' ? `*2\r\n$${hostname.length}\r\n${hostname}\r\n$${port.length}\r\n${port}\r\n` : '*-1\r\n';
}

describe('connections through Sentinels', () => {
  const first = useRedis();
  const second = useRedis();

  it('wait for a Sentinel that is away', async () => {
    const sentinel = await openSentinel(() => first.url());
    sentinel.close();
    const client = failFastRedis(sentinel.url, 'a test');
    await expect(client.ping()).rejects.toThrow();
    expect(await readyWithin(client, 50)).toBe(false);
    await closeRedis(client);
  });

  it('speak TLS to both, and show each its own password', () => {
    const client = failFastRedis('rediss://app:one@127.0.0.1:1/3?sentinel=main&sentinelPassword=two', 'a test');
    expect(client.options).toMatchObject({
      ...{ username: 'app', password: 'one', db: 3, sentinelPassword: 'two' },
      ...{ tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true },
    });
    client.disconnect();
  });

  it.each([
    ['fail-fast', failFastRedis],
    ['subscriber', subscriberRedis],
    ['patient', (url: string, purpose: string) => patientRedis(url, purpose, () => false)],
  ])('reach the master that they name, and the next one when that is gone: %s', async (_, open) => {
    let master = first;
    const sentinel = await openSentinel(() => master.url());
    const client = open(sentinel.url, 'a test');
    await eventually(async () => expect(await client.ping()).toBe('PONG'));
    expect(client.options).toMatchObject({ name: 'main' });

    master = second;
    const again = readyOf(client);
    await first.stop();
    await again;
    await eventually(async () => expect(await client.ping()).toBe('PONG'));
    await closeRedis(client);
    sentinel.close();
    await first.start();
  });

  it('leave a server that is the master no more', async () => {
    let master = first;
    const sentinel = await openSentinel(() => master.url());
    const client = failFastRedis(sentinel.url, 'a test');
    expect(await readyWithin(client, 2_000)).toBe(true);
    const [host, port] = [new URL(second.url()).hostname, new URL(second.url()).port];
    const operator = new Redis(first.url());
    await operator.replicaof(host, Number(port));
    master = second;

    const again = readyOf(client);
    await expect(client.set('sentinel-spec', '1')).rejects.toThrow('READONLY');
    await again;
    expect(await client.set('sentinel-spec', '1')).toBe('OK');
    await operator.replicaof('NO', 'ONE');
    await operator.quit();
    await closeRedis(client);
    sentinel.close();
  });
});
