import { jsonOf } from '../support/calls.js';
import { bearer, refusal } from '../support/file-client.js';
import { useGateway } from '../support/gateway.js';
import { cat, DATA_URL, PictureClient, PNG, toolItem, type PicturesAnswer } from '../support/picture-client.js';
import { failedFirstEvent, image, json, say, ScriptedUpstream } from '../support/scripted-upstream/index.js';

const EDIT = '/v1/images/edits';
const upstream = new ScriptedUpstream();
upstream.script = () => image('aGk=');
const gateway = useGateway({ upstream });
const client = new PictureClient(gateway, upstream);

describe('POST /v1/images/generations', () => {
  it.each([
    ['a blank prompt', { prompt: '  ' }, 'invalid_request', 'prompt'],
    ['no prompt', { prompt: undefined }, 'invalid_request', 'prompt'],
    ['a stream', { stream: true }, 'unsupported_parameter', 'stream'],
    ['URLs', { response_format: 'url' }, 'unsupported_parameter', 'response_format'],
    ['eleven pictures', { n: 11 }, 'invalid_request', 'n'],
    ['many pictures', { n: 'many' }, 'invalid_request', 'n'],
    ['another background', { background: 'blue' }, 'invalid_request', 'background'],
    ['too much compression', { output_compression: 101 }, 'invalid_request', 'output_compression'],
    ['another format', { output_format: 'gif' }, 'invalid_request', 'output_format'],
    ['partial pictures', { partial_images: 2 }, 'unsupported_parameter', 'partial_images'],
    ['a style', { style: 'vivid' }, 'unsupported_parameter', 'style'],
    ['pictures to edit', { image: DATA_URL }, 'unsupported_parameter', 'image'],
    ['something unknown', { seed: 7 }, 'unsupported_parameter', 'seed'],
    ['another model', { model: 'dall-e-3' }, 'invalid_model', 'model'],
  ])('refuses %s before anybody is asked', async (_, over, code, param) => {
    const before = [upstream.count('responses'), (await gateway.ledger()).length];
    const { status, body } = await jsonOf(await client.post(cat(over)));
    expect([status, body]).toMatchObject([400, { error: { type: 'invalid_request_error', code, param } }]);
    expect([upstream.count('responses'), (await gateway.ledger()).length]).toEqual(before);
  });

  it.each([
    ['words instead of a picture', say('No.'), [502, 'image_generation_failed', null]],
    ['an empty picture', toolItem({ result: '' }), [502, 'image_generation_failed', null]],
    ['a failure of the tool', toolItem({ error: { type: 'server_error' } }), [502, 'image_generation_failed', null]],
    [
      'a prompt that the tool refuses',
      toolItem({ error: { type: 'invalid_request_error', message: 'Not this.' } }),
      [400, 'image_generation_failed', null],
    ],
    ['a failed response', failedFirstEvent('content_policy_violation'), [502, 'content_policy_violation', null]],
    ['a request that it refuses', json(400, { error: { message: 'No.', code: 'bad_size' } }), [400, 'bad_size', null]],
  ])('tells of %s', async (_, reply, expected) => {
    upstream.replyWith(reply);
    expect(await refusal(await client.post(cat()))).toEqual(expected);
  });
});

describe('POST /v1/images/edits', () => {
  const form = (...fields: readonly (readonly [string, string | Blob])[]): FormData => {
    const data = new FormData();
    for (const [name, value] of fields) {
      if (typeof value === 'string') data.append(name, value);
      else data.append(name, value, 'private.png');
    }
    return data;
  };
  const png = () => new Blob([PNG], { type: 'image/png' });

  it('brings the pictures of a form in order, the mask last, and never their names', async () => {
    const second = new Blob(['second'], { type: 'image/webp' });
    const answer = await client.postForm(
      form(
        ['model', 'gpt-image-1.5'],
        ['image[]', png()],
        ['mask', png()],
        ['image[]', second],
        ['prompt', 'a hat for it'],
        ['n', '2'],
        ['input_fidelity', 'high'],
      ),
    );
    expect(((await answer.json()) as PicturesAnswer).data).toEqual([{ b64_json: 'aGk=' }, { b64_json: 'aGk=' }]);
    const sent = client.lastSent();
    expect(sent.tools).toEqual([
      {
        type: 'image_generation',
        action: 'edit',
        output_format: 'png',
        model: 'gpt-image-1.5',
        input_fidelity: 'high',
      },
    ]);
    expect(sent.input).toMatchObject([
      {
        content: [
          { type: 'input_text', text: expect.stringContaining('a hat for it') as string },
          { type: 'input_image', image_url: DATA_URL },
          { type: 'input_image', image_url: `data:image/webp;base64,${Buffer.from('second').toString('base64')}` },
          { type: 'input_image', image_url: DATA_URL },
        ],
      },
    ]);
    expect(upstream.received.at(-1)?.body.toString()).not.toContain('private.png');
  });

  it('takes JSON as well', async () => {
    const answer = await client.post(cat({ image: [DATA_URL], mask: DATA_URL }), { path: EDIT });
    expect(answer.status).toBe(200);
    expect(client.lastSent().input).toMatchObject([
      { content: [{ type: 'input_text' }, { image_url: DATA_URL }, { image_url: DATA_URL }] },
    ]);
  });

  it.each([
    ['no picture', [['prompt', 'x']], 'invalid_request', 'image'],
    ['no prompt', [['image', png()]], 'invalid_request', 'prompt'],
    [
      'a text',
      [
        ['prompt', 'x'],
        ['image', new Blob(['x'], { type: 'text/plain' })],
      ],
      'unsupported_input_image_format',
      'image',
    ],
    [
      'another field',
      [
        ['prompt', 'x'],
        ['image', png()],
        ['x', '1'],
      ],
      'unsupported_parameter',
      'x',
    ],
    [
      'a stream',
      [
        ['prompt', 'x'],
        ['image', png()],
        ['stream', 'true'],
      ],
      'unsupported_parameter',
      'stream',
    ],
  ] as const)('refuses a form with %s before anybody is asked', async (_, fields, code, param) => {
    const before = upstream.count('responses');
    expect(await refusal(await client.postForm(form(...fields)))).toEqual([400, code, param]);
    expect(upstream.count('responses')).toBe(before);
  });

  it('refuses a form that is cut', async () => {
    const headers = { ...bearer(gateway.key), 'content-type': 'multipart/form-data; boundary=x' };
    const body = '--x\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\nabc';
    const answer = await fetch(`${gateway.url}${EDIT}`, { method: 'POST', headers, body });
    expect(await refusal(answer)).toEqual([400, 'invalid_request', 'image']);
  });
});
