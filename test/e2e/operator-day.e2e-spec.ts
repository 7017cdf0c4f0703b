import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { useDatabase } from '../support/database.js';
import { saidBy, useEmbeddedGateway } from '../support/embedded-gateway.js';
import { eventually } from '../support/eventually.js';
import { OperatorShell } from '../support/operator-shell.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTinyServer } from '../support/tiny-server.js';
import { lasting, Transcript, type Step } from '../support/transcript.js';

// A day of real processes, one for each command.
jest.setTimeout(240_000);

const PAGE = resolve(__dirname, '../../docs/operating.md');
const IS_UPDATE = process.env['UPDATE_DOCS'] === '1';

/** 7.83 and newer can say which headers an answer has. */
const [, major, minor] = /^curl (\d+)\.(\d+)/.exec(spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout) ?? [];
const HAS_CURL = Number(major) * 1_000 + Number(minor) >= 7_083;

/** What the page calls servers that are elsewhere in every run. */
const SHOWN = {
  gateway: 'http://127.0.0.1:4000',
  issuer: 'https://auth.openai.com',
  webhook: 'https://hooks.example.com',
};

describe('the day of an operator in docs/operating.md', () => {
  const database = useDatabase();
  const embedded = useEmbeddedGateway(() => ({ DATABASE_URL: database.url(), EGRESS_ALLOW_LIST: '127.0.0.1' }));
  const hooks = useTinyServer();
  const home = temporaryFolder();
  const page = new Transcript(readFileSync(PAGE, 'utf8'));
  const printed: string[] = [];
  const failures: { line: number; code: number }[] = [];
  let shell: OperatorShell;
  let url = '';
  let token = '';
  let askedAt = new Date(0);

  beforeAll(() => {
    shell = new OperatorShell(home.path());
    const { upstream } = embedded;
    const [alice, bob] = [upstream.addAccount(), upstream.addAccount({ secondary: { usedPercent: 100 } })];
    shell.file('alice.json', alice.login.authJson);
    shell.file('bob.json', bob.login.authJson);
    shell.file('ops-webhook-url', `${hooks.url}/services/T0/B0/secret`);
  });
  afterAll(() => shell.close());

  /** What the page shows of servers that are elsewhere. */
  const asShown = (text: string): string =>
    [
      [url, SHOWN.gateway],
      [embedded.upstream.url, SHOWN.issuer],
      [hooks.url, SHOWN.webhook],
      [new URL(hooks.url).host, new URL(SHOWN.webhook).host],
    ].reduce((shown, [real = '', called = '']) => (real === '' ? shown : shown.replaceAll(real, called)), text);

  /** The first start, of which everything else is told in the shell. */
  async function served(): Promise<string> {
    const gateway = await embedded.serve();
    ({ url } = gateway);
    [token = ''] = /opr-cxp-[0-9a-f]{12}-[\w-]{43}/.exec(gateway.output()) ?? [];
    return `${saidBy(gateway.output()).join('\n')}\n`;
  }

  let typed = false;
  /** Somebody signs in elsewhere. */
  const signIn = (said: string): void => {
    const [, code] = /type the code (\S+)\n/.exec(said) ?? [];
    if (code === undefined || typed) return;
    typed = true;
    embedded.upstream.issuer.type(code, embedded.upstream.addAccount({ plan: 'team', primary: { usedPercent: 60 } }));
  };

  /** What workers do a little later, and the page takes for granted. */
  async function caughtUp(): Promise<void> {
    const sql = `
      SELECT (SELECT count(*) FROM request WHERE status = 'in_flight')::int AS open,
             (SELECT count(*) FROM upstream_account a WHERE kind = 'codex' AND NOT EXISTS
               (SELECT FROM account_quota_window w WHERE w.account_id = a.id))::int AS unknown,
             (SELECT count(*) FROM incident_delivery WHERE status = 'pending')::int AS untold,
             EXISTS (SELECT FROM job_run WHERE job = 'maintenance/incidents' AND started_at >= $1
                        AND outcome = 'succeeded') AS looked`;
    await eventually(
      async () =>
        expect(await database.dataSource().query(sql, [askedAt])).toEqual([
          { open: 0, unknown: 0, untold: 0, looked: true },
        ]),
      { withinMs: 60_000 },
    );
  }

  async function run(step: Step): Promise<{ printed: string; code: number }> {
    if (step.command === 'codex-pooler serve') return { printed: await served(), code: 0 };
    await caughtUp();
    if (step.command.startsWith('codex-pooler jobs run')) askedAt = new Date();
    const command = page.commandOf(step).replaceAll(SHOWN.gateway, url);
    return shell.run(command, command.startsWith('cat >') ? `${token}\n` : '', signIn);
  }

  it.each(page.steps)('says in line $line what really happens', async (step) => {
    if (!HAS_CURL) return;
    const ended = await run(step);
    const shown = asShown(ended.printed);
    const renamed = page.carry(step, shown);
    printed.push(shown);
    if (ended.code !== 0) failures.push({ line: step.line, code: ended.code });
    if (IS_UPDATE) return;
    expect(lasting(shown)).toBe(page.expected(step));
    expect(renamed).toEqual([]);
  });

  afterAll(() => {
    if (IS_UPDATE && HAS_CURL) writeFileSync(PAGE, page.rewritten(printed));
  });

  it('says so where a command fails', () => {
    const notes = process.env['NOT_RUN_FILE'];
    if (!HAS_CURL && notes !== undefined) appendFileSync(notes, 'the day of an operator: no curl 7.83 or newer here\n');
    const asked = page.steps.filter((_, at) => page.steps[at + 1]?.command === 'echo $?').map(({ line }) => line);
    expect(failures.filter(({ line }) => !asked.includes(line))).toEqual([]);
    expect(page.steps.length).toBeGreaterThan(40);
  });

  it('shows no secret', () => {
    expect(readFileSync(PAGE, 'utf8')).not.toMatch(/-cxp-[0-9a-f]{12}-[\w-]{43}|shown this once: \w{10}/);
  });
});
