import { randomUUID } from 'node:crypto';
import { useDatabase } from '../../test/support/database.js';
import type { Finding } from './finding.js';
import { IncidentDelivery } from './incident-delivery.entity.js';
import { IncidentRule } from './incident-rule.entity.js';
import { IncidentRules } from './incident-rules.service.js';
import { Incident } from './incident.entity.js';
import { IncidentRepository } from './incident.repository.js';
import { Incidents, type IncidentFilter } from './incidents.service.js';
import type { PoolId } from '../core/index.js';
import type { StoredRule } from './stored-rule.js';
import { Webhook } from './webhook.entity.js';

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const POOL = randomUUID() as PoolId;

const rule: StoredRule = {
  id: randomUUID(),
  name: 'no-usable-accounts',
  kind: 'pool_no_usable_accounts',
  params: {},
  severity: 'critical',
  cooldownSeconds: 900,
  enabled: true,
  builtIn: true,
};

const finding = (over: Partial<Finding> = {}): Finding => ({
  target: { kind: 'pool', id: POOL, label: 'team', poolIds: [POOL] },
  reason: 'no_usable_accounts',
  evidence: { usable: 0, accounts: 2 },
  ...over,
});

describe('the rows of incidents', () => {
  const database = useDatabase([Incident, IncidentRule, IncidentDelivery, Webhook]);
  const repository = () => new IncidentRepository(database.dataSource());
  const rows = <T extends object>(entity: new () => T) => database.dataSource().getRepository(entity);
  const service = () => new Incidents(rows(Incident), rows(IncidentDelivery));
  const list = (filter: IncidentFilter = {}) => service().list(filter);
  const all = () => rows(Incident).find({ order: { firstSeenAt: 'ASC' } });
  const deliveries = () => rows(IncidentDelivery).find({ order: { createdAt: 'ASC', event: 'ASC' } });
  const see = (atMs: number, ...found: Finding[]) =>
    repository().save(
      found.map((each) => ({ rule, finding: each })),
      atMs,
    );
  const addWebhook = async (over: Partial<Webhook> = {}): Promise<string> => {
    const id = randomUUID();
    const bytes = Buffer.from('sealed');
    const row = { id, name: id, host: 'hooks.example.com', url: bytes, secret: bytes, format: 'generic' as const };
    await rows(Webhook).insert({ ...row, enabled: true, ruleKinds: null, ...over });
    return id;
  };

  afterEach(() => database.dataSource().query('TRUNCATE incident, webhook CASCADE'));

  it('are opened, counted as long as they are found, and resolved when they are not', async () => {
    expect(await see(NOW_MS, finding())).toEqual({ found: 1, opened: 1, resolved: 0 });
    const later = finding({ evidence: { usable: 0, accounts: 3 } });
    expect(await see(NOW_MS + MINUTE_MS, later)).toEqual({ found: 1, opened: 0, resolved: 0 });
    expect(await see(NOW_MS + 2 * MINUTE_MS)).toEqual({ found: 0, opened: 0, resolved: 1 });
    expect(await all()).toMatchObject([
      {
        state: 'resolved',
        severity: 'critical',
        ruleKind: 'pool_no_usable_accounts',
        targetLabel: 'team',
        poolIds: [POOL],
        evidence: { usable: 0, accounts: 3 },
        occurrenceCount: 2,
        firstSeenAt: new Date(NOW_MS),
        lastSeenAt: new Date(NOW_MS + MINUTE_MS),
        resolvedAt: new Date(NOW_MS + 2 * MINUTE_MS),
      },
    ]);
  });

  it('are one per key, however many workers look at once', async () => {
    await Promise.all(Array.from({ length: 6 }, () => see(NOW_MS, finding())));
    expect(await all()).toMatchObject([{ state: 'open', occurrenceCount: 6 }]);
  });

  it('come anew when what was over begins again', async () => {
    await see(NOW_MS, finding());
    await see(NOW_MS + MINUTE_MS);
    await see(NOW_MS + 2 * MINUTE_MS, finding());
    expect((await all()).map(({ state }) => state)).toEqual(['resolved', 'open']);
  });

  it('stay acknowledged until they are over', async () => {
    await see(NOW_MS, finding());
    const [{ id } = { id: '' }] = await list();
    expect(await service().acknowledge(id, 'ops')).toMatchObject({
      changed: true,
      incident: { acknowledgedBy: 'ops' },
    });
    await see(NOW_MS + MINUTE_MS, finding());
    expect(await service().acknowledge(id, 'else')).toMatchObject({
      changed: false,
      incident: { acknowledgedBy: 'ops' },
    });
    expect(await list()).toMatchObject([{ state: 'acknowledged', occurrenceCount: 2 }]);
    await see(NOW_MS + 2 * MINUTE_MS);
    expect(await service().acknowledge(id, 'else')).toMatchObject({
      changed: false,
      incident: { state: 'resolved' },
    });
    expect(await list()).toEqual([]);
  });

  it('are seen by those whose Pools they concern, and by nobody else', async () => {
    await see(NOW_MS, finding());
    const [{ id } = { id: '' }] = await all();
    const other = [randomUUID() as PoolId];
    expect([await list({ poolIds: other }), await service().get(id, other)]).toEqual([[], undefined]);
    expect(await service().acknowledge(id, 'ops', other)).toBeUndefined();
    expect(await list({ poolIds: [POOL] })).toHaveLength(1);
    expect(await service().get('no id')).toBeUndefined();
  });

  it('are listed page by page', async () => {
    const many = ['a', 'b', 'c'].map((part) => finding({ part }));
    await see(NOW_MS, ...many);
    const first = await list({ limit: 2 });
    const last = first.at(-1);
    const rest = await list({ limit: 2, ...(last && { after: last }) });
    expect(new Set([...first, ...rest].map(({ id }) => id)).size).toBe(3);
  });

  it('go 90 days after they were over', async () => {
    await see(NOW_MS, finding());
    await see(NOW_MS + 1);
    await see(NOW_MS + 90 * DAY_MS + 2);
    expect(await all()).toEqual([]);
  });

  it('are told once to each webhook that wants to know, when they open and when they are over', async () => {
    const wanted = await addWebhook({ ruleKinds: ['pool_no_usable_accounts'] });
    await addWebhook({ ruleKinds: ['job_failing'] });
    await addWebhook({ enabled: false });
    for (const minute of [0, 1, 2]) await see(NOW_MS + minute * MINUTE_MS, finding());
    await see(NOW_MS + 3 * MINUTE_MS);
    await see(NOW_MS + 4 * MINUTE_MS);
    expect(await deliveries()).toMatchObject([
      { webhookId: wanted, event: 'opened', status: 'pending', attempts: 0, nextAttemptAt: new Date(NOW_MS) },
      { webhookId: wanted, event: 'resolved', status: 'pending', nextAttemptAt: new Date(NOW_MS + 3 * MINUTE_MS) },
    ]);
  });

  it('are not told as over to whom they were never told', async () => {
    await see(NOW_MS, finding());
    await addWebhook();
    await see(NOW_MS + MINUTE_MS);
    expect(await deliveries()).toEqual([]);
  });

  it('wait for their cooldown when they come again, and are not told if they are over by then', async () => {
    await addWebhook();
    await see(NOW_MS, finding());
    await see(NOW_MS + MINUTE_MS);
    await see(NOW_MS + 2 * MINUTE_MS, finding());
    const [, , again] = await deliveries();
    expect(again).toMatchObject({
      event: 'opened',
      status: 'pending',
      nextAttemptAt: new Date(NOW_MS + 15 * MINUTE_MS),
    });
    await see(NOW_MS + 3 * MINUTE_MS);
    expect((await deliveries()).slice(2)).toMatchObject([{ status: 'discarded', failureCode: 'cooldown' }]);
  });
});

