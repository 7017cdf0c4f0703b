import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Agent, request } from 'undici';
import { ended, onStop, root, startGuarded } from '../scripts/children.mjs';
import { ensureBuilt, ensureInstalled } from '../scripts/install.mjs';

/**
 * `npm run bench`: what the gateway costs, as ratios. The same streamed calls go straight to the scripted upstream and
 * through the gateway, in turns, on one machine. Everything is on: authentication, routing, durable accounting.
 */
const ROUNDS = Number(process.env.BENCH_ROUNDS || 5);
const PROFILES = [
  { name: 'S: 2 kB body, 50 events', bodyBytes: 2_000, calls: 400, concurrency: 16 },
  { name: 'M: 560 kB body, 50 events', bodyBytes: 560_000, calls: 120, concurrency: 8 },
];
const KEY = `sk-cxp-${randomBytes(6).toString('hex')}-${randomBytes(32).toString('base64url')}`;
const PATH = '/backend-api/codex/responses';

const folder = mkdtempSync(join(tmpdir(), 'codex-pooler-bench-'));
const children = [];
const agent = new Agent({ connections: 64 });

/** Starts a command and waits for the address in its output. */
async function serving(file, args, env = {}) {
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

/** One streamed call. @returns milliseconds to its first byte */
async function call(origin, token, body) {
  const startedAt = performance.now();
  const answer = await request(`${origin}${PATH}`, {
    dispatcher: agent,
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
  });
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}: ${await answer.body.text()}`);
  let firstMs;
  let tail = '';
  for await (const chunk of answer.body) {
    firstMs ??= performance.now() - startedAt;
    tail = (tail + chunk.toString('latin1')).slice(-4_096);
  }
  if (!tail.includes('response.completed')) throw new Error('a stream ended without its terminal event');
  return firstMs;
}

/** @returns calls per second, and the median time to the first byte */
async function round(origin, token, { calls, concurrency }, body) {
  const firsts = [];
  let left = calls;
  const startedAt = performance.now();
  const lane = async () => {
    while (left-- > 0) firsts.push(await call(origin, token, body));
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { rate: (calls * 1000) / (performance.now() - startedAt), firstMs: median(firsts) };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const body = (bytes) =>
  Buffer.from(
    JSON.stringify({
      model: 'gpt-5.5',
      stream: true,
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x'.repeat(bytes - 140) }] }],
    }),
  );

async function measure(profile, direct, through, gatewayPid) {
  const sent = body(profile.bodyBytes);
  const targets = [direct, through];
  for (const { origin, token } of targets) await round(origin, token, { ...profile, calls: 50 }, sent);
  const results = targets.map(() => []);
  let spentMs = 0;
  for (let n = 0; n < ROUNDS; n += 1) {
    for (const [index, { origin, token }] of targets.entries()) {
      const before = cpuMs(gatewayPid);
      results[index].push(await round(origin, token, profile, sent));
      if (index === 1) spentMs += cpuMs(gatewayPid) - before;
    }
  }
  const [straight, relayed] = results.map((rounds) => ({
    rate: median(rounds.map(({ rate }) => rate)),
    firstMs: median(rounds.map(({ firstMs }) => firstMs)),
  }));
  console.log(
    `${profile.name}: ${(relayed.rate / straight.rate).toFixed(2)} of the direct rate, ` +
      `first byte ${(relayed.firstMs / straight.firstMs).toFixed(2)} times as late, ` +
      `${(spentMs / (ROUNDS * profile.calls)).toFixed(2)} ms of CPU a call`,
  );
}

async function stop() {
  for (const child of children.reverse()) {
    child.kill('SIGTERM');
    await ended(child);
  }
  await agent.close();
  rmSync(folder, { recursive: true, force: true });
}

onStop(() => void stop().then(() => process.exit(130)));
await ensureInstalled();
await ensureBuilt();
try {
  const logins = join(folder, 'logins');
  const upstream = await serving('dist/test/support/scripted-upstream/main.js', [
    ...['--port', '0', '--accounts', '2', '--deltas', '42', '--pace-ms', '0', '--write-auth', logins, '--any-token'],
  ]);
  const seed = join(folder, 'seed.yaml');
  writeFileSync(
    seed,
    `pools:
  - slug: bench
    accounts:
      - { label: one, authJson: ${logins}/auth-1.json }
      - { label: two, authJson: ${logins}/auth-2.json }
    keys:
      - { label: bench, secretEnv: BENCH_KEY }
`,
  );
  const gateway = await serving('dist/src/cli.js', ['serve'], {
    PORT: '0',
    HOST: '127.0.0.1',
    DATA_DIR: join(folder, 'data'),
    SEED_FILE: seed,
    BENCH_KEY: KEY,
    UPSTREAM_BASE_URL: upstream.address,
    OAUTH_ISSUER_URL: upstream.address,
    LOG_LEVEL: 'warn',
  });
  const direct = { origin: upstream.address, token: 'anything' };
  const through = { origin: gateway.address, token: KEY };
  for (const profile of PROFILES) await measure(profile, direct, through, gateway.child.pid);
} finally {
  await stop();
}
