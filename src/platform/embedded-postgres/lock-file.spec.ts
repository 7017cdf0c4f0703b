import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../../test/support/eventually.js';
import { clearLock, guardName, lockedPort } from './lock-file.js';
import { lookUpProcess } from './process-table.js';

// Real processes: a busy machine takes its time.
jest.setTimeout(60_000);

describe('the lock file of a data folder', () => {
  const children: ChildProcess[] = [];
  let dataDir = '';
  const lock = () => join(dataDir, 'postmaster.pid');
  const hold = (pid: number) => writeFileSync(lock(), `${pid}\n${dataDir}\n1700000000\n54321\n\n127.0.0.1\n`);
  const start = (command: string, args: string[]) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(child);
    return child;
  };
  const firstLine = async (child: ChildProcess) => {
    if (child.stdout === null) throw new Error('no output');
    return Number(((await once(child.stdout, 'data')) as [Buffer])[0].toString());
  };

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'codex-pooler-lock-'));
  });

  afterEach(async () => {
    for (const child of children.splice(0).filter((each) => each.exitCode === null && each.signalCode === null)) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(dataDir, { recursive: true });
  });

  it('is free when there is none', async () => {
    expect(await clearLock(dataDir)).toEqual({ kind: 'free' });
  });

  it('tells the port of a running server on its fourth line', () => {
    expect(lockedPort(dataDir)).toBeUndefined();
    hold(process.pid);
    expect(lockedPort(dataDir)).toBe(54321);
  });

  it('is removed when its pid belongs to another program by now', async () => {
    hold(process.pid);
    expect(await clearLock(dataDir)).toEqual({ kind: 'free' });
    expect(existsSync(lock())).toBe(false);
  });

  it('is removed when its pid is a zombie that nobody reaps', async () => {
    const zombie = await firstLine(start('/bin/sh', ['-c', 'sleep 1 & echo $!; exec sleep 600']));
    await eventually(() => expect(lookUpProcess(zombie)?.zombie).toBe(true));
    hold(zombie);
    expect(await clearLock(dataDir)).toEqual({ kind: 'free' });
    expect(existsSync(lock())).toBe(false);
  });

  it('is respected when another PostgreSQL may be running on it', async () => {
    const script = 'process.title = "postgres"; console.log(process.pid); setInterval(() => {}, 1e6)';
    const pid = await firstLine(start(process.execPath, ['-e', script]));
    hold(pid);
    expect(await clearLock(dataDir)).toEqual({ kind: 'foreign', pid });
    expect(existsSync(lock())).toBe(true);
  });

  it('is respected while the guard of the server has its owner, and the server is stopped when it has not', async () => {
    const server =
      '"$0" -e "process.on(\'SIGINT\', () => process.exit()); console.log(process.pid); setInterval(() => {}, 1e6)" ';
    const guarded = (name: string) =>
      start('/bin/sh', ['-c', `${server} - "$2" & wait`, process.execPath, name, dataDir]);
    const owned = await firstLine(guarded(guardName(process.pid)));
    hold(owned);
    expect(await clearLock(dataDir)).toEqual({ kind: 'ours', pid: owned });
    process.kill(owned, 'SIGKILL');
    const orphan = await firstLine(guarded(guardName(1)));
    hold(orphan);
    expect(await clearLock(dataDir)).toEqual({ kind: 'free' });
    expect(lookUpProcess(orphan)?.zombie ?? true).toBe(true);
  });
});
