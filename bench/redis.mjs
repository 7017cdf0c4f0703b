import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { start } from '../scripts/children.mjs';

const { findRedisServer } = createRequire(import.meta.url)('../test/support/find-redis.cjs');

/** Where the redis-server of this machine is; undefined: there is none. */
export function redisServer() {
  const { CODEX_POOLER_TEST_REDIS_BIN: bin, CODEX_POOLER_TEST_REDIS_LIBRARIES: libraries } = findRedisServer();
  return bin === undefined ? undefined : { bin, libraries };
}

/** Starts one without persistence. @returns its process and `url` */
export async function startRedis({ bin, libraries }, folder) {
  const port = await freePort();
  const args = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = start(bin, args.map(String), {
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('Ready to accept connections')) continue;
    child.stdout.resume();
    return { child, url: `redis://127.0.0.1:${port}` };
  }
  throw new Error('redis-server ended before it served');
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
