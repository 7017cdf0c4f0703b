import { z } from 'zod';
import { AskedOperations, holder } from '../../test/support/asked-operations.js';
import { useDatabase } from '../../test/support/database.js';
import { ControlError } from './control-error.js';
import { operation, OperationSet } from './operation.js';

const view = z.object({ id: z.string(), name: z.string() });
const POOL_ID = 'f3b0c9a2-1a2b-4c3d-8e4f-5a6b7c8d9e0f';

/** Lamps: what is made of everything that operations may be. */
class Lamps extends OperationSet {
  readonly lamps = new Map<string, { id: string; name: string; wattage: number }>();
  broken = false;

  private named({ lamp }: { lamp: string }) {
    const found = this.lamps.get(lamp);
    if (!found) throw new ControlError('not_found', 'There is no such lamp.');
    return found;
  }

  readonly operations = [
    operation({
      name: 'lamps.get',
      summary: 'One lamp',
      method: 'GET',
      path: '/lamps/{lamp}',
      scope: 'read',
      input: z.object({ lamp: z.string() }),
      output: view,
      run: (input) => Promise.resolve(this.named(input)),
    }),
    operation({
      name: 'lamps.create',
      summary: 'Make a lamp',
      method: 'POST',
      path: '/lamps',
      scope: 'pools:write',
      status: 201,
      input: z.object({ name: z.string(), password: z.string() }),
      output: view.extend({ token: z.string() }),
      change: {
        action: 'lamp.create',
        creates: true,
        secrets: ['password', 'token'],
        target: ({ name: label }, made) => ({ type: 'lamp', label, poolId: POOL_ID, ...(made && { id: made.id }) }),
      },
      run: ({ name }) => {
        const lamp = { id: `l${this.lamps.size + 1}`, name, wattage: 40 };
        this.lamps.set(lamp.id, lamp);
        return Promise.resolve({ ...lamp, token: 'the-token-itself' });
      },
    }),
    operation({
      name: 'lamps.break',
      summary: 'Break a lamp',
      method: 'DELETE',
      path: '/lamps/{lamp}',
      scope: 'pools:write',
      input: z.object({ lamp: z.string() }),
      output: view,
      change: {
        action: 'lamp.break',
        destructive: true,
        effects: () => Promise.resolve(['It is dark.']),
        target: ({ lamp: id }) => ({ type: 'lamp', id }),
        thing: { view, read: (input) => Promise.resolve(this.named(input)) },
      },
      run: (input) => {
        if (this.broken) throw new ControlError('conflict', 'It is broken already.');
        this.broken = true;
        return Promise.resolve(this.named(input));
      },
    }),
  ];
}

