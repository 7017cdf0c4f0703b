import { randomUUID } from 'node:crypto';
import { attemptsOf, jsonOf, settlementOf } from '../support/calls.js';
import { databaseTexts, sightings } from '../support/everything-stored.js';
import { eventually } from '../support/eventually.js';
import { hello, ask, useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { RawConnection } from '../support/raw-http.js';
import { useSpans } from '../support/recorded-spans.js';
import {
  failAfterHeaders,
  failBeforeHeaders,
  json,
  overloaded503,
  raw,
  ScriptedUpstream,
  SDP_ANSWER,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const spans = useSpans();
const lines: string[] = [];
const gateway = useGateway({ upstream, logs: (line) => lines.push(line) });

const CALLS = '/backend-api/codex/realtime/calls';
const OFFER = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n';
const sdp = { path: CALLS, headers: { 'content-type': 'application/sdp' } };
const inJson = { path: CALLS, headers: { 'content-type': 'application/json' } };
const offered = (over: object = {}) => ({ sdp: OFFER, session: { type: 'realtime', model: 'gpt-realtime' }, ...over });

describe('POST /backend-api/codex/realtime/calls', () => {
  it('carries an SDP offer up and its answer down, byte for byte', async () => {
    const response = await gateway.post(OFFER, sdp);

    expect([response.status, await response.text()]).toEqual([201, SDP_ANSWER]);
    expect(response.headers.get('content-type')).toBe('application/sdp');
    expect(response.headers.get('location')).toMatch(/^\/backend-api\/codex\/realtime\/calls\/rtc_\d+$/);
    const sent = upstream.requests('realtime').at(-1);
    expect([sent?.path, sent?.header('accept'), sent?.header('content-type'), sent?.body.toString()]).toEqual([
      CALLS,
      '*/*',
      'application/sdp',
      OFFER,
    ]);
    expect(sent?.header('chatgpt-account-id')).toBe(sent?.accountId);
    expect(await settlementOf(gateway, response)).toMatchObject({
      route: CALLS,
      model: '',
      outcome: 'succeeded',
      http_status: 201,
      usage_known: false,
    });
  });

  it('takes the offer in JSON with a session, whose model is what is accounted', async () => {
    const body = `{ "session":{"model":"gpt-realtime","n":1.0}, "sdp":"v=0\\r\\n" }`;
    const response = await gateway.post(body, inJson);
    expect(response.status).toBe(201);
    expect(upstream.requests('realtime').at(-1)?.body.toString()).toBe(body);
    expect((await settlementOf(gateway, response))['model']).toBe('gpt-realtime');
  });

  it.each([
    ['no body', '', sdp, 400, 'invalid_request'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe]), sdp, 400, 'invalid_request'],
    ['JSON without an offer', { session: {} }, inJson, 400, 'invalid_request'],
    ['JSON with an offer that is no text', offered({ sdp: 7 }), inJson, 400, 'invalid_request'],
    ['JSON with an empty offer', offered({ sdp: '' }), inJson, 400, 'invalid_request'],
    ['half of JSON', '{"sdp":', inJson, 400, 'invalid_request'],
    ['a list', '[]', inJson, 400, 'invalid_request'],
    ['another type', OFFER, { path: CALLS, headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_media_type'],
    [
      'a form',
      OFFER,
      { path: CALLS, headers: { 'content-type': 'multipart/form-data' } },
      415,
      'unsupported_media_type',
    ],
    ['more than 1 MiB', 'v'.repeat(1024 * 1024 + 1), sdp, 413, 'request_too_large'],
  ])('refuses %s without asking anybody', async (_, body, options, status, code) => {
    const before = upstream.count('realtime');
    expect(await jsonOf(await gateway.post(body, options))).toMatchObject({ status, body: { error: { code } } });
    expect(upstream.count('realtime')).toBe(before);
  });

  it('takes an offer of exactly 1 MiB', async () => {
    expect((await gateway.post('v'.repeat(1024 * 1024), sdp)).status).toBe(201);
  });

  it.each([
    ['overloaded', overloaded503(), 503],
    ['failing', raw(['No call for you.'], { 'content-type': 'text/plain' }, 500), 500],
    ['refusing', json(403, { error: { message: 'No.', code: 'no_realtime' } }), 403],
    ['refusing in text', raw(['bad offer'], { 'content-type': 'text/plain' }, 400), 400],
  ])('relays an answer of an upstream that is %s, and tries nobody else', async (_, reply, status) => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    const before = upstream.count('realtime');
    upstream.replyWith(reply);
    const response = await team.post(OFFER, sdp);
    expect([response.status, response.headers.get('x-pooler-error-source')]).toEqual([status, 'upstream']);
    expect(upstream.count('realtime')).toBe(before + 1);
    expect(await response.text()).not.toContain('"code":"upstream');
  });

  it.each([
    ['before its head', failBeforeHeaders()],
    ['after its head', failAfterHeaders()],
  ])('is never sent twice when the connection breaks %s', async (_, reply) => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    const before = upstream.count('realtime');
    upstream.replyWith(reply);
    expect((await jsonOf(await team.post(OFFER, sdp))).status).toBe(502);
    expect(upstream.count('realtime')).toBe(before + 1);
  });

  it('is sent again to the same account when its token was refused', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    for (const account of team.accounts) account.revoke();
    const before = upstream.count('realtime');
    const response = await team.post(OFFER, sdp);
    expect(response.status).toBe(201);
    expect(upstream.count('realtime')).toBe(before + 2);
    expect(await attemptsOf(gateway, await settlementOf(gateway, response))).toHaveLength(1);
  });

  it('goes to the account that its session was last served by', async () => {
    const team = await newPool(gateway, upstream, [{ primary: { usedPercent: 20 } }, { primary: { usedPercent: 50 } }]);
    const headers = { 'session-id': randomUUID() };
    upstream.replyWith(hello());
    await (await team.post(ask(), { headers })).text();
    const own = team.accounts.find(({ id }) => id === upstream.received.at(-1)?.accountId);
    if (own) own.primary.usedPercent = 90;
    upstream.replyWith(hello());
    await (await team.post(ask(), { headers })).text();
    await team.post(OFFER, { ...sdp, headers: { ...sdp.headers, ...headers } });
    expect(upstream.requests('realtime').at(-1)?.accountId).toBe(own?.id);
  });

  it.each(['/backend-api/codex/realtime', CALLS, `${CALLS}/rtc_1`])('offers no websocket at %s', async (path) => {
    const connection = await RawConnection.open(Number(new URL(gateway.url).port));
    connection.send(
      `GET ${path} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer ${gateway.key}\r\nconnection: upgrade\r\n` +
        'upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    expect((await connection.until('\r\n\r\n')).status).toBe(404);
    connection.close();
  });

  it('leaves no offer and no answer in any log, row or span', async () => {
    const [offer, answer, place] = [randomUUID(), randomUUID(), randomUUID()];
    const type = { 'content-type': 'application/sdp', location: `https://x.test/rtc_1?token=${place}` };
    upstream.replyWith(raw([`v=0\r\na=${answer}\r\n`], type, 201));
    expect(await (await gateway.post(`v=0\r\na=${offer}\r\n`, sdp)).text()).toContain(answer);
    upstream.replyWith(raw([`no: ${answer}`], { 'content-type': 'text/plain' }, 500));
    const failed = await gateway.post({ sdp: `v=0\r\na=${offer}\r\n` }, inJson);
    const row = await settlementOf(gateway, failed);
    const traced = await eventually(() => {
      const all = spans.ended().map(({ name, attributes, events, status }) => ({ name, attributes, events, status }));
      expect(all.some(({ attributes }) => attributes['codex_pooler.call.id'] === row.id)).toBe(true);
      return all;
    });
    const kept = new Map([
      ...(await databaseTexts(gateway.database())),
      ['logs', lines.join('\n')],
      ['spans', JSON.stringify(traced)],
    ]);
    const secrets = new Map([
      ['offer', offer],
      ['answer', answer],
      ['place', place],
    ]);
    expect(sightings(secrets, kept)).toEqual([]);
    expect(sightings(new Map([['call', row.id]]), kept).length).toBeGreaterThan(1);
    const own = traced.find(({ attributes }) => attributes['codex_pooler.call.id'] === row.id);
    expect([own?.name, Object.keys(own?.attributes ?? {})]).toEqual([
      'realtime_calls',
      expect.not.arrayContaining(['gen_ai.request.model']),
    ]);
  });
});
