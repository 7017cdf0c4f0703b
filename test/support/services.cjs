// The servers of one test run, in a process of their own that lives as long as its standard input is open: however
// jest ends, nothing stays behind. Writes one line of JSON with their addresses.
require('./typescript.cjs');
const { mkdtempSync, mkdirSync, rmSync, chmodSync, statfsSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { Client } = require('pg');
const { startCluster, startStandalone } = require('./js-redis.cjs');

const TEMPLATE = 'migrated_template';
const MEMORY = '/dev/shm';
/** What a run leaves on the disk at a time, and as much again. */
const ROOM_BYTES = 4 * 1024 ** 3;
const folder = mkdtempSync(join(hasRoom(MEMORY) ? MEMORY : tmpdir(), 'codex-pooler-test-'));
// The server drops root and must be able to enter.
chmodSync(folder, 0o755);
/** For whatever the tests write: a database is made in a tenth of the time where no disk is behind it. */
const temporary = join(folder, 'tmp');
mkdirSync(temporary);

function hasRoom(path) {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize > ROOM_BYTES;
  } catch {
    return false;
  }
}

async function startPostgres() {
  const { openEmbeddedPostgres } = require('../../src/platform/embedded-postgres/index.ts');
  return openEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    binDir: process.env.PG_BIN_DIR || undefined,
    path: process.env.PATH,
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '200',
      max_wal_size: '256MB',
    },
  });
}

/** Tests make thousands of connections: proving the password is made cheap. Postgres 15 knows no other price. */
async function cheapenLogins(url) {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { username, password } = new URL(url);
  const cheap = `SET scram_iterations = 1; ALTER ROLE ${client.escapeIdentifier(username)} PASSWORD ${client.escapeLiteral(password)}`;
  await client.query(cheap).catch(() => undefined);
  await client.end();
}

/** Rejects with the failure of a migration, which then fails the tests that use the database and no others. */
async function makeTemplate(url) {
  const { runMigrations } = require('../../src/platform/database/index.ts');
  const { migrations } = require('../../migrations/index.ts');
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  await runMigrations(url.replace(/[^/]*$/, TEMPLATE), migrations);
}

async function database() {
  const postgres = await startPostgres();
  await cheapenLogins(postgres.url);
  const ready = await makeTemplate(postgres.url).then(
    () => ({ CODEX_POOLER_TEST_TEMPLATE: TEMPLATE }),
    (error) => ({ CODEX_POOLER_TEST_DATABASE_ERROR: String(error.stack) }),
  );
  return { stop: postgres.stop, env: { CODEX_POOLER_TEST_DATABASE_URL: postgres.url, ...ready } };
}

async function redis() {
  const servers = await Promise.all([startStandalone(), startCluster()]);
  const [standalone, cluster] = servers.map((server) => server.addresses().map(({ host, port }) => `${host}:${port}`));
  return {
    stop: () => Promise.all(servers.map((server) => server.close())),
    env: { CODEX_POOLER_TEST_JS_REDIS: standalone[0], CODEX_POOLER_TEST_JS_CLUSTER: cluster.join(',') },
  };
}

async function main() {
  // From the first moment: whoever started us may be gone before the servers are up.
  const gone = new Promise((done) => process.stdin.resume().once('end', done).once('close', done));
  process.stdout.on('error', () => undefined);
  // Ctrl-C reaches the whole group; the end of standard input is what counts.
  process.on('SIGINT', () => undefined);
  const parts = await Promise.all([
    database().catch((error) => ({ env: { CODEX_POOLER_TEST_DATABASE_ERROR: String(error.stack) } })),
    redis(),
  ]);
  process.stdout.write(`${JSON.stringify(Object.assign({ TMPDIR: temporary }, ...parts.map((part) => part.env)))}\n`);
  await gone;
  await Promise.allSettled(parts.map((part) => part.stop?.()));
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  rmSync(folder, { recursive: true, force: true });
  process.exit(1);
});
