import { AskedOperations, auditAt, holder } from '../../../test/support/asked-operations.js';
import { AUTH_ENTITIES, authServices } from '../../../test/support/auth-services.js';
import { useDatabase } from '../../../test/support/database.js';
import type { AuditService } from '../../audit/index.js';
import type { PoolId } from '../../core/index.js';
import type { AuditEventView } from '../views/audit-view.js';
import { AuditOperations } from './audit-operations.service.js';

interface Page {
  readonly items: readonly AuditEventView[];
  readonly next?: string;
}

describe('the operations on the audit', () => {
  const database = useDatabase(AUTH_ENTITIES);
  let operations: AskedOperations;
  let audit: AuditService;
  let team: PoolId;
  let other: PoolId;

  beforeAll(async () => {
    const { pools, named } = authServices(database.dataSource());
    audit = auditAt(database.dataSource());
    operations = new AskedOperations(database.dataSource(), [new AuditOperations(audit, named)]);
    [team, other] = [(await pools.createPool('team')).id, (await pools.createPool('other')).id];
    await did('key.create', 'a', team);
    await did('key.create', 'b', other);
    await did('price.set', 'gpt-5.5');
    await did('key.revoke', 'a', team);
  });

  const did = async (action: string, label: string, poolId?: PoolId): Promise<void> => {
    const entry = await audit.begin({
      actor: { kind: 'local', id: 'root', label: 'root' },
      action,
      target: { type: action.split('.')[0] ?? '', label, ...(poolId && { poolId }) },
      requestId: `r-${label}`,
      address: '192.0.2.7',
    });
    await entry.succeeded();
  };
  const words = ({ items }: Page) => items.map(({ action, target }) => `${action} ${target?.label ?? ''}`);
  const list = (input: object = {}, as = holder(['read'])) => operations.ask<Page>('audit.list', input, { as });

  it('list what was done, the newest first, with every filter', async () => {
    const all = ['key.revoke a', 'price.set gpt-5.5', 'key.create b', 'key.create a'];
    expect(words(await list())).toEqual(all);
    expect(words(await list({ all: true }))).toHaveLength(8);
    const now = new Date().toISOString();
    const filters: [object, number][] = [
      [{ pool: 'team' }, 2],
      [{ outcome: 'begun' }, 4],
      [{ actorKind: 'token' }, 0],
      [{ actor: 'root' }, 4],
      [{ action: 'key' }, 3],
      [{ action: 'key.revoke' }, 1],
      [{ targetType: 'price' }, 1],
      [{ target: 'b' }, 1],
      [{ requestId: 'r-a' }, 2],
      [{ from: '2020-01-01T00:00:00Z', to: now }, 4],
      [{ to: '2020-01-01T00:00:00+02:00' }, 0],
    ];
    for (const [filter, count] of filters) expect([filter, (await list(filter)).items.length]).toEqual([filter, count]);
    expect(await operations.codeOf('audit.list', { pool: 'nowhere' })).toBe('not_found');
  });

  it('list page by page, also while more is done', async () => {
    const first = await list({ limit: 3, target: 'a', all: true });
    await did('key.pause', 'a', team);
    const rest = await list({ limit: 3, target: 'a', all: true, after: first.next });
    expect([words(first), words(rest)]).toEqual([['key.revoke a', 'key.revoke a', 'key.create a'], ['key.create a']]);
    expect(await operations.codeOf('audit.list', { after: 'x' })).toBe('invalid_input');
    expect(await operations.codeOf('audit.export', { after: '1.2.3' })).toBe('invalid_input');
  });

  it('show tokens that are bound to Pools what was done to those, and nothing else', async () => {
    const as = holder(['read'], [other]);
    expect(words(await list({}, as))).toEqual(['key.create b']);
    expect(words(await operations.ask<Page>('audit.export', {}, { as }))).toEqual(['key.create b', 'key.create b']);
    expect(await operations.codeOf('audit.list', { pool: 'team' }, { as })).toBe('not_found');
    const [mine] = (await list({ pool: 'other' })).items;
    const [none] = (await list({ action: 'price' })).items;
    expect(await operations.ask('audit.get', { event: mine?.id }, { as })).toEqual(mine);
    expect(await operations.codeOf('audit.get', { event: none?.id }, { as })).toBe('not_found');
    expect(await operations.codeOf('audit.verify', {}, { as })).toBe('forbidden');
  });

  it('show one event whole', async () => {
    const [event] = (await list({ limit: 1 })).items;
    expect(await operations.ask('audit.get', { event: event?.id })).toEqual(event);
    expect(event).toMatchObject({ address: '192.0.2.7', poolId: team, actor: { kind: 'local', label: 'root' } });
    expect(await operations.codeOf('audit.get', { event: team })).toBe('not_found');
    expect(await operations.codeOf('audit.get', { event: 'x' })).toBe('invalid_input');
  });

  it('export every event, the oldest first, and nothing that came after its first page', async () => {
    const first = await operations.ask<Page>('audit.export', { limit: 6 });
    const [newest] = (await list({ limit: 1 })).items;
    await did('too.late', 'x');
    const rest = await operations.ask<Page>('audit.export', { limit: 6, after: first.next });
    const seqs = [...first.items, ...rest.items].map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: newest?.seq ?? 0 }, (_, at) => at + 1));
    expect(rest.next).toBeUndefined();
  });

  it('say whether the chain holds', async () => {
    expect(await operations.ask('audit.verify')).toMatchObject({ ok: true, first: 1, hash: expect.any(String) });
    await database.dataSource().query('ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only');
    await database.dataSource().query(`UPDATE audit_event SET target_label = 'x' WHERE seq = 3`);
    expect(await operations.ask('audit.verify')).toEqual({ ok: false, seq: 3, why: 'changed', id: expect.any(String) });
  });
});
