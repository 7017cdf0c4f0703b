import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.js';

const root = join(__dirname, '../..');

interface Command {
  readonly child: ChildProcess;
  output(): string;
  /** Exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

function command(script: string, env: Record<string, string>): Command {
  const child = spawn(process.execPath, [join(root, script)], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: '', REDIS_URL: '', SEED_FILE: '', CODEX_HOME: env.DATA_DIR, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const ended = new Promise<number | null>((done) => child.once('close', done));
  return { child, output: () => output, ended };
}

const freePort = (): Promise<string> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(String(port)));
    });
  });

/** Command lines of the processes that were told of the folder: the servers, and PostgreSQL under it. */
const processesOf = (folder: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [line = '', environment = ''] = ['cmdline', 'environ'].map((file) =>
          readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' '),
        );
        return line.includes(folder) || environment.includes(folder) ? [line] : [];
      } catch {
        return []; // it ended meanwhile
      }
    })
    .filter((line) => line !== ''); // a zombie has none

describe('the commands of a stranger', () => {
  let folder: string;
  let port: string;

  // One for all of them: only the first has to make its database.
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'codex-pooler-commands-'));
    chmodSync(folder, 0o755); // the embedded PostgreSQL does not run as root
  });
  beforeEach(async () => {
    port = await freePort();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('npm run demo shows the answer, its row and the configuration, twice in a row, and leaves nothing behind', async () => {
    for (const _ of ['first', 'second']) {
      const demo = command('scripts/demo.mjs', { DATA_DIR: folder, PORT: port, DEMO_ONCE: '1' });
      expect([await demo.ended, demo.output()]).toEqual([0, expect.stringContaining('SIMULATED')]);
      expect(demo.output()).toMatch(/Hello from the scripted upstream[^]*succeeded[^]*(alice|bob)[^]*model_providers/);
      expect(processesOf(folder)).toEqual([]);
    }
  }, 120_000);

  it('npm run demo says so when its port is taken', async () => {
    const server = createServer().listen(Number(port), '127.0.0.1');
    const demo = command('scripts/demo.mjs', { DATA_DIR: folder, PORT: port });
    expect([await demo.ended, demo.output()]).toEqual([1, expect.stringContaining(`Port ${port} is in use`)]);
    server.close();
  }, 60_000);

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'npm run demo ends with all its processes on %s',
    async (signal) => {
      const demo = command('scripts/demo.mjs', { DATA_DIR: folder, PORT: port });
      await eventually(() => expect(demo.output()).toContain('until Ctrl-C'), { withinMs: 60_000 });
      demo.child.kill(signal);
      await demo.ended;
      await eventually(() => expect(processesOf(folder)).toEqual([]), { withinMs: 10_000 });
    },
    90_000,
  );

  it('npm start serves on an embedded database, and ends in order on SIGTERM', async () => {
    const started = command('scripts/start.mjs', { DATA_DIR: folder, PORT: port });
    await eventually(() => expect(started.output()).toContain(`answers at http://127.0.0.1:${port}`), {
      withinMs: 60_000,
    });
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
    expect(processesOf(folder)).toEqual([]);
  }, 90_000);
});
