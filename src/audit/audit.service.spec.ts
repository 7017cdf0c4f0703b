import { randomUUID } from 'node:crypto';
import { type DataSource } from 'typeorm';
import { useDatabase } from '../../test/support/database.js';
import { PartitionsRepository } from '../platform/partitions/index.js';
import { auditDetails } from './audit-details.js';
import type { AuditEvent } from './audit-event.js';
import { AuditRetentionJob } from './audit-retention-job.service.js';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';

const DAY_MS = 86_400_000;
const ACTOR = { kind: 'local', id: 'root', label: 'root' } as const;

const event = (changes: Partial<AuditEvent> = {}): AuditEvent => ({
  actor: ACTOR,
  action: 'key.create',
  target: { type: 'key', label: 'ci' },
  details: auditDetails({ after: { label: 'ci', models: ['gpt-5.5'] } }),
  outcome: 'success',
  ...changes,
});

/** Each test tampers with a chain of its own. */
function useAudit() {
  const database = useDatabase();
  const sql = <Row extends object = object>(text: string, parameters: unknown[] = []) =>
    database.dataSource().query<Row[]>(text, parameters);
  return {
    sql,
    database,
    audit: (dataSource: DataSource = database.dataSource()) =>
      new AuditService(dataSource, new AuditRepository(dataSource)),
    /** What somebody can do who owns the database. */
    tamper: async (text: string, parameters: unknown[] = []) => {
      await database.dataSource().transaction(async (owner) => {
        await owner.query('ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only');
        await owner.query(text, parameters);
        await owner.query('ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only');
      });
    },
  };
}

describe('the audit', () => {
  const { sql, audit, database } = useAudit();

  it('keeps who did what, numbered without a gap and tied to the event before', async () => {
    const first = await audit().record(event());
    const target = { type: 'pool', id: 'p', label: 'team', poolId: randomUUID() };
    const second = await audit().record(
      event({ action: 'pool.set', target, address: '192.0.2.1', requestId: 'req_1' }),
    );
    expect([first.seq, second.seq, second.prevHash]).toEqual([1, 2, first.hash]);
    expect(await audit().find(second.id)).toEqual(second);
    expect(await audit().verify()).toEqual({ ok: true, events: 2, first: 1, last: 2, hash: second.hash });
  });

  it.each([
    `UPDATE audit_event SET action = 'nothing.done'`,
    'DELETE FROM audit_event',
    'TRUNCATE audit_event',
    `SET LOCAL codex_pooler.moves_rows = 'on'; DELETE FROM audit_event WHERE seq = 1`,
  ])('refuses: %s', async (statement) => {
    await expect(sql(statement)).rejects.toThrow('audit events are never changed');
  });

  it('undoes the change when its event cannot be written in the same transaction', async () => {
    await sql('CREATE TABLE thing (name text)');
    const change = database.dataSource().transaction(async (transaction) => {
      await transaction.query(`INSERT INTO thing VALUES ('made')`);
      await audit().record(event({ action: 'Not an action' }), transaction);
    });
    await expect(change).rejects.toThrow('audit_event_action_ck');
    expect(await sql('SELECT FROM thing')).toEqual([]);
  });

  it('tells how an action ended by a second event, and lists the two as one', async () => {
    const entry = await audit().begin({ actor: ACTOR, action: 'token.create', target: { type: 'token', label: 't' } });
    await entry.succeeded({ type: 'token', id: 'id-1', label: 't' });
    await (await audit().begin({ actor: ACTOR, action: 'token.revoke' })).failed('CommandFailed');
    await audit().begin({ actor: ACTOR, action: 'token.rotate' });
    const { items } = await audit().query({ action: 'token' }, { limit: 10 });
    expect(items.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'token.rotate begun',
      'token.revoke failure',
      'token.create success',
    ]);
    expect(items.at(-1)?.target).toEqual({ type: 'token', id: 'id-1', label: 't' });
    const { items: begun } = await audit().query({ action: 'token', outcome: 'begun' }, { limit: 10 });
    expect(begun).toHaveLength(3);
  });

  it('finds events by actor, target, Pool, request and time, page by page', async () => {
    const poolId = randomUUID();
    for (const label of ['a', 'b', 'c']) {
      await audit().record(
        event({ action: 'page.turn', target: { type: 'pool', label, poolId }, requestId: `r-${label}` }),
      );
    }
    const filter = { poolIds: [poolId], actor: 'root', action: 'page.turn', fromMs: 0, toMs: Date.now() + DAY_MS };
    const first = await audit().query(filter, { limit: 2 });
    const second = await audit().query(filter, { limit: 2, after: first.next });
    const labels = [...first.items, ...second.items].map(({ target }) => target?.label);
    expect([labels, second.next]).toEqual([['c', 'b', 'a'], undefined]);
    expect((await audit().query({ target: 'b', requestId: 'r-b' }, { limit: 9 })).items).toHaveLength(1);
    expect((await audit().query({ ...filter, poolIds: [] }, { limit: 9 })).items).toEqual([]);
    expect((await audit().query({ ...filter, actorKind: 'token' }, { limit: 9 })).items).toEqual([]);
  });

  it('is exported whole, page by page, the oldest first, up to what was the newest at the first page', async () => {
    const seqs: number[] = [];
    let after: string | undefined;
    do {
      const { items, next } = await audit().exported({}, { limit: 4, after });
      seqs.push(...items.map(({ seq }) => seq));
      if (after === undefined) await audit().record(event({ action: 'too.late' }));
      after = next;
    } while (after !== undefined);
    expect(seqs).toEqual(seqs.map((_, at) => at + 1));
    expect(await audit().verify()).toMatchObject({ ok: true, last: seqs.length + 1 });
    expect(await audit().exported({}, { limit: 4, after: 'none' })).toEqual({ items: [] });
  });
});

