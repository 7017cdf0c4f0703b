import { AskedOperations, holder } from '../../../test/support/asked-operations.js';
import { AUTH_ENTITIES, authServices } from '../../../test/support/auth-services.js';
import { useDatabase } from '../../../test/support/database.js';
import { INCIDENT_ENTITIES, incidentServices } from '../../../test/support/incident-services.js';
import type { PoolId } from '../../core/index.js';
import { Incident } from '../../incidents/index.js';
import type { IncidentDetailView, IncidentView } from '../views/incident-view.js';
import { IncidentOperations } from './incident-operations.service.js';
import { IncidentRuleOperations } from './incident-rule-operations.service.js';

const NOW_MS = Date.UTC(2026, 10, 22, 12);

interface Page<Item = IncidentView> {
  readonly items: readonly Item[];
  readonly next?: string;
}

describe('the operations on incidents', () => {
  const database = useDatabase([...AUTH_ENTITIES, ...INCIDENT_ENTITIES]);
  const services = () => incidentServices(database.dataSource());
  let operations: AskedOperations;
  let team: PoolId;
  let other: PoolId;

  beforeAll(async () => {
    const { pools, named } = authServices(database.dataSource());
    const { incidents, rules } = services();
    operations = new AskedOperations(database.dataSource(), [
      new IncidentOperations(incidents, named),
      new IncidentRuleOperations(rules, incidents),
    ]);
    [team, other] = [(await pools.createPool('team')).id, (await pools.createPool('other')).id];
  });
  afterEach(() => database.dataSource().query('TRUNCATE incident, webhook CASCADE'));

  const see = (...seen: Parameters<ReturnType<typeof services>['see']>) => services().see(...seen);
  const list = (input: object = {}, as = holder(['read'])) => operations.ask<Page>('incidents.list', input, { as });
  const labels = ({ items }: Page) => items.map(({ targetLabel }) => targetLabel);
  const idOf = async (label: string) =>
    (await database.dataSource().getRepository(Incident).findOneByOrFail({ targetLabel: label })).id;

  it('list what is not over, the newest first, page by page, however often it is found again', async () => {
    await see(NOW_MS, ['a', [team]]);
    await see(NOW_MS + 1, ['a', [team]], ['b', [team]]);
    const all = [['a', [team]] as const, ['b', [team]] as const, ['c', [other]] as const];
    await see(NOW_MS + 2, ...all);
    const first = await list({ limit: 2 });
    await see(NOW_MS + 3, ...all, ['d', []]);
    const rest = await list({ limit: 2, after: first.next });
    expect([labels(first), labels(rest), rest.next]).toEqual([['c', 'b'], ['a'], undefined]);
    expect(first.items[0]).toMatchObject({ state: 'open', reasonCode: 'no_usable_accounts', evidence: { usable: 0 } });
    await see(NOW_MS + 4, ['c', [other]]);
    expect(labels(await list())).toEqual(['c']);
    expect(labels(await list({ states: ['resolved'], pool: 'team' }))).toEqual(['b', 'a']);
    expect(labels(await list({ states: ['resolved'], ruleKind: 'job_failing' }))).toEqual([]);
    expect(await operations.codeOf('incidents.list', { after: 'x' })).toBe('invalid_input');
  });

  it('show tokens that are bound to Pools what concerns those, and no other Pool and no webhook', async () => {
    await see(NOW_MS, ['mine', [team, other]], ['theirs', [other]], ['everybody', []]);
    const as = holder(['pools:write'], [team]);
    const { items } = await list({}, as);
    expect(items).toMatchObject([{ targetLabel: 'mine', poolIds: [team] }]);
    const detail = await operations.ask<IncidentDetailView>('incidents.get', { incident: items[0]?.id }, { as });
    expect([detail.poolIds, detail.deliveries]).toEqual([[team], undefined]);
    for (const label of ['theirs', 'everybody']) {
      const incident = await idOf(label);
      expect(await operations.codeOf('incidents.get', { incident }, { as })).toBe('not_found');
      expect(await operations.codeOf('incidents.acknowledge', { incident }, { as })).toBe('not_found');
    }
    expect(await operations.codeOf('incidents.list', { pool: 'other' }, { as })).toBe('not_found');
  });

  it('show one with who was told', async () => {
    await services().addWebhook('ops');
    await see(NOW_MS, ['a', [team]]);
    const detail = await operations.ask<IncidentDetailView>('incidents.get', { incident: await idOf('a') });
    expect(detail.deliveries).toMatchObject([{ webhook: 'ops', event: 'opened', status: 'pending', attempts: 0 }]);
    expect(await operations.refusalOf('incidents.get', { incident: 'x' })).toBe(
      'not_found: There is no incident of that id.',
    );
  });

  it('acknowledge one once, in the name of who did', async () => {
    await see(NOW_MS, ['a', [team]]);
    const incident = await idOf('a');
    expect(await operations.codeOf('incidents.acknowledge', { incident }, { as: holder(['read']) })).toBe('forbidden');
    const done = await operations.ask('incidents.acknowledge', { incident });
    expect(done).toMatchObject({
      changed: true,
      incident: { state: 'acknowledged', acknowledgedBy: 'token somebody' },
    });
    expect(await operations.ask('incidents.acknowledge', { incident })).toMatchObject({ changed: false });
    expect((await operations.events('incident.acknowledge')).at(-1)).toMatchObject({
      outcome: 'success',
      target_id: incident,
      target_label: 'no_usable_accounts of pool a',
      pool_id: team,
    });
  });

  it('keep the version of one that is only found again', async () => {
    await see(NOW_MS, ['a', [team]]);
    const incident = await idOf('a');
    const { version = '' } = await operations.done('incidents.get', { incident });
    await see(NOW_MS + 1, ['a', [team]]);
    const known = { ifMatch: version };
    expect(await operations.codeOf('incidents.acknowledge', { incident }, known)).toBe('ok');
    expect(await operations.codeOf('incidents.acknowledge', { incident }, known)).toBe('precondition_failed');
  });

  it('make, change and delete rules', async () => {
    const input = { name: 'few', kind: 'pool_low_usable_accounts', params: { minUsable: 3, poolId: team } };
    const made = await operations.done('incidentRules.create', input, { idempotencyKey: 'k' });
    expect(made).toMatchObject({
      status: 201,
      output: { ...input, severity: 'warning', enabled: true, builtIn: false },
    });
    expect(await operations.refusalOf('incidentRules.create', input)).toBe('conflict: There is a rule "few" already.');
    const bad = { ...input, name: 'no', params: {} };
    expect(await operations.refusalOf('incidentRules.create', bad)).toMatch(/^unprocessable: .*minUsable/);
    const changed = await operations.ask('incidentRules.update', { rule: 'few', enabled: false, cooldownSeconds: 60 });
    expect(changed).toMatchObject({ params: input.params, enabled: false, cooldownSeconds: 60 });
    expect(await operations.ask('incidentRules.get', { rule: changed['id'] })).toEqual(changed);
    expect(await operations.ask('incidentRules.delete', { rule: 'few' })).toMatchObject({
      name: 'few',
      status: 'deleted',
    });
    expect(await operations.refusalOf('incidentRules.delete', { rule: 'few' })).toBe(
      'not_found: There is no rule "few".',
    );
    expect(await operations.events('incident_rule.update')).toMatchObject([
      { outcome: 'begun' },
      { outcome: 'success', target_label: 'few', details: { before: { enabled: true }, after: { enabled: false } } },
    ]);
  });

  it('say what the end of a rule would end', async () => {
    await see(NOW_MS, ['a', [team]]);
    const dry = await operations.ask('incidentRules.delete', { rule: 'no-usable-accounts' }, { dryRun: true });
    expect(dry).toMatchObject({ effects: ['Incidents that it found, and that are over within a minute: 1.'] });
    expect(await services().rules.named('no-usable-accounts')).toBeDefined();
  });

  it('let only who sees the whole installation change rules, and others see those of their Pools', async () => {
    await services().rules.add({ name: 'team-only', kind: 'pool_error_rate', params: { poolId: team } });
    const as = holder(['admin'], [team]);
    const { items } = await operations.ask<Page<{ name: string }>>('incidentRules.list', {}, { as });
    expect(items.map(({ name }) => name)).toEqual(['team-only']);
    expect(await operations.codeOf('incidentRules.get', { rule: 'budget' }, { as })).toBe('not_found');
    expect(await operations.codeOf('incidentRules.create', { name: 'x', kind: 'job_failing' }, { as })).toBe(
      'forbidden',
    );
    expect(await operations.codeOf('incidentRules.update', { rule: 'team-only' }, { as })).toBe('forbidden');
    expect(await operations.codeOf('incidentRules.delete', { rule: 'team-only' }, { as })).toBe('forbidden');
    const writer = holder(['pools:write']);
    expect(await operations.codeOf('incidentRules.delete', { rule: 'budget' }, { as: writer })).toBe('forbidden');
  });
});
