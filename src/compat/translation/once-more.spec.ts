import { answered } from '../../../test/support/answered.js';
import { aTurn } from '../../../test/support/routed-turns.js';
import { CallBody, GatewayError, type CallId, type RoutedCall } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { onceMore } from './once-more.js';

const unreadable = new GatewayError('upstream_refused', 'No.', { upstreamCode: 'invalid_encrypted_content' });
const input = [{ type: 'reasoning', encrypted_content: 'gAAA' }];
const thinking = () => aTurn({ body: new CallBody(Buffer.from(JSON.stringify({ input }))) });

/** Runs a call whose runs end as given, one after another. */
async function ran(call: RoutedCall, ...ends: (GatewayError | undefined)[]) {
  const asked: RoutedCall[] = [];
  const run = async function* (given: RoutedCall): AsyncGenerator<AnswerPart> {
    asked.push(given);
    const end = ends.shift();
    if (end) throw end;
    yield* answered({ type: 'response.completed' });
  };
  const parts: AnswerPart[] = [];
  const failure = await (async () => {
    for await (const part of onceMore(call, run, () => 'again' as CallId)) parts.push(part);
  })().catch((error: unknown) => error);
  return { asked, parts, failure };
}

describe('a call with reasoning that nobody can read', () => {
  it('is made once more without it, as a call of its own', async () => {
    const call = thinking();
    const { asked, parts, failure } = await ran(call, unreadable);
    expect([failure, parts.length > 0, asked.length]).toEqual([undefined, true, 2]);
    expect(asked[1]).toMatchObject({ withoutReasoning: true, requestId: call.requestId, id: 'again' });
    expect(asked[1]?.body.bytes.toString()).toBe('{"input":[]}');
  });

  it('is made no third time', async () => {
    expect(await ran(thinking(), unreadable, unreadable)).toMatchObject({ failure: unreadable, parts: [] });
  });

  it.each([
    ['there is none in it', aTurn(), unreadable],
    ['it failed otherwise', thinking(), new GatewayError('upstream_refused', 'No.')],
  ])('is made once when %s', async (_, call, error) => {
    const { asked, failure } = await ran(call, error);
    expect([asked.length, failure]).toEqual([1, error]);
  });
});