describe('the chain of events', () => {
  const { sql, audit, tamper } = useAudit();

  beforeEach(async () => {
    await tamper('DELETE FROM audit_event');
    await sql(`UPDATE audit_chain SET seq = 0, hash = anchor_hash, anchor_seq = 0`);
    for (const label of ['a', 'b', 'c', 'd']) await audit().record(event({ target: { type: 'key', label } }));
  });

  it.each([
    ['changed', 2, `UPDATE audit_event SET target_label = 'x' WHERE seq = 2`],
    ['changed', 2, `UPDATE audit_event SET details = '{"after": {}}' WHERE seq = 2`],
    ['changed', 3, `UPDATE audit_event SET actor_label = 'nobody' WHERE seq = 3`],
    ['missing', 2, 'DELETE FROM audit_event WHERE seq = 2'],
    ['missing', 1, 'DELETE FROM audit_event WHERE seq = 1'],
    ['missing', 4, 'DELETE FROM audit_event WHERE seq = 4'],
    ['missing', 1, 'DELETE FROM audit_event'],
    ['changed', 4, `UPDATE audit_event SET hash = sha256('x') WHERE seq = 4`],
  ])('shows an event that is %s at %i: %s', async (why, seq, statement) => {
    await tamper(statement);
    expect(await audit().verify()).toMatchObject({ ok: false, why, seq });
  });

  it.each([
    [2, 2],
    [5, 5],
    [0, 0],
  ])('shows an event that was put in at %i', async (seq, at) => {
    await tamper(
      `INSERT INTO audit_event (id, seq, occurred_at, actor_kind, actor_id, actor_label, action, outcome, prev_hash, hash)
       SELECT $1, $2, occurred_at, actor_kind, actor_id, actor_label, action, outcome, prev_hash, hash
         FROM audit_event WHERE seq = 2`,
      ['ffffffff-ffff-7fff-8fff-ffffffffffff', seq],
    );
    expect(await audit().verify()).toMatchObject({ ok: false, why: 'inserted', seq: at });
  });

  it('shows two events that changed places', async () => {
    await tamper('UPDATE audit_event SET seq = 5 - seq WHERE seq IN (2, 3)');
    expect(await audit().verify()).toMatchObject({ ok: false, seq: 2 });
  });

  it('is one chain whoever writes, from however many processes, also while one gives up', async () => {
    const write = (n: number) => audit().record(event({ action: n % 7 === 0 ? 'No action' : 'key.set' }));
    const results = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => write(n)));
    const written = results.filter(({ status }) => status === 'fulfilled').length;
    expect(written).toBe(34);
    expect(await audit().verify()).toMatchObject({ ok: true, last: 4 + written });
  });
});

describe('old events', () => {
  const { sql, audit, database } = useAudit();
  const job = (days: number) =>
    new AuditRetentionJob(new PartitionsRepository(database.dataSource()), { RETENTION_AUDIT_DAYS: days });

  it('go month by month, and the chain of the others begins where they ended', async () => {
    const early = Date.now() - 800 * DAY_MS;
    await job(0).run(early);
    expect(await audit().verify()).toMatchObject({ ok: true, events: 0 });
    for (let n = 0; n < 3; n += 1) await audit().record(event());
    const later = Date.now() + 40 * DAY_MS;
    await job(400).run(later);
    expect(await audit().verify()).toMatchObject({ ok: true, events: 3, first: 1 });
    expect(await job(1).run(Date.now() + 70 * DAY_MS)).toMatchObject({ postponed: 0 });
    expect(await audit().verify()).toMatchObject({ ok: true, events: 0, first: 4, last: 3 });
    const next = await audit().record(event());
    expect(next.seq).toBe(4);
    expect(await audit().verify()).toMatchObject({ ok: true, events: 1, first: 4, hash: next.hash });
  });

  it('of a time without a partition are moved into theirs unchanged', async () => {
    await sql(`UPDATE audit_chain SET at = now() + interval '5 years'`);
    const far = await audit().record(event());
    const place = async () =>
      (
        await sql<{ place: string }>('SELECT tableoid::regclass::text AS place FROM audit_event WHERE id = $1', [
          far.id,
        ])
      )[0]?.place;
    expect(await place()).toBe('audit_event_default');
    await job(400).run(Date.parse(far.occurredAt));
    expect(await place()).toMatch(/^audit_event_\d{8}$/);
    expect(await audit().verify()).toMatchObject({ ok: true, last: far.seq });
  });
});
