import { CallBody, GatewayError, type RoutedCall } from '../../core/index.js';
import { aCall } from '../../../test/support/upstream-services.js';
import { failureOf } from '../codex/failure.js';
import { leavingOut } from './leaving-out.js';
import { RefusedFields } from './refused-fields.js';

const NOW = 1_790_000_000_000;
const HOUR = 3_600_000;

const refusal = (body: unknown, status = 400): GatewayError =>
  failureOf({ status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) }, NOW);
const unsupported = (field: string): GatewayError => refusal({ detail: `Unsupported parameter: ${field}` });

const BODY = { model: 'gpt-5.5', temperature: 0.2, top_p: 0.9, input: [{ role: 'user', content: '"temperature"' }] };
const translated = (body: object = BODY, over: Partial<RoutedCall> = {}): RoutedCall =>
  aCall({ dialect: 'openai-chat', body: new CallBody(Buffer.from(JSON.stringify(body))), ...over });

/** An upstream that fails as told, then answers; it keeps what it was asked. */
function upstream(...failures: readonly GatewayError[]) {
  const asked: string[] = [];
  const ask = (call: RoutedCall): Promise<string> => {
    asked.push(call.body.bytes.toString());
    const failure = failures[asked.length - 1];
    return failure ? Promise.reject(failure) : Promise.resolve('answered');
  };
  return { ask, fields: () => asked.map((text) => Object.keys(JSON.parse(text) as object)) };
}

describe('an optional field that the upstream refuses', () => {
  it.each([
    ['a detail', { detail: 'Unsupported parameter: temperature' }],
    ['a code', { error: { code: 'unsupported_parameter', param: 'temperature', message: 'No.' } }],
    ['a value', { error: { code: 'unsupported_value', param: 'temperature', message: 'Only the default.' } }],
    ['a sentence', { error: { message: "Unsupported parameter: 'temperature' is not supported with this model." } }],
    ['a detail with a code', { detail: { code: 'unsupported_parameter', param: 'temperature' } }],
  ])('is left out of a second try when it is named by %s', async (_, body) => {
    const { ask, fields } = upstream(refusal(body));
    await expect(leavingOut(translated(), new RefusedFields(), () => NOW, ask)).resolves.toBe('answered');
    expect(fields()).toEqual([
      ['model', 'temperature', 'top_p', 'input'],
      ['model', 'top_p', 'input'],
    ]);
  });

  it('is left out after another one, each once', async () => {
    const { ask, fields } = upstream(unsupported('temperature'), unsupported('top_p'));
    await leavingOut(translated(), new RefusedFields(), () => NOW, ask);
    expect(fields().at(-1)).toEqual(['model', 'input']);
  });

  it('is the failure when it is refused although it was left out', async () => {
    const { ask, fields } = upstream(unsupported('temperature'), unsupported('temperature'));
    const answer = leavingOut(translated(), new RefusedFields(), () => NOW, ask);
    await expect(answer).rejects.toMatchObject({ code: 'upstream_refused' });
    expect(fields()).toHaveLength(2);
  });

  it('is left out at once of later calls of the same model, for an hour', async () => {
    const refused = new RefusedFields();
    await leavingOut(translated(), refused, () => NOW, upstream(unsupported('temperature')).ask);
    const fieldsAt = async (nowMs: number, call = translated()) => {
      const { ask, fields } = upstream();
      await leavingOut(call, refused, () => nowMs, ask);
      return fields();
    };
    expect(await fieldsAt(NOW + HOUR - 1, translated(BODY, { model: 'GPT-5.5' }))).toEqual([
      ['model', 'top_p', 'input'],
    ]);
    expect(await fieldsAt(NOW + HOUR)).toEqual([['model', 'temperature', 'top_p', 'input']]);
    expect(await fieldsAt(NOW, translated(BODY, { model: 'gpt-5.4' }))).toEqual([
      ['model', 'temperature', 'top_p', 'input'],
    ]);
  });

  it.each([
    ['another field', unsupported('stop')],
    ['another failure', refusal({ error: { code: 'context_length_exceeded', message: 'temperature' } })],
    ['another status', refusal({ detail: 'Unsupported parameter: temperature' }, 422)],
    ['a failure of the upstream', new GatewayError('upstream_error', 'No.')],
  ])('is not looked for in the refusal of %s', async (_, failure) => {
    const { ask, fields } = upstream(failure);
    await expect(leavingOut(translated(), new RefusedFields(), () => NOW, ask)).rejects.toBe(failure);
    expect(fields()).toHaveLength(1);
  });

  it.each([
    ['of a native client', { dialect: 'codex-backend' }],
    ['of another operation', { operation: 'compact' as const }],
  ])('stays in a call %s', async (_, over) => {
    const failure = unsupported('temperature');
    const { ask, fields } = upstream(failure);
    await expect(leavingOut(translated(BODY, over), new RefusedFields(), () => NOW, ask)).rejects.toBe(failure);
    expect(fields()).toHaveLength(1);
  });

  it('is nothing to ask again for when the call does not have it', async () => {
    const { ask, fields } = upstream(unsupported('temperature'));
    const { temperature: _, ...body } = BODY;
    await expect(leavingOut(translated(body), new RefusedFields(), () => NOW, ask)).rejects.toBeInstanceOf(
      GatewayError,
    );
    expect(fields()).toHaveLength(1);
  });
});

describe('what is remembered of refusals', () => {
  it('is bounded: the oldest goes first', () => {
    const refused = new RefusedFields();
    for (let n = 0; n <= 500; n += 1) refused.refused(`model-${n}`, 'temperature', NOW);
    expect(refused.of('model-0', NOW)).toEqual([]);
    expect([refused.of('model-1', NOW), refused.of('model-500', NOW)]).toEqual([['temperature'], ['temperature']]);
  });
});
