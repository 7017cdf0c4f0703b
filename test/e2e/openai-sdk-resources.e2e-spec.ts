import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { useGateway } from '../support/gateway.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { useSdk } from '../support/sdk-process.js';

const RED_PNG = readFileSync(resolve(__dirname, '../fixtures/red.png')).toString('base64');
const WORDS = Buffer.from('some words').toString('base64');

interface Named {
  readonly id: string;
}
interface Pictures {
  readonly data: readonly { readonly b64_json: string }[];
}

const magicOf = ({ data }: Pictures): (string | undefined)[] =>
  data.map(({ b64_json: picture }) => Buffer.from(picture, 'base64').subarray(1, 4).toString('latin1'));

describe('the OpenAI SDK, asking for what is not text', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const sdk = useSdk('openai-resources', gateway);

  it('lists the models of the Pool', async () => {
    const models = await sdk.run<Named[]>('models');

    expect(models).toContainEqual(expect.objectContaining({ id: 'gpt-5.5', object: 'model' }));
  });

  it('uploads a file, finds it again, and asks about it', async () => {
    const made = await sdk.run<Named>('upload', WORDS, 'words.txt', 'user_data');

    expect(made).toMatchObject({ object: 'file', filename: 'words.txt', bytes: 10, purpose: 'user_data' });
    expect(await sdk.run('files')).toContainEqual(expect.objectContaining({ id: made.id }));
    expect(await sdk.run('file', made.id)).toMatchObject({ id: made.id, filename: 'words.txt' });
    const content = [
      { type: 'input_text', text: '[[say Read.]]' },
      { type: 'input_file', file_id: made.id },
    ];
    expect(await sdk.run('ask', [{ role: 'user', content }])).toMatchObject({ output_text: 'Read.' });
    expect(await sdk.failure('content', made.id)).toMatchObject({ status: 404, code: 'unsupported_endpoint' });
    expect(await sdk.failure('removeFile', made.id)).toMatchObject({ status: 404, code: 'unsupported_endpoint' });
    expect(await sdk.failure('file', 'file_00000000000000000000000000000000')).toMatchObject({
      class: 'NotFoundError',
    });
  });

  it('draws two pictures', async () => {
    expect(magicOf(await sdk.run<Pictures>('generate', { n: 2 }))).toEqual(['PNG', 'PNG']);
  });

  it('is told that pictures come whole, not in a stream', async () => {
    expect(await sdk.failure('generateStreamed')).toMatchObject({ class: 'BadRequestError', param: 'stream' });
  });

  it('changes a picture', async () => {
    expect(magicOf(await sdk.run<Pictures>('edit', RED_PNG))).toEqual(['PNG']);
    expect(JSON.stringify(upstream.received.at(-1)?.json())).toContain('data:image/png;base64,');
  });

  it('writes down what was said', async () => {
    expect(await sdk.run('transcribe', WORDS)).toMatchObject({ text: 'simulated words' });
    expect(await sdk.run('transcribe', WORDS, { response_format: 'text' })).toMatch(/^simulated words\s*$/);
  });

  it('is told what is not served', async () => {
    expect(await sdk.failure('embed')).toMatchObject({ class: 'NotFoundError', code: 'unsupported_endpoint' });
  });
});
