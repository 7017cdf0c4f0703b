import { createHmac } from 'node:crypto';
import { IncidentJob } from '../../src/incidents/incident-jobs.service.js';
import { QUEUES } from '../../src/platform/queue/index.js';
import { useCommandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { useGateway } from '../support/gateway.js';
import { queueAt } from '../support/queue-at.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { bodyOf, useTinyServer } from '../support/tiny-server.js';

// A gateway and an application for commands, on a busy machine.
jest.setTimeout(60_000);

const SECRET = 'whoever-has-this-may-sign';

interface Told {
  readonly type: string;
  readonly incident_id: string;
  readonly reason_code: string;
  readonly scope: { readonly label: string };
}

describe('incidents', () => {
  const receiver = useTinyServer();
  const shared = { EGRESS_ALLOW_LIST: '127.0.0.1', SECRET_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}` };
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, env: shared });
  const folder = temporaryFolder();
  const commands = useCommandLine(() => ({
    DATA_DIR: folder.path(),
    DATABASE_URL: gateway.databaseUrl(),
    ...shared,
  }));
  const told: Told[] = [];
  const signatures: boolean[] = [];
  let status = 200;

  const said = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await commands.run(args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout.trim();
  };
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await commands.run(args);
    expect(code).toBe(1);
    return stderr.trim();
  };
  const typed = async (line: string, ...args: string[]): Promise<string> => {
    const run = commands.attend(args);
    run.type(line);
    const { code, stdout, stderr } = await run.ended;
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  const look = () => gateway.get(IncidentJob).run();
  const setStatus = (to: string) =>
    gateway.database().query(`UPDATE upstream_account SET status = $1 WHERE label = 'acc_alice'`, [to]);

  beforeEach(() => {
    receiver.answer = (request, response) => {
      void bodyOf(request).then((body) => {
        const id = String(request.headers['x-codex-pooler-event-id']);
        const attempt = String(request.headers['x-codex-pooler-attempt-id']);
        const digest = createHmac('sha256', SECRET).update(`${id}.${attempt}.${body}`).digest('hex');
        signatures.push(request.headers['x-codex-pooler-signature'] === `sha256=${digest}`);
        told.push(JSON.parse(body) as Told);
        response.writeHead(status).end();
      });
    };
  });

  it('have rules from the start, and find nothing where nothing is wrong', async () => {
    expect(await said('incident', 'rule', 'list')).toMatch(/^NAME +KIND +SEVERITY +PARAMS +COOLDOWN +FROM +STATE\n/);
    await look();
    expect(await said('incident', 'list')).toBe('No incident is open.');
  });

  it('are told to a webhook that was added from standard input and tested', async () => {
    process.env['HOOK_SECRET'] = SECRET;
    const added = await typed(`${receiver.url}/hook`, 'webhook', 'add', 'ops', '--secret-env', 'HOOK_SECRET');
    expect(added).toContain(`Incidents are told to webhook ops at ${new URL(receiver.url).host}.`);
    expect(added).not.toContain('/hook');
    expect(await said('webhook', 'list')).toMatch(/\nops +127\.0\.0\.1:\d+ +generic +true +all +/);
    expect(await said('webhook', 'list', '--json')).not.toMatch(/\/hook|whoever-has-this/);
    expect(await refused('webhook', 'test', 'nobody')).toContain('There is no webhook "nobody".');
    expect(await said('webhook', 'test', 'ops')).toBe('Webhook ops answered 200.');
    expect(await refused('webhook', 'set', 'ops')).toBe('codex-pooler: Say what to set.');
    expect(await refused('incident', 'rule', 'set', 'budget')).toBe('codex-pooler: Say what to set.');
    expect(await said('webhook', 'set', 'ops', '--off')).toBe('Webhook ops is told nothing.');
    expect(await said('webhook', 'set', 'ops', '--on')).toContain('Incidents are told to webhook ops at ');
  });

  it('are opened, told, acknowledged and resolved by a real worker', async () => {
    told.length = 0;
    await setStatus('login_required');
    await look();
    await eventually(() => expect(told).toMatchObject([{ type: 'incident.opened', reason_code: 'login_required' }]));
    expect(told[0]?.scope.label).toBe('acc_alice');
    const id = told[0]?.incident_id ?? '';
    expect(await said('incident', 'list')).toMatch(
      new RegExp(`${id} +open +critical +login-required +login_required +account acc_alice `),
    );
    expect(await said('incident', 'ack', id)).toBe('login_required of account acc_alice is acknowledged.');
    expect(await said('incident', 'ack', id)).toContain('was acknowledged already');
    await look();
    const shown = await eventually(async () => {
      const text = await said('incident', 'show', id);
      expect(text).toMatch(/\nops +opened +sent +1 +- /);
      return text;
    });
    expect(shown).toMatch(/^login_required of account acc_alice: acknowledged, critical\n/);
    expect(shown).toContain(' by local ');
    await setStatus('active');
    await look();
    await eventually(() => expect(told.map(({ type }) => type)).toEqual(['incident.opened', 'incident.resolved']));
    expect([told[1]?.incident_id, new Set(signatures)]).toEqual([id, new Set([true])]);
    expect(await said('incident', 'list')).toBe('No incident is open.');
    expect(await said('incident', 'list', '--all')).toContain(`${id}  resolved`);
    expect(await refused('incident', 'show', 'nothing')).toContain('There is no incident of that id.');
  });

  it('come from rules of an operator’s own, and end with them', async () => {
    await said(
      'incident',
      'rule',
      'add',
      'few',
      '--kind',
      'pool_low_usable_accounts',
      '--min-usable',
      '9',
      '--pool',
      'test',
    );
    expect(await refused('incident', 'rule', 'add', 'few', '--kind', 'job_failing')).toContain('already');
    expect(await refused('incident', 'rule', 'add', 'no', '--kind', 'job_failing', '--percent', '5')).toContain(
      'percent',
    );
    await look();
    const { incidents } = JSON.parse(await said('incident', 'list', '--json')) as { incidents: object[] };
    expect(incidents).toMatchObject([{ ruleName: 'few', targetLabel: 'test', evidence: { usable: 2, minUsable: 9 } }]);
    expect(await said('incident', 'rule', 'set', 'few', '--min-usable', '2', '--severity', 'info')).toContain(
      'as it is now',
    );
    await look();
    expect(await said('incident', 'list')).toBe('No incident is open.');
    await said('incident', 'rule', 'set', 'few', '--min-usable', '9', '--off');
    expect(await said('incident', 'rule', 'list')).toMatch(
      /\nfew +\S+ +info +poolId:\S+ minUsable:9 +15 min +you +off\n/,
    );
    await look();
    expect(await said('incident', 'list')).toBe('No incident is open.');
    expect(await said('incident', 'rule', 'remove', 'few', '--dry-run')).toContain('Nothing was changed.');
    await said('incident', 'rule', 'remove', 'few');
    await look();
    expect(await said('incident', 'list')).toBe('No incident is open.');
  });

  it('are told again when they were not heard, by jobs that carry an id and nothing else', async () => {
    const pending = () => gateway.database().query<object[]>(`SELECT FROM incident_delivery WHERE status = 'pending'`);
    await eventually(async () => expect(await pending()).toEqual([]));
    told.length = 0;
    status = 503;
    await said('incident', 'rule', 'add', 'few', '--kind', 'pool_low_usable_accounts', '--min-usable', '8');
    await look();
    const queue = queueAt(QUEUES.incidents, undefined, gateway.databaseUrl());
    try {
      const jobs = await queue.getJobs(['waiting', 'active', 'delayed', 'completed', 'failed', 'prioritized']);
      const fields = new Set(jobs.flatMap(({ data }) => Object.keys(data as object)));
      expect([jobs.length > 0, [...fields]]).toEqual([true, ['deliveryId']]);
    } finally {
      await queue.close();
    }
    await eventually(async () => {
      const rows = await gateway.database().query<object[]>(`
        SELECT status, attempts, response_status, failure_code, next_attempt_at > now() + interval '50 seconds' AS waits
          FROM incident_delivery WHERE status = 'pending'`);
      const expected = { status: 'pending', attempts: 1, response_status: 503, failure_code: 'http_503', waits: true };
      expect(rows).toEqual([expected]);
    });
    expect(told).toHaveLength(1);
    await said('webhook', 'remove', 'ops');
    expect(await said('webhook', 'list')).toBe('Nobody is told.');
  });

  it('are told to no address inside', async () => {
    for (const url of [
      'https://169.254.169.254/',
      'https://10.0.0.1/',
      'http://hooks.example.com/',
      'https://u:p@a.b/',
    ]) {
      const run = commands.attend(['webhook', 'add', 'bad']);
      run.type(url);
      const { code, stderr } = await run.ended;
      expect([code, stderr]).toEqual([1, expect.stringContaining('A webhook is a public https:// URL')]);
    }
  });
});
