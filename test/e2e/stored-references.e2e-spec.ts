import { randomUUID } from 'node:crypto';
import type { Fields } from '../../src/core/index.js';
import { jsonOf } from '../support/calls.js';
import { useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import {
  answer,
  events,
  functionCall,
  quota429,
  reasoningPart,
  say,
  ScriptedUpstream,
  type Reply,
} from '../support/scripted-upstream/index.js';
import { notFound, RESPONSES } from '../support/stored-client.js';

const HOUR_SECONDS = 3_600;

describe('items of stored answers that an input refers to', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const reference = (id: unknown) => ({ type: 'item_reference', id });
  const user = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
  const team = (settings: object = { storedResponses: true }) => newPool(gateway, upstream, [{}, {}], settings);
  const post = async ({ post: send }: TestPool, input: unknown, over: object = {}, path = RESPONSES) =>
    jsonOf(await send({ model: 'gpt-5.5', input, ...over }, { path }));
  const sent = () => upstream.received.at(-1)?.json() as { input: Fields[] };
  /** An answer, and the ids of its items as its client saw them. */
  const answered = async (pool: TestPool, reply: Reply, over: object = {}) => {
    upstream.replyWith(reply);
    const { status, body } = await post(pool, 'Hi', over);
    expect(status).toBe(200);
    return (body['output'] as Fields[]).map(({ id }) => String(id));
  };
  const thought = () => answer([reasoningPart('Hm.'), functionCall('look', { a: 1 })]);

  it('stand in their places, as the chain would have them', async () => {
    const pool = await team();
    const [reasoned, called] = await answered(pool, thought());
    const maker = upstream.received.at(-1)?.accountId;
    const output = { type: 'function_call_output', call_id: 'call_1', output: '42' };
    for (let turn = 0; turn < 3; turn += 1) {
      const { status } = await post(pool, [user('Hi'), reference(reasoned), reference(called), output, user('So?')]);
      expect([status, upstream.received.at(-1)?.accountId]).toEqual([200, maker]);
      expect(sent().input).toEqual([
        user('Hi'),
        { type: 'reasoning', summary: expect.any(Array) as unknown, encrypted_content: expect.any(String) as string },
        { type: 'function_call', call_id: expect.any(String) as string, name: 'look', arguments: '{"a":1}' },
        output,
        user('So?'),
      ]);
    }
  });

  it('have also ids that were left to the gateway (runtime contract 8.4)', async () => {
    const pool = await team();
    const item = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hello' }] };
    const unnamed = events([
      { type: 'response.created', response: { id: 'resp_x', status: 'in_progress' } },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { id: 'resp_x', status: 'completed', output: [] } },
    ]);
    const ids = await answered(pool, unnamed);
    expect(ids).toEqual(['message_0']);
    expect((await post(pool, [reference('message_0'), user('So?')])).status).toBe(200);
    expect(sent().input).toEqual([item, user('So?')]);
  });

  it('go on with another account without their reasoning when theirs is out of quota (T27)', async () => {
    const pool = await team();
    const ids = await answered(pool, thought());
    const maker = upstream.received.at(-1)?.accountId;
    pool.accounts.find(({ id }) => id === maker)?.replyWith(quota429(HOUR_SECONDS));
    upstream.replyWith(say('So.'), say('And.'));
    const { body } = await post(pool, [...ids.map(reference), user('So?')]);
    expect(upstream.received.at(-1)?.accountId).not.toBe(maker);
    expect(sent().input.map(({ type }) => type)).toEqual(['function_call', 'message']);
    expect((await post(pool, 'And?', { previous_response_id: body['id'] })).status).toBe(200);
    expect(sent().input.map(({ type }) => type)).toEqual(['function_call', 'message', 'message', 'message']);
  });

  it('are part of what is kept of the next answer, of its estimate, and of a chain', async () => {
    const pool = await team();
    const [id] = await answered(pool, say('word '.repeat(200)));
    const next = [reference(id), user('So?')];
    const count = async (input: unknown) =>
      Number((await post(pool, input, {}, `${RESPONSES}/input_tokens`)).body['input_tokens']);
    expect(await count(next)).toBeGreaterThan((await count([user('So?')])) + 150);
    const { body } = await post(pool, next);
    await post(pool, 'And?', { previous_response_id: body['id'] });
    expect(sent().input).toMatchObject([{ role: 'assistant' }, { role: 'user' }, { role: 'assistant' }, user('And?')]);
  });

  it('that are not there are named, with their place, and nothing is asked upstream', async () => {
    const pool = await team();
    const [known] = await answered(pool, say('Hello'));
    const [unkept] = await answered(pool, say('Hello'), { store: false });
    const [foreign] = await answered(await team(), say('Hello'));
    const before = upstream.received.length;
    for (const id of [unkept, foreign, `msg_${randomUUID()}`, `${String(known)}\0`]) {
      for (const stream of [true, false]) {
        const refused = await post(pool, [reference(known), user('x'), reference(id)], { stream });
        expect(refused).toMatchObject(notFound('input[2]'));
        expect(refused.body).toMatchObject({ error: { message: expect.stringContaining(String(id)) as string } });
      }
    }
    expect(upstream.received).toHaveLength(before);
  });

  it('are at most 500, and none where nothing is kept: then the client has to say so', async () => {
    const invalid = { status: 400, body: { error: { param: 'input' } } };
    const many = Array.from({ length: 501 }, (_, n) => reference(`msg_${n}`));
    expect(await post(await team(), many)).toMatchObject(invalid);
    const refused = await post(await team({}), [reference('msg_1'), user('x')]);
    expect(refused).toMatchObject(invalid);
    expect(JSON.stringify(refused.body)).toContain('store: false');
  });

  it('are in clear by their ids alone', async () => {
    const ids = await answered(await team(), thought());
    const rows = await gateway.database().query<object[]>('SELECT item_ids FROM stored_item ORDER BY seq DESC LIMIT 1');
    expect(rows).toEqual([{ item_ids: ids }]);
  });
});
