import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import { alive, postgresFamily } from '../../../test/support/postgres-family.js';
import { openEmbeddedPostgres } from './launcher.js';
import { lookUpProcess } from './process-table.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'codex-pooler-postgres-'));
const dataDir = join(folder, 'data', 'postgres');
const settings = { fsync: 'off' };

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const family = () => postgresFamily(dataDir);

async function startOwner(): Promise<{ owner: ChildProcess; url: string }> {
  const hook = resolve('test/support/typescript.cjs');
  const script = resolve('test/support/postgres-owner.ts');
  const owner = spawn(process.execPath, ['--require', hook, script, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [chunk] = (await once(owner.stdout, 'data')) as [Buffer];
  return { owner, url: chunk.toString().trim() };
}

async function kill(owner: ChildProcess): Promise<void> {
  const ended = once(owner, 'exit');
  owner.kill('SIGKILL');
  await ended;
}

describe('the embedded PostgreSQL', () => {
  beforeAll(async () => {
    chmodSync(folder, 0o755);
    const postgres = await openEmbeddedPostgres({ dataDir, settings });
    await query(postgres.url, 'CREATE TABLE kept (id int)');
    await postgres.stop();
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps its data and its password where only its user can read them', async () => {
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, 'codex-pooler.password')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'data'))).toEqual(['postgres']);
  });

  it('lets nobody in without the password', async () => {
    const postgres = await openEmbeddedPostgres({ dataDir, settings });
    const url = new URL(postgres.url);
    url.password = 'guessed';
    await expect(query(url.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect(url.hostname).toBe('127.0.0.1');
    await postgres.stop();
  });

  it('has no process left after stop', async () => {
    const postgres = await openEmbeddedPostgres({ dataDir, settings });
    const running = family();
    expect(running.length).toBeGreaterThan(2);
    await postgres.stop();
    expect(running.filter(alive)).toEqual([]);
  });

  it('ends with a process that is killed, and has what was committed at the next start', async () => {
    const { owner, url } = await startOwner();
    await query(url, 'INSERT INTO kept SELECT generate_series(1, 1000)');
    const running = family();
    await kill(owner);
    const postgres = await openEmbeddedPostgres({ dataDir, settings });
    expect(running.filter(alive)).toEqual([]);
    expect(await query(postgres.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1000 }]);
    await postgres.stop();
  });

  it('is taken over when both its process and its guard were killed', async () => {
    const { owner } = await startOwner();
    const shells = family().filter((pid) => lookUpProcess(pid)?.command.includes('codex-pooler-guard'));
    // At one moment: neither has time to see that the other is gone.
    const both = [owner.pid ?? 0, ...shells];
    both.forEach((pid) => process.kill(pid, 'SIGSTOP'));
    shells.forEach((pid) => process.kill(pid, 'SIGKILL'));
    await kill(owner);
    const orphans = family().filter(alive);
    expect(orphans).not.toEqual([]);
    const postgres = await openEmbeddedPostgres({ dataDir, settings });
    expect(orphans.filter(alive)).toEqual([]);
    await postgres.stop();
  });

  it('is refused to a second process in plain words, and shared with one that asks to attach', async () => {
    const { owner, url } = await startOwner();
    await expect(openEmbeddedPostgres({ dataDir })).rejects.toThrow(/is in use by another process \(pid \d+\)/);
    const attached = await openEmbeddedPostgres({ dataDir, attach: true });
    expect(attached.url).toBe(url);
    await attached.stop();
    expect(await query(url, 'SELECT 1 AS still')).toEqual([{ still: 1 }]);
    await kill(owner);
    await eventually(() => expect(family().filter(alive)).toEqual([]), { withinMs: 30_000 });
  });

  it('opens its own server when there is none to attach to', async () => {
    const postgres = await openEmbeddedPostgres({ dataDir, settings, attach: true });
    expect(await query(postgres.url, 'SELECT 1 AS here')).toEqual([{ here: 1 }]);
    await postgres.stop();
  });

  it('reports the end of the log when the server dies of itself', async () => {
    const died = new Promise<string>((tell) => {
      void openEmbeddedPostgres({ dataDir, settings, onExit: tell }).then(() => {
        const pid = Number.parseInt(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8'), 10);
        process.kill(pid, 'SIGQUIT');
      });
    });
    expect(await died).toContain('immediate shutdown request');
  });

  it('puts the words of the server into the error when it does not start', async () => {
    const opening = openEmbeddedPostgres({ dataDir, settings: { shared_buffers: 'plenty' } });
    await expect(opening).rejects.toThrow(/PostgreSQL did not start: .*"shared_buffers"/s);
  });

  it('does not touch the data of another major version', async () => {
    const old = join(folder, 'old');
    mkdirSync(old, { mode: 0o700 });
    writeFileSync(join(old, 'PG_VERSION'), '9\n');
    await expect(openEmbeddedPostgres({ dataDir: old })).rejects.toThrow(/was made by PostgreSQL 9 and the binaries/);
  });

  it('does not touch a folder that holds something else', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'letter.txt'), 'dear');
    await expect(openEmbeddedPostgres({ dataDir: other })).rejects.toThrow('is not empty and holds no database');
    expect(readdirSync(other)).toEqual(['letter.txt']);
    expect(readdirSync(folder).filter((name) => name.includes('.new-'))).toEqual([]);
  });
});
