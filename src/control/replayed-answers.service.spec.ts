import { useDatabase } from '../../test/support/database.js';
import { parseKeyRing, SecretBox } from '../platform/crypto/index.js';
import type { Done } from './done.js';
import { ReplayedAnswers } from './replayed-answers.service.js';

const SECRET = 'sk-cxp-0123456789ab-the-secret';
const made = (at: number): Done => ({ status: 201, output: { at, secret: SECRET }, version: '"v"' });
const asked = (over: object = {}) => ({ key: 'k', name: 'keys.create', input: { label: 'ci' }, actorId: 'a', ...over });

describe('a creation under a key', () => {
  const database = useDatabase();
  const box = new SecretBox(parseKeyRing(`v1:${Buffer.alloc(32, 1).toString('base64')}`));
  const answers = () => new ReplayedAnswers(database.dataSource(), box);
  const sql = (text: string) => database.dataSource().query<Record<string, unknown>[]>(text);
  let times = 0;
  const work = () => Promise.resolve(made(++times));

  beforeEach(() => {
    times = 0;
  });
  afterEach(() => sql('DELETE FROM idempotency_key'));

  it('is done once, and answers the same again, on every replica', async () => {
    const first = await answers().once(asked(), work);
    expect(await answers().once(asked(), work)).toEqual(first);
    expect([times, first]).toEqual([1, made(1)]);
  });

  it('is done once by all who ask at the same moment', async () => {
    const all = await Promise.allSettled(Array.from({ length: 12 }, () => answers().once(asked(), work)));
    const told = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const refused = all.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    expect(times).toBe(1);
    expect(told.length).toBeGreaterThan(0);
    for (const each of told) expect(each).toEqual(made(1));
    for (const each of refused) expect(each).toMatchObject({ code: 'conflict' });
  });

  it('is another one of another actor', async () => {
    await answers().once(asked(), work);
    expect(await answers().once(asked({ actorId: 'b' }), work)).toEqual(made(2));
  });

  it.each([{ input: { label: 'other' } }, { name: 'tokens.create' }])('is no other request: %j', async (other) => {
    await answers().once(asked(), work);
    await expect(answers().once(asked(other), work)).rejects.toMatchObject({ code: 'unprocessable' });
    expect(times).toBe(1);
  });

  it('that was refused can be asked again', async () => {
    await expect(answers().once(asked(), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await answers().once(asked(), work)).toEqual(made(1));
  });

  it('waits for a process that may be at it, and goes on for one that has died', async () => {
    const dies = new Promise<Done>(() => undefined);
    void answers().once(asked(), () => dies);
    const claimed = 'SELECT 1 FROM idempotency_key';
    while ((await sql(claimed)).length === 0);
    await expect(answers().once(asked(), work)).rejects.toMatchObject({ code: 'conflict' });
    await sql("UPDATE idempotency_key SET started_at = now() - interval '61 s'");
    await expect(answers().once(asked({ input: {} }), work)).rejects.toMatchObject({ code: 'unprocessable' });
    expect(await answers().once(asked(), work)).toEqual(made(1));
    expect(await answers().once(asked(), work)).toEqual(made(1));
  });

  it.each(['fails', 'is done'])(
    'belongs to who took over, whatever becomes of one that was only slow: it %s',
    async (how) => {
      let end: () => void = () => undefined;
      const slow = new Promise<Done>((resolve, reject) => {
        end = () => (how === 'fails' ? reject(new Error('no')) : resolve(made(99)));
      });
      const first = answers().once(asked(), () => slow);
      while ((await sql('SELECT 1 FROM idempotency_key')).length === 0);
      await sql("UPDATE idempotency_key SET started_at = now() - interval '61 s'");
      const second = await answers().once(asked(), work);
      end();
      await first.catch(() => undefined);
      expect(await answers().once(asked(), work)).toEqual(second);
    },
  );

  it('keeps the answer sealed, and only for the row that it is of', async () => {
    await answers().once(asked(), work);
    const kept = JSON.stringify(await sql("SELECT encode(answer, 'escape') AS answer, * FROM idempotency_key"));
    expect(kept).not.toContain('the-secret');
    await sql("UPDATE idempotency_key SET actor_id = 'thief'");
    await expect(answers().once(asked({ actorId: 'thief' }), work)).rejects.toThrow();
  });

  it('is forgotten after a day', async () => {
    await answers().once(asked(), work);
    expect(await answers().forgetOld()).toBe(0);
    await sql("UPDATE idempotency_key SET started_at = now() - interval '25 h'");
    expect(await answers().forgetOld()).toBe(1);
    expect(await answers().once(asked(), work)).toEqual(made(2));
  });
});
