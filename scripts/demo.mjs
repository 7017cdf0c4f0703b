import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { ended, onStop, root, run, startGuarded } from './children.mjs';
import { ensureBuilt, ensureInstalled } from './install.mjs';
import { askStreamed, snippets } from './demo-client.mjs';

/**
 * `npm run demo`: a gateway on embedded stores in front of a simulated upstream, one streamed request through it, and what
 * to write into a client's configuration. Serves until Ctrl-C; with DEMO_ONCE=1 it ends after the request.
 */
const HOST = '127.0.0.1';
const PORT = Number(process.env.PORT || 4000);
const FOLDER = resolve(root, process.env.DATA_DIR || 'data', 'demo');
const LOG = join(FOLDER, 'gateway.log');
const READY_MS = 60_000;
const CLI = join(root, 'dist/src/cli.js');

const children = [];
let stopping = false;

/** Ends everything that was started, the gateway first, and then this process. */
async function stop(code, signal = 'SIGTERM') {
  if (stopping) return;
  stopping = true;
  for (const child of [...children].reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill(signal);
    await ended(child);
  }
  process.exit(code);
}

function fail(message) {
  console.error(`\n${message}`);
  return stop(1);
}

onStop((signal, again) => {
  if (again) for (const child of children) child.kill('SIGKILL');
  else if (children.length === 0) process.exit(130);
  else {
    console.log('\nStopping …');
    void stop(0, signal);
  }
});

const portIsFree = () =>
  new Promise((done) => {
    const probe = createServer().once('error', () => done(false));
    probe.listen(PORT, HOST, () => probe.close(() => done(true)));
  });

/** @returns the address of the scripted upstream, and the logins of its two simulated accounts */
async function startUpstream() {
  const logins = join(FOLDER, 'logins');
  const upstream = startGuarded(
    join(root, 'dist/test/support/scripted-upstream/main.js'),
    ['--port', '0', '--accounts', '2', '--pace-ms', '60', '--write-auth', logins],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(upstream);
  let said = '';
  for await (const chunk of upstream.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += chunk;
    const url = /on (http:\/\/[\w.]+:\d+)/.exec(said)?.[1];
    if (url !== undefined && existsSync(join(logins, 'auth-2.json'))) {
      upstream.stdout.resume();
      return url;
    }
  }
  throw new Error(`The scripted upstream did not start: ${said}`);
}

/** The key is made once, so that a client that was set up for the demo works the next time too. */
function poolKey() {
  const file = join(FOLDER, 'pool-key');
  if (!existsSync(file)) {
    const secret = `sk-cxp-${randomBytes(6).toString('hex')}-${randomBytes(32).toString('base64url')}`;
    writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  }
  return readFileSync(file, 'utf8').trim();
}

const SEED = `pools:
  - slug: demo
    settings: { defaultModel: gpt-5.5, anthropicModels: { 'claude-*': gpt-5.5 } }
    accounts:
      - { label: alice, authJson: ./logins/auth-1.json }
      - { label: bob, authJson: ./logins/auth-2.json }
    keys:
      - { label: demo, secretEnv: DEMO_POOL_KEY }
`;

/** Our own stores and our own upstream, whatever the shell around us is set up for. */
function gatewayEnv(upstreamUrl, key) {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(DATABASE_|REDIS_|SECRET_KEYS$|UPSTREAM_|OAUTH_|OTEL_|MODE$|API_KEY$|AUTH_JSON$|DEFAULT_MODEL$|RELAY_)/.test(
        name,
      ),
  );
  return {
    ...Object.fromEntries(inherited),
    HOST,
    PORT: String(PORT),
    DATA_DIR: FOLDER,
    SEED_FILE: join(FOLDER, 'seed.yaml'),
    DEMO_POOL_KEY: key,
    UPSTREAM_BASE_URL: upstreamUrl,
    OAUTH_ISSUER_URL: upstreamUrl,
  };
}

/** Ready, and the declarative file applied: our key is let in. */
async function isServing(key) {
  const ready = await fetch(`http://${HOST}:${PORT}/readyz`).catch(() => undefined);
  if (!ready?.ok) return false;
  const headers = { authorization: `Bearer ${key}` };
  const models = await fetch(`http://${HOST}:${PORT}/backend-api/codex/models`, { headers }).catch(() => undefined);
  return models?.ok ?? false;
}

async function startGateway(env) {
  const log = openSync(LOG, 'w', 0o600);
  const gateway = startGuarded(CLI, ['serve'], { env, stdio: ['ignore', log, log] });
  closeSync(log);
  children.push(gateway);
  void ended(gateway).then((code) => {
    if (!stopping) void fail(`The gateway ended by itself (exit ${code}). Its log says:\n${lastLines()}`);
  });
  for (const end = Date.now() + READY_MS; Date.now() < end && !stopping;) {
    if (await isServing(env.DEMO_POOL_KEY)) return;
    await new Promise((again) => setTimeout(again, 100));
  }
  if (!stopping) await fail(`The gateway was not ready within ${READY_MS / 1000} s. Its log says:\n${lastLines()}`);
}

const lastLines = () => readFileSync(LOG, 'utf8').trimEnd().split('\n').slice(-20).join('\n');

/** The row is settled beside the stream, so it may be a moment late. */
async function ledgerRow(requestId, env) {
  for (let attempt = 0; ; attempt += 1) {
    const { code, output } = await run(process.execPath, [CLI, 'request', 'show', requestId], { env });
    if (code === 0 && !/\b(open|intended|pending|in_progress)\b/.test(output)) return output.trimEnd();
    if (attempt === 10) return `not there yet (exit ${code}): ${output.trim()}`;
    await new Promise((again) => setTimeout(again, 300));
  }
}

await ensureInstalled();
await ensureBuilt();
if (!(await portIsFree())) {
  console.error(`Port ${PORT} is in use. Stop what listens there, or choose another: PORT=4100 npm run demo`);
  process.exit(1);
}
mkdirSync(FOLDER, { recursive: true });
writeFileSync(join(FOLDER, 'seed.yaml'), SEED);
const key = poolKey();
const url = `http://${HOST}:${PORT}`;

console.log('This is a demo: the upstream is SIMULATED. No OpenAI account is used and nothing leaves this machine.\n');
const upstreamUrl = await startUpstream();
console.log(`Simulated upstream  ${upstreamUrl}, accounts alice and bob`);
const env = gatewayEnv(upstreamUrl, key);
await startGateway(env);
console.log(`Gateway             ${url}, embedded PostgreSQL, log in ${relative(root, LOG)}\n`);

console.log('POST /backend-api/codex/responses, as it streams:\n');
const { requestId, status } = await askStreamed(url, key, 'Say hello to the pool.');
if (status !== 200) await fail(`The gateway answered ${status}. Its log says:\n${lastLines()}`);
console.log(`\nIts row in the ledger (codex-pooler request show ${requestId}):\n`);
console.log(await ledgerRow(requestId, env));
console.log(snippets(url, key));
if (process.env.DEMO_ONCE === '1') await stop(0);
else console.log(`Serving on ${url} until Ctrl-C.`);
