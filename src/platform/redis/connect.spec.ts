import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Cluster } from 'ioredis';
import { eventually } from '../../../test/support/eventually.js';
import { useRedis } from '../../../test/support/redis.js';
import { closeRedis, failFastRedis, patientRedis, readyWithin, subscriberRedis } from './index.js';

/** Passes bytes on to Redis until `mute()`, from when on the connections of that moment stay open and say nothing. */
async function openProxy(url: string) {
  const { port } = new URL(url);
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) sockets.push(socket.on('error', () => undefined));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mute: () => sockets.splice(0).forEach((socket) => socket.unpipe()),
    close: () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}

describe('connections to Redis', () => {
  const redis = useRedis();

  it.each([
    ['fail-fast', failFastRedis],
    ['subscriber', subscriberRedis],
  ])('makes a %s connection anew whose server went silent', async (_, open) => {
    const proxy = await openProxy(redis.url());
    const client = open(proxy.url, 'a test');
    expect(await readyWithin(client, 2_000)).toBe(true);
    proxy.mute();
    const again = once(client, 'ready');
    await expect(client.ping()).rejects.toThrow('timed out');
    await again;
    expect(await client.ping()).toBe('PONG');
    await closeRedis(client);
    proxy.close();
  });

  it('lets a patient client wait for its server', async () => {
    let stopped = false;
    const client = patientRedis(redis.url(), 'a test', () => stopped);
    await redis.stop();
    const answer = client.ping();
    await redis.start();
    expect(await answer).toBe('PONG');
    await redis.stop();
    stopped = true;
    await eventually(() => expect(client.status).toBe('end'));
    await redis.start();
  });

  it('says when a first connection does not come', async () => {
    await redis.stop();
    const client = failFastRedis(redis.url(), 'a test');
    expect(await readyWithin(client, 10)).toBe(false);
    await closeRedis(client);
    await redis.start();
  });

  it('takes user, password and database from the address', async () => {
    const client = failFastRedis(redis.url().replace('//', '//default:a%2Fb@') + '/3', 'a test');
    expect(client.options).toMatchObject({ username: 'default', password: 'a/b', db: 3 });
    client.disconnect();
  });

  it('speaks TLS to rediss://', async () => {
    const clients = ['', '?cluster=true'].map((query) => failFastRedis(`rediss://127.0.0.1:1${query}`, 'a test'));
    const options = clients.map((client) => (client instanceof Cluster ? client.options.redisOptions : client.options));
    expect(options.map((given) => given?.tls)).toEqual([true, {}]);
    await Promise.all(clients.map(closeRedis));
  });
});
