import { randomUUID } from 'node:crypto';
import { KeyAdminService } from '../../src/auth/index.js';
import { attemptsOf, jsonOf, settlementOf } from '../support/calls.js';
import { databaseTexts, sightings } from '../support/everything-stored.js';
import { bearer, refusal } from '../support/file-client.js';
import { useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import { connectTo } from '../support/raw-calls.js';
import { json, overloaded503, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const lines: string[] = [];
const gateway = useGateway({ upstream, logs: (line) => lines.push(line) });

const PATH = '/v1/audio/transcriptions';
const LIMIT_BYTES = 26_214_400;

type Field = readonly [name: string, value: string | File];
const sound = (bytes: Uint8Array = Buffer.from('RIFF\r\n\0\xff', 'latin1'), name = 'mine.wav'): Field => [
  'file',
  new File([new Uint8Array(bytes)], name, { type: 'audio/wav' }),
];
const form = (...fields: readonly Field[]): FormData => {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  return data;
};
const speech = (...fields: readonly Field[]) => form(['model', 'whisper-1'], ...fields, sound());
const post = (body: FormData | string, key = gateway.key): Promise<Response> =>
  fetch(`${gateway.url}${PATH}`, { method: 'POST', headers: bearer(key), body });
/** Names and values of the form that the upstream got. */
const arrived = (): string[][] => {
  const sent = upstream.requests('transcribe').at(-1);
  const boundary = `--${sent?.header('content-type')?.replace('multipart/form-data; boundary=', '') ?? ''}`;
  return (sent?.body.toString('utf8').split(boundary) ?? []).slice(1, -1).map((part) => {
    const [head = '', value = ''] = part.split('\r\n\r\n');
    return [/name="([^"]*)"/.exec(head)?.[1] ?? '', value.trimEnd()];
  });
};

describe('POST /v1/audio/transcriptions', () => {
  it('sends the file with its type and what the upstream knows, and answers with the text alone', async () => {
    upstream.replyWith(json(200, { text: 'heard', languages: ['de'], more: 1 }));
    const answer = await post(
      form(
        ['model', 'gpt-4o-transcribe'],
        ['language', 'de'],
        ['temperature', '0'],
        ['response_format', 'json'],
        ['prompt', 'Grüße'],
        ['keywords[]', 'b'],
        ['keywords[]', 'a'],
        ['keywords[]', 'b'],
        ['languages', 'de'],
        sound(),
      ),
    );

    expect(await jsonOf(answer)).toEqual({ status: 200, body: { text: 'heard' } });
    const [[name] = [], ...fields] = arrived();
    expect([name, ...fields]).toEqual([
      'file',
      ['prompt', 'Grüße'],
      ['keywords[]', 'b'],
      ['keywords[]', 'a'],
      ['keywords[]', 'b'],
      ['languages[]', 'de'],
    ]);
    const sent = upstream.requests('transcribe').at(-1);
    expect(sent?.body.toString('latin1')).toContain('content-type: audio/wav\r\n\r\nRIFF\r\n\0\xff\r\n');
    expect([sent?.header('originator'), sent?.header('authorization')]).toEqual([
      'codex-pooler',
      expect.not.stringContaining(gateway.key),
    ]);
    expect(await settlementOf(gateway, answer)).toMatchObject({
      route: PATH,
      dialect: 'openai',
      model: 'gpt-4o-transcribe',
      outcome: 'succeeded',
    });
  });

  it.each(['gpt-transcribe', 'gpt-4o-mini-transcribe', 'whisper-1', 'openai/whisper-1'])(
    'takes the name %s',
    async (model) => {
      expect(await jsonOf(await post(form(['model', model], sound())))).toMatchObject({ status: 200 });
    },
  );

  it('answers with plain text when that is asked for', async () => {
    const answer = await post(speech(['response_format', 'text']));
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual([
      'text/plain; charset=utf-8',
      'simulated words',
    ]);
  });

  it.each([
    ['another model', form(['model', 'gpt-5.5'], sound()), 'invalid_model', 'model'],
    ['no model', form(sound()), 'invalid_request', 'model'],
    ['no file', form(['model', 'whisper-1']), 'invalid_request', 'file'],
    ['an empty file', form(['model', 'whisper-1'], sound(Buffer.alloc(0))), 'invalid_request', 'file'],
    ['a blank keyword', speech(['keywords[]', ' ']), 'invalid_request', 'keywords[]'],
    ['a stream', speech(['stream', 'true']), 'unsupported_parameter', 'stream'],
    ['verbose_json', speech(['response_format', 'verbose_json']), 'unsupported_parameter', 'response_format'],
    ['srt', speech(['response_format', 'srt']), 'unsupported_parameter', 'response_format'],
    ['vtt', speech(['response_format', 'vtt']), 'unsupported_parameter', 'response_format'],
    ['text instead of a form', 'RIFF', 'invalid_request', 'file'],
  ])('refuses %s before anybody is asked', async (_, body, code, param) => {
    const before = [upstream.count('transcribe'), (await gateway.ledger()).length];
    expect(await refusal(await post(body))).toEqual([400, code, param]);
    expect([upstream.count('transcribe'), (await gateway.ledger()).length]).toEqual(before);
  });

  it('is only for keys that may use the model', async () => {
    const limits = { allowedModels: ['gpt-5.5'] };
    const { token } = await gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID(), limits);
    expect(await refusal(await post(speech(), token))).toEqual([403, 'model_not_allowed', 'model']);
  });

  it('moves to another account when one fails', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    upstream.replyWith(overloaded503());
    const answer = await post(speech(), team.key);
    expect(await jsonOf(answer)).toMatchObject({ status: 200, body: { text: 'simulated words' } });
    expect(await attemptsOf(gateway, await settlementOf(gateway, answer))).toHaveLength(2);
  });

  it('is 502 when the answer holds no text', async () => {
    upstream.replyWith(json(200, { words: [] }));
    expect(await refusal(await post(speech()))).toEqual([502, 'invalid_upstream_response', null]);
  });

  it('takes 26 214 400 bytes and not one more', async () => {
    const large = (bytes: number) => form(['model', 'whisper-1'], sound(Buffer.alloc(bytes, 'x')));
    expect((await post(large(LIMIT_BYTES))).status).toBe(200);
    expect(await refusal(await post(large(LIMIT_BYTES + 1)))).toEqual([413, 'request_too_large', 'file']);
  });

  it('reads no byte of a caller that it does not know (trap 56)', async () => {
    const connection = await connectTo(gateway);
    const head = [`POST ${PATH} HTTP/1.1`, 'host: gateway', 'content-type: multipart/form-data; boundary=x'];
    connection.send([...head, 'content-length: 20000000', '', ''].join('\r\n'));
    expect((await connection.until('invalid_api_key')).status).toBe(401);
    connection.close();
  });

  it('leaves nothing of what was said in a row or in a log', async () => {
    const secrets = new Map([
      ['name', randomUUID()],
      ['speech', randomUUID()],
      ['prompt', randomUUID()],
      ['text', randomUUID()],
    ]);
    const said = (what: string): string => secrets.get(what) ?? '';
    const body = form(
      ['model', 'whisper-1'],
      ['prompt', said('prompt')],
      sound(Buffer.from(said('speech')), `${said('name')}.wav`),
    );
    upstream.replyWith(json(200, { text: said('text') }), json(400, { error: { message: said('text') } }));
    await settlementOf(gateway, await post(body));
    await settlementOf(gateway, await post(body));
    expect(upstream.requests('transcribe').at(-1)?.body.toString()).not.toContain(said('name'));
    const kept = new Map([...(await databaseTexts(gateway.database())), ['logs', lines.join('\n')]]);
    expect(sightings(secrets, kept)).toEqual([]);
  });
});
