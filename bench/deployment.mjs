import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ended, onStop, root, startGuarded } from '../scripts/children.mjs';
import { ensureBuilt, ensureInstalled } from '../scripts/install.mjs';

export const PATH = '/backend-api/codex/responses';
const KEY = `sk-cxp-${randomBytes(6).toString('hex')}-${randomBytes(32).toString('base64url')}`;

/**
 * Runs `measure` against a built gateway in front of the scripted upstream, each a process of its own, on embedded
 * stores; both are gone afterwards. `direct` and `through` are where calls go and what authorizes them.
 */
export async function withDeployment(measure) {
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
      ...['--port', '0', '--accounts', '2', '--deltas', '42', '--pace-ms', '0', '--write-auth', logins, '--any-token'],
    ]);
    const seed = join(folder, 'seed.yaml');
    writeFileSync(seed, seedFile(logins));
    const gateway = await serving(children, 'dist/src/cli.js', ['serve'], {
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: join(folder, 'data'),
      SEED_FILE: seed,
      BENCH_KEY: KEY,
      UPSTREAM_BASE_URL: upstream.address,
      OAUTH_ISSUER_URL: upstream.address,
      LOG_LEVEL: 'warn',
    });
    const { pid } = gateway.child;
    await measure({
      direct: { origin: upstream.address, token: 'anything' },
      through: { origin: gateway.address, token: KEY },
      cpuMs: () => cpuMs(pid),
      residentBytes: () => residentBytes(pid),
    });
  } finally {
    await stop();
  }
}

const seedFile = (logins) => `pools:
  - slug: bench
    accounts:
      - { label: one, authJson: ${logins}/auth-1.json }
      - { label: two, authJson: ${logins}/auth-2.json }
    keys:
      - { label: bench, secretEnv: BENCH_KEY }
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

/** User and system time of a process so far, in milliseconds. */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const residentBytes = (pid) =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
