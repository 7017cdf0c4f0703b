import { randomUUID } from 'node:crypto';
import { KeyAdminService } from '../../src/auth/index.js';
import { jsonOf } from '../support/calls.js';
import { databaseTexts, sightings } from '../support/everything-stored.js';
import { refusal } from '../support/file-client.js';
import { useGateway } from '../support/gateway.js';
import { cat, PictureClient, toolItem, type PicturesAnswer } from '../support/picture-client.js';
import { newPool } from '../support/pools.js';
import {
  events,
  hang,
  image,
  overloaded503,
  quota429,
  say,
  ScriptedUpstream,
  type RecordedRequest,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
upstream.script = () => image('aGk=');
const lines: string[] = [];
const gateway = useGateway({ upstream, logs: (line) => lines.push(line) });

const GENERATE = '/v1/images/generations';
const EDIT = '/v1/images/edits';

const client = new PictureClient(gateway, upstream);

describe('POST /v1/images/generations', () => {
  it('asks a model that has the image tool, and answers with the picture', async () => {
    upstream.replyWith(
      events([
        {
          type: 'response.output_item.done',
          output_index: 0,
          item: { type: 'image_generation_call', id: 'ig_1', result: 'aGk=', revised_prompt: 'a fat cat' },
        },
        {
          type: 'response.completed',
          response: {
            id: 'resp_1',
            status: 'completed',
            output: [{ type: 'image_generation_call', id: 'ig_1', result: 'aGk=' }],
            usage: { input_tokens: 12, output_tokens: 7, total_tokens: 19 },
            tool_usage: { image_gen: { input_tokens: 17, output_tokens: 23, total_tokens: 40 } },
          },
        },
      ]),
    );
    const answer = await client.post(cat({ size: '1024x1536', quality: 'high', user: 'me' }));

    expect(await jsonOf(answer)).toEqual({
      status: 200,
      body: {
        created: expect.any(Number) as number,
        data: [{ b64_json: 'aGk=', revised_prompt: 'a fat cat' }],
        output_format: 'png',
        size: '1024x1536',
        quality: 'high',
        usage: { input_tokens: 17, output_tokens: 23, total_tokens: 40 },
      },
    });
    expect(client.lastSent()).toMatchObject({
      // The first of the catalog.
      model: 'gpt-6.1-sol',
      stream: true,
      store: false,
      tool_choice: 'auto',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'a cat' }] }],
      tools: [
        {
          type: 'image_generation',
          action: 'generate',
          model: 'gpt-image-2',
          output_format: 'png',
          size: '1024x1536',
          quality: 'high',
        },
      ],
    });
    expect(await client.settled(answer, 1)).toMatchObject([
      { route: GENERATE, dialect: 'openai', outcome: 'succeeded', input_uncached: '12', output: '7' },
    ]);
  });

  it('asks the model of Codex that was named, and gives its client a URL as well', async () => {
    const { body } = await jsonOf(
      await client.post({ model: 'openai/gpt-5.5', prompt: 'a cat', reasoning_effort: 'low' }),
    );
    expect(body).toMatchObject({
      data: [{ b64_json: 'aGk=', url: 'data:image/png;base64,aGk=', revised_prompt: 'a cat' }],
    });
    expect(client.lastSent()).toMatchObject({ model: 'gpt-5.5', reasoning: { effort: 'low' } });
    expect(client.lastSent().tools[0]).not.toHaveProperty('model');
  });

  it('asks the Pool’s default model when no model of Codex was named', async () => {
    const { key } = await newPool(gateway, upstream, [{}], { defaultModel: 'gpt-5.4' });
    for (const model of [undefined, 'gpt-image-1']) {
      expect((await client.post(cat({ model }), { key })).status).toBe(200);
      expect(client.lastSent().model).toBe('gpt-5.4');
    }
  });

  it('makes each of n pictures with a call and a ledger row of its own', async () => {
    const made = ['MQ==', 'Mg==', 'Mw==', 'NA==', 'NQ=='];
    upstream.replyWith(...made.map((base64) => image(base64)));
    const before = upstream.count('responses');
    const answer = await client.post(cat({ n: 5 }));
    const { data } = (await answer.json()) as PicturesAnswer;
    expect(data.map(({ b64_json: base64 }) => base64).sort()).toEqual(made);
    expect(upstream.count('responses')).toBe(before + 5);
    const rows = await client.settled(answer, 5);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(5);
    expect(rows.every((row) => row['outcome'] === 'succeeded')).toBe(true);
  });

  it('makes no more than three at a time', async () => {
    const first = [hang(), hang(), hang()];
    upstream.replyWith(...first);
    const before = upstream.count('responses');
    const answer = client.post(cat({ n: 4 }));
    await Promise.all(first.map(({ opened }) => opened));
    expect(upstream.count('responses')).toBe(before + 3);
    for (const each of first) each.release(image('aGk='));
    expect(((await (await answer).json()) as PicturesAnswer).data).toHaveLength(4);
    expect(upstream.count('responses')).toBe(before + 4);
  });

  it('gives all of them up when one cannot be made', async () => {
    const slow = [hang(), hang()];
    upstream.replyWith(...slow, say('No.'));
    const opened = slow.map(({ opened: here }) => here);
    const answer = await client.post(cat({ n: 10 }));
    expect(await refusal(answer)).toEqual([502, 'image_generation_failed', null]);
    const given: RecordedRequest[] = await Promise.all(opened);
    await Promise.all(given.map(({ aborted }) => aborted));
    const rows = await client.settled(answer, 3);
    expect(rows.map((row) => row['outcome']).sort()).toEqual(['cancelled', 'cancelled', 'succeeded']);
  });

  it('gives them up when its client leaves', async () => {
    const slow = hang();
    upstream.replyWith(slow);
    const leave = new AbortController();
    const answer = gateway.post(cat(), { path: GENERATE, signal: leave.signal }).catch(() => 'left');
    const request = await slow.opened;
    leave.abort();
    await request.aborted;
    expect(await answer).toBe('left');
  });

  it('moves to another account when one fails, and tells of a limit when all do', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    upstream.replyWith(overloaded503());
    expect((await client.post(cat(), { key: team.key })).status).toBe(200);
    upstream.replyWith(quota429(60), quota429(60));
    expect(await refusal(await client.post(cat(), { key: team.key }))).toEqual([429, 'quota_exhausted', null]);
  });

  it('is only for keys that may use the model that they name; which one does the work is ours to say', async () => {
    const limits = { allowedModels: ['gpt-image-2'] };
    const { token: key } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID(), limits);
    expect((await client.post(cat(), { key })).status).toBe(200);
    for (const model of ['gpt-image-1', 'gpt-5.5']) {
      expect(await refusal(await client.post(cat({ model }), { key }))).toEqual([403, 'model_not_allowed', 'model']);
    }
    const own = { allowedModels: ['gpt-5.4'] };
    const { token: other } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID(), own);
    expect((await client.post(cat({ model: undefined }), { key: other })).status).toBe(200);
    expect(client.lastSent().model).toBe('gpt-5.4');
  });

  it('is refused, whatever its body is, in a Pool that makes no pictures', async () => {
    const { key } = await newPool(gateway, upstream, [{}], { imageGenerationEnabled: false });
    for (const path of [GENERATE, EDIT]) {
      expect(await refusal(await client.post('{', { path, key }))).toEqual([403, 'image_generation_disabled', null]);
    }
  });

  it('leaves nothing of prompt, picture or refusal in a row or in a log', async () => {
    const secrets = new Map(['prompt', 'picture', 'revised', 'refusal'].map((what) => [what, randomUUID()]));
    const said = (what: string): string => secrets.get(what) ?? '';
    const error = { type: 'invalid_request_error', message: said('refusal') };
    upstream.replyWith(
      toolItem({ result: Buffer.from(said('picture')).toString('base64'), revised_prompt: said('revised') }),
      toolItem({ error }),
    );
    for (const status of [200, 400]) {
      const answer = await client.post(cat({ prompt: said('prompt') }));
      expect(answer.status).toBe(status);
      await client.settled(answer, 1);
    }
    const kept = new Map([...(await databaseTexts(gateway.database())), ['logs', lines.join('\n')]]);
    expect(sightings(secrets, kept)).toEqual([]);
  });
});
