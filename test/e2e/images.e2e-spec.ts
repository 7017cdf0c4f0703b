import { attemptsOf, jsonOf, settlementOf } from '../support/calls.js';
import { useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import {
  burst429,
  failBeforeHeaders,
  html200,
  json,
  overloaded503,
  raw,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

const GENERATE = '/backend-api/codex/images/generations';
const EDIT = '/backend-api/codex/images/edits';
/** As CLI 0.169 sends it. */
const wish = { prompt: 'a red square', background: 'opaque', model: 'gpt-image-2', quality: 'auto', size: 'auto' };
const picture = { created: 1, data: [{ b64_json: 'aGk=' }] };

describe.each([GENERATE, EDIT])('POST %s', (path) => {
  it('goes to the same path and comes back byte for byte', async () => {
    const body = `{ "images":[{"image_url":"data:image/png;base64,aGk="}], "n":1.0, "model":"gpt-image-2","x":"\\u00e9" }`;
    const made = '{ "created":1.0, "background":"opaque","output_format":"png", "data":[{"b64_json":"aGk="}] }';
    upstream.replyWith(raw([made], { 'content-type': 'application/json; charset=utf-8' }));

    const response = await gateway.post(body, { path, headers: { 'x-codex-image-turn-id': 't-1' } });

    expect([response.status, await response.text()]).toEqual([200, made]);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('set-cookie')).toBeNull();
    const sent = upstream.requests('images').at(-1);
    expect([sent?.path, sent?.header('accept'), sent?.header('content-type')]).toEqual([
      path,
      'application/json',
      'application/json',
    ]);
    expect(sent?.body.toString()).toBe(body);
    expect(sent?.header('x-codex-image-turn-id')).toBe('t-1');
  });

  it('is settled under the model that was named, with what it cost', async () => {
    const usage = { input_tokens: 50, output_tokens: 70, total_tokens: 120, input_tokens_details: { text_tokens: 50 } };
    upstream.replyWith(json(200, { ...picture, usage }));
    expect(await settlementOf(gateway, await gateway.post(wish, { path }))).toMatchObject({
      route: path,
      model: 'gpt-image-2',
      outcome: 'succeeded',
      input_uncached: '50',
      output: '70',
    });
    upstream.replyWith(json(200, picture));
    expect(await settlementOf(gateway, await gateway.post(wish, { path }))).toMatchObject({ usage_known: false });
  });

  it.each([
    ['overload', overloaded503()],
    ['a server error', json(500, { error: { message: 'No.' } })],
    ['a burst limit', burst429()],
    ['a cut connection', failBeforeHeaders()],
    ['a login page', html200()],
  ])('moves to another account on %s', async (_, reply) => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    upstream.replyWith(reply, json(200, picture));
    const response = await team.post(wish, { path });
    expect(await jsonOf(response)).toEqual({ status: 200, body: picture });
    const attempts = await attemptsOf(gateway, await settlementOf(gateway, response));
    expect(new Set(attempts.map((attempt) => attempt['account_id'])).size).toBe(2);
  });

  it('tells what is wrong with the request in the words of the upstream, and asks nobody else', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    const body = {
      error: { message: 'Not this.', type: 'invalid_request_error', code: 'content_policy', param: null },
    };
    upstream.replyWith(json(400, body));
    const before = upstream.count('images');
    expect(await jsonOf(await team.post(wish, { path }))).toEqual({ status: 400, body });
    expect(upstream.count('images')).toBe(before + 1);
  });

  it.each([{}, { model: '' }, { model: 7 }, { model: null }])('needs a model: %j', async (over) => {
    const before = upstream.count('images');
    const refused = await gateway.post({ prompt: 'a red square', ...over }, { path });
    const error = { type: 'invalid_request_error', code: 'invalid_request', param: 'model' };
    expect(await jsonOf(refused)).toMatchObject({ status: 400, body: { error } });
    expect(upstream.count('images')).toBe(before);
  });

  it('is refused where pictures are switched off before its body is looked at (trap 56)', async () => {
    const team = await newPool(gateway, upstream, [{}], { imageGenerationEnabled: false });
    const before = upstream.count('images');
    for (const body of [wish, '{"model":', Buffer.alloc(0)]) {
      const error = { code: 'image_generation_disabled' };
      expect(await jsonOf(await team.post(body, { path }))).toMatchObject({ status: 403, body: { error } });
    }
    expect(upstream.count('images')).toBe(before);
  });
});

describe('a large picture', () => {
  it('may be edited up to the JSON limit', async () => {
    const image = `data:image/png;base64,${'A'.repeat(40 * 1024 * 1024)}`;
    const body = JSON.stringify({ ...wish, images: [{ image_url: image }] });
    upstream.replyWith(json(200, picture));
    expect((await gateway.post(body, { path: EDIT })).status).toBe(200);
    expect(upstream.requests('images').at(-1)?.body.length).toBe(body.length);
  });
});
