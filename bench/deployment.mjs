import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ended, onStop, root, startGuarded } from '../scripts/children.mjs';
import { ensureBuilt, ensureInstalled } from '../scripts/install.mjs';
import { cpuMs, familyCpuMs } from './process-time.mjs';
import { startRedis } from './redis.mjs';

export const PATH = '/backend-api/codex/responses';
const KEY = `sk-cxp-${randomBytes(6).toString('hex')}-${randomBytes(32).toString('base64url')}`;

/**
 * Runs `measure` against built gateways in front of one scripted upstream, each a process of its own, on embedded stores;
 * all are gone afterwards. `direct` and each of `gateways` is where calls go and what authorizes them. A variant may be
 * `unaccounted`, may have limits (`limited`), and a Redis of its own (`redis`, see `redisServer`).
 */
export async function withDeployment(measure, variants = [{}]) {
  const folder = mkdtempSync(join(tmpdir(), 'codex-pooler-bench-'));
  const children = [];
  const stop = async () => {
    for (const child of children.reverse()) {
      child.kill('SIGTERM');
      await ended(child);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  onStop(() => void stop().then(() => process.exit(130)));
  await ensureInstalled();
  await ensureBuilt();
  try {
    const logins = join(folder, 'logins');
    const upstream = await serving(children, 'dist/test/support/scripted-upstream/main.js', [
      ...['--port', '0', '--accounts', String(2 * variants.length), '--write-auth', logins, '--any-token'],
      ...['--deltas', '42', '--pace-ms', '0'],
    ]);
    const gateways = [];
    for (const [index, variant] of variants.entries()) {
      const own = join(folder, String(index));
      mkdirSync(own);
      gateways.push(
        await gateway(children, { folder: own, logins: twoLogins(logins, index), upstream: upstream.address }, variant),
      );
    }
    await measure({ direct: { origin: upstream.address, token: 'anything' }, gateways });
  } finally {
    await stop();
  }
}

async function gateway(children, { folder, logins, upstream }, variant) {
  const { unaccounted, limited, redis } = variant;
  const seed = join(folder, 'seed.yaml');
  writeFileSync(seed, seedFile(logins, limited));
  const env = {
    PORT: '0',
    HOST: '127.0.0.1',
    DATA_DIR: join(folder, 'data'),
    SEED_FILE: seed,
    BENCH_KEY: KEY,
    UPSTREAM_BASE_URL: upstream,
    OAUTH_ISSUER_URL: upstream,
    LOG_LEVEL: 'warn',
  };
  if (redis) {
    const { child, url } = await startRedis(redis, folder);
    children.push(child);
    env.REDIS_URL = url;
  }
  const command = unaccounted ? 'bench/unaccounted.cjs' : 'dist/src/cli.js';
  const { child, address } = await serving(children, command, ['serve'], env);
  const [postgres] = readFileSync(join(folder, 'data/postgres/postmaster.pid'), 'utf8').split('\n');
  return {
    ...variant,
    origin: address,
    token: KEY,
    cpu: () => ({ gateway: cpuMs(child.pid), postgres: familyCpuMs(Number(postgres)) }),
    residentBytes: () => residentBytes(child.pid),
  };
}

/** No other gateway's: whoever refreshes a login first makes it worthless for everybody else. */
const twoLogins = (folder, index) => [1, 2].map((n) => join(folder, `auth-${2 * index + n}.json`));

/** Far beyond what is used: each limit is counted, and none is in the way. */
const LIMITS = '{ tokensPerDay: 1000000000000, tokensPerWeek: 1000000000000, usdPerDay: 100000, usdPerMonth: 900000 }';

const seedFile = ([one, two], limited = false) => `pools:
  - slug: bench
    settings: { limits: ${limited ? LIMITS : null} }
    accounts:
      - { label: one, authJson: ${one} }
      - { label: two, authJson: ${two} }
    keys:
      - { label: bench, secretEnv: BENCH_KEY, limits: ${limited ? LIMITS : null} }
`;

/** Starts a command and waits for the address in its output. */
async function serving(children, file, args, env = {}) {
  const child = startGuarded(join(root, file), args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (address) {
      child.stdout.resume();
      return { child, address };
    }
  }
  throw new Error(`${file} ended before it served`);
}

const residentBytes = (pid) =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