describe('running an operation', () => {
  const database = useDatabase();
  let lamps = new Lamps();
  let asked: AskedOperations;
  const create = (over: object = {}) =>
    asked.done('lamps.create', { name: 'hall', password: 'hunter2-hunter2' }, { ...over });

  beforeEach(() => {
    lamps = new Lamps();
    asked = new AskedOperations(database.dataSource(), [lamps]);
  });
  const eventsOf = async (action: string) => (await asked.events(action)).map(({ outcome }) => outcome);
  const eventsAfter = async (action: string, work: () => Promise<unknown>): Promise<unknown[]> => {
    const before = await eventsOf(action);
    await work();
    return (await eventsOf(action)).slice(before.length);
  };

  it('answers with what its view names and nothing else, and with the version of a thing', async () => {
    expect(await create()).toEqual({ status: 201, output: { id: 'l1', name: 'hall', token: 'the-token-itself' } });
    const got = await asked.done('lamps.get', { lamp: 'l1' });
    expect(got).toEqual({ status: 200, output: { id: 'l1', name: 'hall' }, version: expect.stringMatching(/^"/) });
    expect((await asked.done('lamps.break', { lamp: 'l1' })).version).toBe(got.version);
  });

  it('is refused without the scope, which the audit has of changes', async () => {
    const as = holder(['keys:write']);
    expect(await eventsAfter('lamp.create', async () => expect(await codeOf({ as })).toBe('forbidden'))).toEqual([
      'denied',
    ]);
    expect(lamps.lamps.size).toBe(0);
    await create();
    expect(await asked.codeOf('lamps.get', { lamp: 'l1' }, { as })).toBe('ok');
    for (const scope of ['mcp:read', 'mcp:write'] as const) {
      expect(await asked.codeOf('lamps.get', { lamp: 'l1' }, { as: holder([scope]) })).toBe('forbidden');
    }
  });
  const codeOf = (over: object) => asked.codeOf('lamps.create', { name: 'x', password: 'y' }, over);

  it('looks at the scope before the input', async () => {
    expect(await asked.codeOf('lamps.create', { nonsense: 1 }, { as: holder(['read']) })).toBe('forbidden');
    expect(await asked.codeOf('lamps.create', { nonsense: 1 })).toBe('invalid_input');
    expect(await asked.codeOf('lamps.paint', {})).toBe('not_found');
  });

  it('refuses wishes that it would not hear', async () => {
    await create();
    expect(await codeOf({ ifMatch: '*' })).toBe('invalid_input');
    expect(await codeOf({ dryRun: true })).toBe('invalid_input');
    expect(await asked.codeOf('lamps.get', { lamp: 'l1' }, { dryRun: true })).toBe('invalid_input');
    expect(await asked.codeOf('lamps.break', { lamp: 'l1' }, { idempotencyKey: 'k' })).toBe('invalid_input');
    expect(lamps.broken).toBe(false);
  });

  it('changes nothing when it is only tried, and is in no audit', async () => {
    await create();
    const events = await eventsAfter('lamp.break', async () => {
      expect((await asked.done('lamps.break', { lamp: 'l1' }, { dryRun: true })).output).toEqual({
        dryRun: true,
        action: 'lamp.break',
        before: { id: 'l1', name: 'hall' },
        effects: ['It is dark.'],
      });
    });
    expect([events, lamps.broken]).toEqual([[], false]);
    expect(await asked.codeOf('lamps.break', { lamp: 'l9' }, { dryRun: true })).toBe('not_found');
  });

  it('is in the audit before and after, with secrets as fingerprints', async () => {
    expect(await eventsAfter('lamp.create', create)).toEqual(['begun', 'success']);
    const trail = await asked.trail();
    expect(trail).not.toMatch(/hunter2|the-token-itself/);
    expect((await asked.events('lamp.create')).at(-1)).toMatchObject({
      target_type: 'lamp',
      target_id: 'l1',
      pool_id: POOL_ID,
      request_id: 'req-1',
    });
  });

  it('says in the audit that it failed', async () => {
    await create();
    lamps.broken = true;
    const events = await eventsAfter('lamp.break', async () => {
      expect(await asked.codeOf('lamps.break', { lamp: 'l1' })).toBe('conflict');
    });
    expect(events).toEqual(['begun', 'failure']);
  });

  it('says in the audit what was refused before it could begin', async () => {
    await create();
    const events = await eventsAfter('lamp.break', async () => {
      expect(await asked.codeOf('lamps.break', { lamp: 'l9' })).toBe('not_found');
      expect(await asked.codeOf('lamps.break', { lamp: 'l1' }, { ifMatch: '"another"' })).toBe('precondition_failed');
    });
    expect(events).toEqual(['failure', 'failure']);
    expect((await asked.events('lamp.break')).at(-1)).toMatchObject({ details: { code: 'precondition_failed' } });
  });

  it('does nothing while the audit cannot be written', async () => {
    await database.dataSource().query('ALTER TABLE audit_event RENAME TO audit_event_away');
    try {
      await expect(create()).rejects.toThrow();
      expect(lamps.lamps.size).toBe(0);
    } finally {
      await database.dataSource().query('ALTER TABLE audit_event_away RENAME TO audit_event');
    }
  });

  it('goes only for the version that is named, also when two ask at once', async () => {
    await create();
    const { version: ifMatch = '' } = await asked.done('lamps.get', { lamp: 'l1' });
    expect(await asked.codeOf('lamps.break', { lamp: 'l1' }, { ifMatch: '"another"' })).toBe('precondition_failed');
    expect(lamps.broken).toBe(false);
    const codes = await Promise.all([1, 2].map(() => asked.codeOf('lamps.break', { lamp: 'l1' }, { ifMatch })));
    expect([...codes].sort()).toEqual(['conflict', 'ok']);
  });

  it('creates once under one key', async () => {
    const [first, second] = [await create({ idempotencyKey: 'k' }), await create({ idempotencyKey: 'k' })];
    expect(second).toEqual(first);
    expect(lamps.lamps.size).toBe(1);
  });
});
