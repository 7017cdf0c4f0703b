import { randomUUID } from 'node:crypto';
import { useGateway } from '../support/gateway.js';
import { useRedis } from '../support/redis.js';
import { answer, functionCall, message, ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { notFound, RESPONSES, StoredClient } from '../support/stored-client.js';

describe('stored on two gateways', () => {
  const upstream = new ScriptedUpstream();
  const redis = useRedis();
  const gateway = useGateway({ upstream, redis, replicas: 2 });
  let client: StoredClient;

  beforeAll(async () => {
    client = await StoredClient.of(gateway, upstream);
  });

  const sentInput = (): unknown =>
    (JSON.parse(upstream.received.at(-1)?.body.toString() ?? '{}') as Record<string, unknown>)['input'];

  describe('a response', () => {
    let made: Readonly<Record<string, unknown>>;
    let id: string;
    const at = (rest = '') => `${RESPONSES}/${id}${rest}`;

    beforeAll(async () => {
      upstream.replyWith(answer([message(['Hello'])]));
      made = await client.respond('Remember this.');
      id = String(made['id']);
    });

    it('is told by the gateway that did not make it, with nothing asked upstream (R13)', async () => {
      const before = upstream.received.length;
      expect(await client.call('GET', at(), { replica: 1 })).toMatchObject({ status: 200, body: made });
      expect(upstream.received).toHaveLength(before);
    });

    it('is told as a stream (R14)', async () => {
      const { status, text } = await client.call('GET', at('?stream=true'), { replica: 1 });
      const types = [...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type);
      expect([status, ...types]).toEqual([200, 'response.created', 'response.output_item.done', 'response.completed']);
    });

    it('lists what it was made from (R17)', async () => {
      const { body } = await client.call('GET', at('/input_items'), { replica: 1 });
      expect(body).toMatchObject({
        object: 'list',
        data: [
          {
            id: 'input_0',
            type: 'message',
            status: 'completed',
            role: 'user',
            content: [{ type: 'input_text', text: 'Remember this.' }],
          },
        ],
        first_id: 'input_0',
        last_id: 'input_0',
        has_more: false,
      });
    });

    it('cannot be cancelled (R16)', async () => {
      expect(await client.call('POST', at('/cancel'))).toMatchObject({
        status: 409,
        body: { error: { type: 'invalid_request_error', code: 'response_not_cancellable' } },
      });
    });

    it('is not there for another Pool, in the same words as one that never was', async () => {
      const key = await client.otherKey();
      const unknown = `resp_${randomUUID()}`;
      for (const [method, rest] of [
        ['GET', ''],
        ['GET', '/input_items'],
        ['POST', '/cancel'],
        ['DELETE', ''],
      ] as const) {
        const foreign = await client.call(method, at(rest), { key });
        expect(foreign).toMatchObject(notFound('response_id'));
        const never = await client.call(method, `${RESPONSES}/${unknown}${rest}`);
        expect(never.text).toBe(foreign.text.replace(id, unknown));
      }
      expect((await client.call('GET', at())).status).toBe(200);
    });

    it('is gone from both when it is deleted on one (R15, C30)', async () => {
      expect(await client.call('DELETE', at(), { replica: 1 })).toMatchObject({ status: 204, text: '' });
      for (const replica of [0, 1])
        expect(await client.call('GET', at(), { replica })).toMatchObject(notFound('response_id'));
      expect(await client.call('DELETE', at())).toMatchObject(notFound('response_id'));
    });
  });

  describe('a conversation', () => {
    it('goes on on the other gateway with everything said and answered before (R11)', async () => {
      upstream.replyWith(
        answer([message(['first'])]),
        answer([functionCall('weather', {})]),
        answer([message(['third'])]),
      );
      const first = await client.respond('one');
      const second = await client.respond('two', { previous_response_id: first['id'] }, { replica: 1 });
      expect(second['previous_response_id']).toBe(first['id']);
      expect(texts(sentInput())).toEqual(['one', 'first', 'two']);
      const output = { type: 'function_call_output', call_id: 'call_1', output: 'Sunny.' };
      const third = await client.respond([output], { previous_response_id: second['id'] });
      expect(texts(sentInput())).toEqual(['one', 'first', 'two', 'function_call', 'function_call_output']);
      const { body } = await client.call('GET', `${RESPONSES}/${String(third['id'])}/input_items`);
      expect(texts(body['data'])).toEqual(['one', 'first', 'two', 'function_call', 'function_call_output']);
    });

    it('goes on from a streamed answer whose beginning was deleted', async () => {
      upstream.replyWith(answer([message(['first'])]), answer([message(['second'])]), answer([message(['third'])]));
      const first = await client.respond('one');
      const { text } = await client.call('POST', RESPONSES, {
        body: { input: 'two', stream: true, previous_response_id: first['id'] },
      });
      const id = /"id":"(resp_[^"]+)"/.exec(text)?.[1];
      await client.call('DELETE', `${RESPONSES}/${String(first['id'])}`);
      await client.respond('three', { previous_response_id: id }, { replica: 1 });
      expect(texts(sentInput())).toEqual(['one', 'first', 'two', 'second', 'three']);
    });

    it('cannot go on from what is not there, streaming or not, and nothing is asked upstream (R12)', async () => {
      const before = upstream.received.length;
      const unknown = `resp_${randomUUID()}`;
      for (const stream of [true, false]) {
        const refused = await client.call('POST', RESPONSES, {
          body: { input: 'x', stream, previous_response_id: unknown },
        });
        expect(refused).toMatchObject(notFound('previous_response_id'));
        expect(refused.text).toContain(unknown);
      }
      expect(upstream.received).toHaveLength(before);
    });

    it('counts as input of what goes on from it, and hides no neighbour of its route (C5, T20)', async () => {
      upstream.replyWith(answer([message(['first'])]));
      const first = await client.respond('one '.repeat(100));
      const count = async (over: object) => {
        const { body } = await client.call('POST', `${RESPONSES}/input_tokens`, { body: { input: 'two', ...over } });
        expect(body).toMatchObject({ object: 'response.input_tokens' });
        return body['input_tokens'];
      };
      expect(await count({ previous_response_id: first['id'] })).toBeGreaterThan(Number(await count({})) + 90);
      const compacted = await client.call('POST', `${RESPONSES}/compact`, { body: { input: [] } });
      expect(compacted).not.toMatchObject({ body: { error: { code: 'unsupported_endpoint' } } });
    });

    it('cannot go on where nothing is kept (C4)', async () => {
      const key = await client.otherKey({ storedResponses: false });
      const refused = await client.call('POST', RESPONSES, {
        body: { input: 'x', previous_response_id: 'resp_1' },
        key,
      });
      expect(refused).toMatchObject({
        status: 400,
        body: { error: { code: 'unsupported_parameter', param: 'previous_response_id' } },
      });
    });
  });

  it('is not kept of a response that the client does not want kept (C3, T8)', async () => {
    upstream.replyWith(answer([message(['Hello'])]));
    const { id } = await client.respond('x', { store: false });
    expect(await client.call('GET', `${RESPONSES}/${String(id)}`)).toMatchObject(notFound('response_id'));
  });

  it('is as much as the Pool keeps: the oldest goes, whichever gateway made it (R19)', async () => {
    const key = await client.otherKey({ maxStoredItems: 1 });
    const none = await client.otherKey({ maxStoredItems: 0 });
    upstream.replyWith(...[1, 2, 3].map((n) => answer([message([`answer ${n}`])])));
    const first = await client.respond('one', {}, { key });
    const second = await client.respond('two', {}, { key, replica: 1 });
    const third = await client.respond('three', {}, { key: none });
    const statuses = [
      (await client.call('GET', `${RESPONSES}/${String(first['id'])}`, { key })).status,
      (await client.call('GET', `${RESPONSES}/${String(second['id'])}`, { key })).status,
      (await client.call('GET', `${RESPONSES}/${String(third['id'])}`, { key: none })).status,
    ];
    expect(statuses).toEqual([404, 200, 404]);
  });
});

/** The input of the last call, in short: what messages say, and of which type the rest is. */
const texts = (items: unknown): string[] =>
  (items as { content?: { text: string }[]; type: string }[]).map(({ content, type }) => content?.[0]?.text ?? type);
