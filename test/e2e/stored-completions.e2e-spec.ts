import { randomUUID } from 'node:crypto';
import { KeyAdminService, PoolService } from '../../src/auth/index.js';
import { canaries, type Canary } from '../support/canaries.js';
import { databaseTexts, redisTexts, sightings } from '../support/everything-stored.js';
import { useGateway } from '../support/gateway.js';
import { RawConnection } from '../support/raw-http.js';
import { useRedis } from '../support/redis.js';
import { answer, functionCall, message, reasoningPart, ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { CHATS, notFound, RESPONSES, StoredClient, type CallOptions } from '../support/stored-client.js';

const UNSUPPORTED =
  '{"error":{"message":"This OpenAI endpoint is not supported by this gateway","type":"invalid_request_error","code":"unsupported_endpoint","param":null}}';

describe('stored on two gateways', () => {
  const upstream = new ScriptedUpstream();
  const redis = useRedis();
  const lines: string[] = [];
  const gateway = useGateway({ upstream, redis, replicas: 2, logs: (line) => lines.push(line) });
  let client: StoredClient;

  beforeAll(async () => {
    client = await StoredClient.of(gateway, upstream);
  });

  describe('a completion', () => {
    const ask = async (content: string, over: object = {}, options: CallOptions = {}): Promise<string> => {
      upstream.replyWith(answer([message([`to ${content}`])]));
      return String((await client.complete(content, over, options))['id']);
    };
    const idsOf = (body: Readonly<Record<string, unknown>>): unknown[] =>
      (body['data'] as { id: string }[]).map(({ id }) => id);

    it('is told, listed, noted, and deleted on the other gateway (S1–S6)', async () => {
      const id = await ask('hello', { metadata: { team: 'red' } });
      const elsewhere = { replica: 1 };
      expect(await client.call('GET', `${CHATS}/${id}`, elsewhere)).toMatchObject({
        status: 200,
        body: {
          id,
          object: 'chat.completion',
          metadata: { team: 'red' },
          choices: [{ message: { content: 'to hello' } }],
        },
      });
      expect(await client.call('GET', `${CHATS}/${id}/messages`, elsewhere)).toMatchObject({
        body: {
          object: 'list',
          data: [{ id: `${id}_msg_0`, role: 'assistant', content: 'to hello' }],
          has_more: false,
        },
      });
      const update = (body: object) => client.call('POST', `${CHATS}/${id}`, { body, ...elsewhere });
      expect(await update({ metadata: { team: 'blue' } })).toMatchObject({ body: { id, metadata: { team: 'blue' } } });
      expect(await update({ metadata: null })).toMatchObject({ status: 200, body: { id, metadata: {} } });
      expect(await update({ metadata: 'nope' })).toMatchObject({ status: 400, body: { error: { param: 'metadata' } } });
      expect(await client.call('DELETE', `${CHATS}/${id}`, elsewhere)).toMatchObject({
        status: 200,
        body: { id, object: 'chat.completion.deleted', deleted: true },
      });
      for (const [method, rest] of [
        ['GET', ''],
        ['GET', '/messages'],
        ['POST', ''],
        ['DELETE', ''],
      ] as const) {
        const body = method === 'POST' ? { body: {} } : {};
        expect(await client.call(method, `${CHATS}/${id}${rest}`, body)).toMatchObject(notFound('completion_id'));
      }
    });

    it('is found in pages by its model and its metadata (S2, T21, T22)', async () => {
      const key = await client.otherKey();
      const list = (query: string) => client.call('GET', `${CHATS}?${query}`, { key, replica: 1 });
      expect((await list('')).body).toEqual({
        object: 'list',
        data: [],
        first_id: null,
        last_id: null,
        has_more: false,
      });
      const a = await ask('a', { metadata: { team: 'red', step: '1' } }, { key });
      const b = await ask('b', { metadata: { team: 'red' }, stream: false }, { key });
      const c = await ask('c', { model: 'gpt-5.4', metadata: { team: 'blue' } }, { key });
      expect((await list('limit=2')).body).toMatchObject({ first_id: a, last_id: b, has_more: true });
      const asked = [
        ['', [a, b, c]],
        ['order=desc', [c, b, a]],
        [`after=${a}&limit=1`, [b]],
        ['after=unknown&limit=bad', [a, b, c]],
        ['model=gpt-5.4', [c]],
        ['metadata[team]=red', [a, b]],
        ['metadata%5Bteam%5D=red&metadata%5Bstep%5D=1', [a]],
        [`metadata=${encodeURIComponent('{"team":"blue"}')}`, [c]],
        [`metadata=${encodeURIComponent("{'team': 'red', 'step': 1}")}`, [a]],
      ] as const;
      for (const [query, ids] of asked) expect([query, idsOf((await list(query)).body)]).toEqual([query, ids]);
      expect(await list('metadata=nope')).toMatchObject({ status: 400, body: { error: { param: 'metadata' } } });
    });

    it('is not kept unless the client says so (C3)', async () => {
      const id = await ask('hello', { store: undefined });
      expect(await client.call('GET', `${CHATS}/${id}`)).toMatchObject(notFound('completion_id'));
    });
  });

  describe('in a Pool that keeps none', () => {
    const routes = (id: string) => [
      ...['', '/input_items'].map((rest) => ['GET', `${RESPONSES}/${id}${rest}`] as const),
      ['DELETE', `${RESPONSES}/${id}`] as const,
      ['POST', `${RESPONSES}/${id}/cancel`] as const,
      ['GET', CHATS] as const,
      ...['', '/messages'].map((rest) => ['GET', `${CHATS}/${id}${rest}`] as const),
      ['POST', `${CHATS}/${id}`] as const,
      ['DELETE', `${CHATS}/${id}`] as const,
    ];

    it('does not exist: the same answer for every id, one that was just made included (C1)', async () => {
      const key = await client.otherKey({ storedResponses: false });
      upstream.replyWith(answer([message(['Hello'])]));
      const { id } = await client.respond('x', { store: true }, { key });
      for (const [method, path] of [...routes(String(id)), ...routes('resp_unknown')]) {
        const refused = await client.call(method, path, { key });
        expect([method, path, refused.status, refused.text]).toEqual([method, path, 404, UNSUPPORTED]);
      }
    });

    it('is refused to a wrong key first, and then to a Pool without /v1', async () => {
      const shut = await gateway.get(PoolService).createPool(randomUUID(), { v1Enabled: false });
      const { token } = await gateway.get(KeyAdminService).createKey(shut.id, 'shut');
      for (const [method, path] of routes('resp_1')) {
        expect((await client.call(method, path, { key: 'wrong' })).status).toBe(401);
        expect((await client.call(method, path, { key: token })).status).toBe(403);
      }
    });

    it('is refused before a byte of a body is read', async () => {
      const key = await client.otherKey({ storedResponses: false });
      const connection = await RawConnection.open(Number(new URL(gateway.url).port));
      connection.send(
        `POST ${CHATS}/chatcmpl_1 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n` +
          'content-type: application/json\r\ncontent-length: 1000000\r\n\r\n',
      );
      const { status, body } = await connection.until(UNSUPPORTED);
      connection.close();
      expect([status, body]).toEqual([404, UNSUPPORTED]);
    });
  });

  it('is nowhere in clear: in no column, no key of Redis, and no line of the log (C2, T8)', async () => {
    const { canary, secrets } = canaries();
    upstream.replyWith(fullAnswer(canary), fullAnswer(canary));
    const metadata = { [canary('metadata name')]: canary('metadata') };
    const made = await client.respond([{ role: 'user', content: canary('prompt') }], {
      metadata,
      instructions: canary('instructions'),
    });
    const chat = await client.complete(canary('chat prompt'), { metadata });
    await client.call('POST', `${CHATS}/${String(chat['id'])}`, { body: { metadata: { later: canary('later') } } });
    for (const path of [`${RESPONSES}/${String(made['id'])}`, `${CHATS}/${String(chat['id'])}`]) {
      expect((await client.call('GET', path)).text).toContain(canary('answer'));
    }
    await client.call('GET', `${CHATS}?metadata[later]=${canary('later')}`);
    const everything = new Map([
      ...(await databaseTexts(gateway.database())),
      ...(await redisTexts(redis.url())),
      ['logs', lines.join('\n')],
    ]);
    expect(secrets.size).toBeGreaterThan(7);
    expect(sightings(secrets, everything)).toEqual([]);
  });
});

const fullAnswer = (canary: Canary) =>
  answer([
    reasoningPart(canary('reasoning')),
    message([canary('answer')]),
    functionCall('shell', { cmd: canary('call') }),
  ]);
