import fc from 'fast-check';
import { decoded } from '../../test/support/anthropic-requests.js';
import { junkBody } from '../../test/support/junk-bodies.js';
import { VALID_BODIES } from '../../test/support/valid-bodies.js';
import { GatewayError, type Fields } from '../core/index.js';
import { translatedBody } from './json-body.js';
import { decodeChat } from './openai-chat/decode.js';
import { decodeResponses } from './openai-responses/decode.js';

const BODIES = 1_000;
const SEED = 20_260_402;
const LONGEST_STALL_MS = 50;

const context = { pool: { defaultModel: 'gpt-5.5' }, headers: {}, transport: 'http' } as const;
const DECODERS: Readonly<Record<string, (body: Fields) => unknown>> = {
  '/v1/responses': (body) => decodeResponses(body, context),
  '/v1/chat/completions': (body) => decodeChat(body, context),
  '/v1/messages': (body) => decoded(body),
};

/** @returns how long it took, in milliseconds; a body is taken, or refused as its client's fault */
function takenIn(path: string, bytes: Buffer): number {
  const startedMs = performance.now();
  try {
    DECODERS[path]?.(translatedBody({ body: bytes, headers: { 'content-type': 'application/json' } }));
  } catch (error) {
    if (!(error instanceof GatewayError) || error.status >= 500) throw error;
  }
  return performance.now() - startedMs;
}

describe.each(Object.keys(DECODERS))('a request to %s', (path) => {
  it(`is taken or refused in a moment, whatever it holds (${BODIES} bodies, seed ${SEED})`, () => {
    const bodies = fc.sample(junkBody(VALID_BODIES[path] ?? []), { numRuns: BODIES, seed: SEED });
    for (const body of bodies) {
      const bytes = Buffer.from(body);
      // The machine may have had something else to do: a body that is to blame takes long every time.
      const tries = [takenIn(path, bytes)];
      while (tries.length < 5 && Math.min(...tries) > LONGEST_STALL_MS) tries.push(takenIn(path, bytes));
      expect(Math.min(...tries)).toBeLessThanOrEqual(LONGEST_STALL_MS);
    }
  });
});
