import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { attemptsOf, jsonOf, settlementOf } from '../support/calls.js';
import { databaseTexts, sightings } from '../support/everything-stored.js';
import { useGateway } from '../support/gateway.js';
import { newPool, type TestPool } from '../support/pools.js';
import { RawConnection } from '../support/raw-http.js';
import {
  burst429,
  failBeforeHeaders,
  json,
  overloaded503,
  raw,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const lines: string[] = [];
const gateway = useGateway({ upstream, logs: (line) => lines.push(line) });

const PATH = '/backend-api/transcribe';
const LIMIT_BYTES = 26_214_400;

type Field = readonly [name: string, value: string | File];
const sound = (
  bytes: Uint8Array = Buffer.from('RIFF\r\n\0\xff', 'latin1'),
  type = 'audio/webm;codecs=opus',
  name = 'mine.webm',
) => new File([new Uint8Array(bytes)], name, { type });
const form = (...fields: readonly Field[]): FormData => {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  return data;
};
const post = (body: FormData | string, key = gateway.key, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${gateway.url}${PATH}`, { method: 'POST', headers: { authorization: `Bearer ${key}`, ...headers }, body });
/** The parts of the form that the upstream got, as they are. */
const arrived = (): string[] => {
  const sent = upstream.requests('transcribe').at(-1);
  const boundary = `--${sent?.header('content-type')?.replace('multipart/form-data; boundary=', '') ?? ''}`;
  const parts = sent?.body.toString('latin1').split(boundary) ?? [];
  expect([parts[0], parts.at(-1)]).toEqual(['', '--\r\n']);
  return parts.slice(1, -1);
};
const FILE_PART =
  '\r\ncontent-disposition: form-data; name="file"; filename="audio.wav"\r\n' +
  'content-type: audio/webm;codecs=opus\r\n\r\nRIFF\r\n\0\xff\r\n';
const fieldPart = (name: string, value: string): string =>
  `\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${Buffer.from(value).toString('latin1')}\r\n`;

describe('POST /backend-api/transcribe', () => {
  it('sends the file under another name with its type and bytes, and the fields that the upstream knows', async () => {
    const words = '{ "text":"heard", "n":1.0 }';
    upstream.replyWith(raw([words], { 'content-type': 'application/json' }));
    const response = await post(
      form(
        ['prompt', 'Grüße'],
        ['keywords[]', 'b'],
        ['model', 'whisper-1'],
        ['file', sound()],
        ['keywords[]', 'a'],
        ['keywords[]', 'b'],
        ['languages[]', 'de'],
        ['temperature', '0'],
        ['other', sound()],
      ),
    );

    expect([response.status, await response.text()]).toEqual([200, words]);
    expect(arrived()).toEqual([
      FILE_PART,
      fieldPart('prompt', 'Grüße'),
      fieldPart('keywords[]', 'b'),
      fieldPart('keywords[]', 'a'),
      fieldPart('keywords[]', 'b'),
      fieldPart('languages[]', 'de'),
    ]);
    const sent = upstream.requests('transcribe').at(-1);
    expect([sent?.path, sent?.header('accept')]).toEqual([PATH, 'application/json']);
    expect(await settlementOf(gateway, response)).toMatchObject({
      route: PATH,
      model: 'gpt-4o-transcribe',
      outcome: 'succeeded',
      usage_known: false,
    });
  });

  it.each([
    ['overload', overloaded503()],
    ['a server error', json(500, { error: { message: 'No.' } })],
    ['a burst limit', burst429()],
    ['a cut connection', failBeforeHeaders()],
  ])('moves to another account on %s, with the whole file', async (_, reply) => {
    const team: TestPool = await newPool(gateway, upstream, [{}, {}]);
    upstream.replyWith(reply);
    const response = await post(form(['file', sound()]), team.key);
    expect(await jsonOf(response)).toMatchObject({ status: 200, body: { text: 'simulated words' } });
    expect(await attemptsOf(gateway, await settlementOf(gateway, response))).toHaveLength(2);
    expect(arrived()).toEqual([FILE_PART]);
  });

  it.each([
    ['a form without a file', form(['prompt', 'x'])],
    ['a form with an empty file', form(['file', sound(Buffer.alloc(0))])],
    ['a form with a file of another name', form(['audio', sound()])],
    ['a form with two files', form(['file', sound()], ['file', sound()])],
    ['text', 'RIFF'],
  ])('refuses %s', async (_, body) => {
    const before = upstream.count('transcribe');
    const error = { type: 'invalid_request_error', code: 'invalid_request', param: 'file' };
    expect(await jsonOf(await post(body))).toMatchObject({ status: 400, body: { error } });
    expect(upstream.count('transcribe')).toBe(before);
  });

  it('refuses a request without a body', async () => {
    const response = await fetch(`${gateway.url}${PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}` },
    });
    expect(await jsonOf(response)).toMatchObject({ status: 400, body: { error: { param: 'file' } } });
  });

  it('refuses a compressed form', async () => {
    const refused = await post(form(['file', sound()]), gateway.key, { 'content-encoding': 'gzip' });
    expect(await jsonOf(refused)).toMatchObject({ status: 415, body: { error: { code: 'unsupported_media_type' } } });
  });

  it('takes a file of 26 214 400 bytes and not one more', async () => {
    expect((await post(form(['file', sound(Buffer.alloc(LIMIT_BYTES, 'x'))]))).status).toBe(200);
    const before = upstream.count('transcribe');
    const refused = await post(form(['file', sound(Buffer.alloc(LIMIT_BYTES + 1, 'x'))]));
    expect(await jsonOf(refused)).toMatchObject({ status: 413, body: { error: { code: 'request_too_large' } } });
    expect(upstream.count('transcribe')).toBe(before);
  });

  it('says so as soon as the limit is passed, without waiting for the rest', async () => {
    const connection = await opened(['content-type: multipart/form-data; boundary=cut', 'transfer-encoding: chunked']);
    const start = '--cut\r\ncontent-disposition: form-data; name="file"\r\n\r\n';
    connection.send(chunk(start)).send(chunk('x'.repeat(LIMIT_BYTES + 1)));
    expect((await connection.until('request_too_large')).status).toBe(413);
    connection.close();
  });

  it('is answered before its body when its length alone is too much', async () => {
    const connection = await opened(['content-type: multipart/form-data; boundary=cut', 'content-length: 99000000']);
    expect((await connection.until('request_too_large')).status).toBe(413);
    connection.close();
  });

  it('reads no byte of a caller that it does not know (trap 56)', async () => {
    const connection = await opened(
      ['content-type: multipart/form-data; boundary=cut', 'content-length: 1000'],
      'sk-cxp-000000000000-x',
    );
    expect((await connection.until('api_key_missing')).status).toBe(401);
    connection.close();
  });

  it('leaves nothing of the file on disk, in a row or in a log (trap 56)', async () => {
    const [name, speech, prompt] = [randomUUID(), randomUUID(), randomUUID()];
    const before = new Set(readdirSync(tmpdir()));
    const file = sound(Buffer.from(speech), 'audio/wav', `${name}.wav`);
    upstream.replyWith(json(400, { error: { message: prompt, code: 'bad_audio' } }));
    await settlementOf(gateway, await post(form(['file', file], ['prompt', prompt])));
    await settlementOf(gateway, await post(form(['file', file], ['prompt', prompt])));
    expect(upstream.requests('transcribe').at(-1)?.body.toString()).not.toContain(name);
    const secrets = new Map([
      ['name', name],
      ['speech', speech],
      ['prompt', prompt],
    ]);
    const kept = new Map([...(await databaseTexts(gateway.database())), ['logs', lines.join('\n')]]);
    expect(sightings(secrets, kept)).toEqual([]);
    const added = readdirSync(tmpdir()).filter((entry) => !before.has(entry));
    expect(added.filter((entry) => /upload|multipart|busboy|audio/i.test(entry))).toEqual([]);
  });
});

async function opened(headers: readonly string[], key = gateway.key): Promise<RawConnection> {
  const connection = await RawConnection.open(Number(new URL(gateway.url).port));
  const head = [`POST ${PATH} HTTP/1.1`, 'host: gateway', `authorization: Bearer ${key}`, ...headers];
  return connection.send(`${head.join('\r\n')}\r\n\r\n`);
}

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
