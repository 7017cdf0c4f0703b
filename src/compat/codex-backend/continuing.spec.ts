import { codexRecordings } from '../../../test/support/codex-recordings.js';
import { anchorDigest, asFields, asFieldsList, asText, type CallId, type Fields } from '../../core/index.js';
import type { Received } from '../received.js';
import { decodeCompact } from './compact.js';
import { decode } from './decode.js';
import { decodeTurn } from './decode-turn.js';

const received = (headers: Record<string, string> = {}): Received => ({
  id: 'call' as CallId,
  transport: 'http',
  requestId: 'req',
  receivedAtMs: 1,
  route: '/backend-api/codex/responses',
  headers,
});
const decoded = (body: object, headers?: Record<string, string>) =>
  decode(body as Record<string, unknown>, Buffer.from(JSON.stringify(body)), received(headers), {});
const turn = (body: object) => {
  const frame = { type: 'response.create', ...body };
  return decodeTurn(frame, frame, Buffer.from(JSON.stringify(frame)), received(), {}).call;
};

const reasoning = { type: 'reasoning', summary: [], encrypted_content: 'gAAA' };
const result = { type: 'function_call_output', call_id: 'c', output: 'x' };
const ask = { model: 'gpt-5.5', input: [{ type: 'message', role: 'user', content: 'hi' }] };
const named = { kind: 'response', digest: anchorDigest('resp_1') };

/** What of a recorded input was sealed by whoever answered before. */
const sealedIn = (input: readonly Fields[]): readonly string[] =>
  input
    .filter(({ type }) => type === 'reasoning' || type === 'compaction')
    .flatMap((item) => asText(item['encrypted_content']) ?? []);

describe('what a native call goes on from', () => {
  it.each(codexRecordings().map((recording) => [recording.name, recording] as const))(
    'is found in everything that a real CLI sent: %s',
    (_, { steps }) => {
      for (const step of steps) {
        if (step.kind === 'upgrade') continue;
        const body = asFields(step.kind === 'post' ? JSON.parse(step.body) : step.frame) ?? {};
        if (!Array.isArray(body['input'])) continue;
        const isCompact = step.kind === 'post' && step.path.endsWith('/compact');
        const bytes = Buffer.from(JSON.stringify(body));
        const call = isCompact
          ? decodeCompact({ object: body, bytes }, received(), {})
          : step.kind === 'post'
            ? decode(body, bytes, received(), {})
            : turn(body);
        const sealed = sealedIn(asFieldsList(body['input']));
        const digests = call.anchors?.filter(({ kind }) => kind !== 'response').map(({ digest }) => digest) ?? [];
        expect(digests).toEqual([...sealed].reverse().map(anchorDigest));
        expect(call.sealed === undefined).toBe(sealed.length === 0);
        expect(call.cacheKey).toBe(body['prompt_cache_key']);
        const left = asFieldsList(asFields(JSON.parse(call.body.unsealed().bytes.toString()))?.['input']);
        expect(left).toEqual(asFieldsList(body['input']).filter(({ type }) => type !== 'reasoning'));
      }
    },
  );

  it('is its client’s own bytes when nothing has to be left out', () => {
    const body = { ...ask, input: [reasoning, ...ask.input] };
    const bytes = Buffer.from(JSON.stringify(body));
    const call = decode(body, bytes, received(), {});
    expect([call.body.bytes, call.sealed]).toEqual([bytes, 'reasoning']);
    const { body: open } = decoded(ask);
    expect(open.unsealed()).toBe(open);
  });

  it('is an earlier response only where the upstream is told of it', () => {
    const goesOn = { ...ask, previous_response_id: 'resp_1' };
    expect(decoded(goesOn).anchors).toBeUndefined();
    expect(decoded({ ...goesOn, input: [result] }).anchors).toEqual([named]);
    expect(turn(goesOn).anchors).toEqual([named]);
    expect(decoded(ask, { 'x-codex-previous-response-id': 'resp_1' }).anchors).toEqual([named]);
  });

  it('is told with its prompt cache key, whatever names its session', () => {
    const keyed = { ...ask, prompt_cache_key: ' k ' };
    expect(decoded(keyed)).toMatchObject({ cacheKey: 'k', session: 'k' });
    expect(decoded(keyed, { 'session-id': 's' })).toMatchObject({ cacheKey: 'k', session: 's' });
    expect(decoded(ask)).not.toHaveProperty('cacheKey');
    const compact = { ...ask, promptCacheKey: 'old' };
    const bytes = Buffer.from(JSON.stringify(compact));
    expect(decodeCompact({ object: compact, bytes }, received(), {})).toMatchObject({ cacheKey: 'old' });
  });
});