describe('the rules of incidents', () => {
  const database = useDatabase([IncidentRule]);
  const rules = () => new IncidentRules(database.dataSource().getRepository(IncidentRule));

  it('that come with the installation are understood', async () => {
    const listed = await rules().list();
    expect(listed.map(({ name }) => name)).toEqual([
      'budget',
      'job-failing',
      'login-required',
      'no-usable-accounts',
      'pool-errors',
      'refresh-failing',
      'token-expiring',
      'weekly-quota',
    ]);
    expect(listed.every(({ builtIn, enabled }) => builtIn && enabled)).toBe(true);
  });

  it('are added with their defaults and taken away', async () => {
    const added = await rules().add({ name: 'my-errors', kind: 'key_error_rate', params: { percent: 50 } });
    expect(added.params).toEqual({ percent: 50, minCalls: 20, minutes: 15 });
    expect(await rules().list()).toContainEqual(expect.objectContaining({ name: 'my-errors', params: added.params }));
    await expect(rules().add({ name: 'my-errors', kind: 'job_failing' })).rejects.toThrow('already');
    expect([await rules().remove(added.id), await rules().remove(added.id)]).toEqual([true, false]);
  });

  it('are changed where something is said', async () => {
    const { id } = await rules().add({ name: 'few', kind: 'pool_low_usable_accounts', params: { minUsable: 3 } });
    const changed = await rules().change(id, { enabled: false, severity: 'info' });
    expect(changed).toMatchObject({ name: 'few', params: { minUsable: 3 }, enabled: false, severity: 'info' });
    expect(await rules().change(id, { params: { minUsable: 4 } })).toMatchObject({ params: { minUsable: 4 } });
    await expect(rules().change(id, { params: {} })).rejects.toThrow('minUsable');
    expect(await rules().change(randomUUID(), { enabled: true })).toBeUndefined();
    expect([await rules().named('few'), await rules().named(id)]).toMatchObject([{ id }, { id }]);
  });

  it.each([
    [{ name: 'No', kind: 'job_failing' }, 'A name is'],
    [{ name: 'no', kind: 'nothing' }, 'no kind of rule'],
    [{ name: 'no', kind: 'job_failing', severity: 'bad' }, 'A severity is'],
    [{ name: 'no', kind: 'job_failing', cooldownSeconds: -1 }, 'A cooldown is'],
    [{ name: 'no', kind: 'pool_low_usable_accounts' }, 'minUsable'],
    [{ name: 'no', kind: 'key_error_rate', params: { percent: 101 } }, 'percent'],
    [{ name: 'no', kind: 'job_failing', params: { percent: 1 } }, 'percent'],
  ])('make sense: not %j', async (given, problem) => {
    await expect(rules().add(given)).rejects.toThrow(problem);
  });

  it('of another version stop no others', async () => {
    const row = {
      id: randomUUID(),
      name: 'later',
      kind: 'from_the_future' as never,
      params: {},
      severity: 'info' as const,
    };
    await database.dataSource().getRepository(IncidentRule).insert(row);
    expect((await rules().list()).map(({ name }) => name)).not.toContain('later');
  });
});
