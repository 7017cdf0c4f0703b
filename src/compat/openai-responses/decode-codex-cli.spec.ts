import { codexRecordings, type RecordedStep } from '../../../test/support/codex-recordings.js';
import { asFields, asFieldsList, type Fields } from '../../core/index.js';
import { decodeResponses } from './decode.js';
import type { DecodeContext } from './decoded.js';

const POOL = { defaultModel: 'gpt-5.5' };
const decode = (body: Fields, context: Partial<DecodeContext> = {}) =>
  decodeResponses(body, { pool: POOL, headers: {}, transport: 'http', ...context });

describe('what real Codex CLIs send', () => {
  const bodiesOf = (step: RecordedStep): readonly Fields[] => {
    if (step.kind === 'post' && step.path.endsWith('/responses')) return [JSON.parse(step.body) as Fields];
    if (step.kind !== 'frame' || step.frame['type'] !== 'response.create' || step.frame['generate'] === false)
      return [];
    const { type: _type, ...body } = step.frame;
    return [body];
  };
  const runs = codexRecordings().map(({ name, steps }) => [name, steps.flatMap(bodiesOf)] as const);

  it.each(runs.filter(([, bodies]) => bodies.length > 0))(
    'is understood, every item and tool of it: %s',
    (_, bodies) => {
      for (const body of bodies) {
        const transport = 'previous_response_id' in body ? 'websocket' : 'http';
        const { wanted } = decode(body, { transport });
        const kinds = (items: unknown) => asFieldsList(items).map(({ type, role, name }) => ({ type, role, name }));
        expect(kinds(wanted.input)).toEqual(kinds(body['input']));
        expect(kinds(wanted.fields['tools'])).toEqual(kinds(body['tools']));
        expect(wanted.fields['reasoning']).toEqual(body['reasoning']);
        expect(wanted.fields['text']).toEqual(asFields(body['text']));
        expect(wanted.fields['client_metadata']).toEqual(body['client_metadata']);
        expect(JSON.stringify(wanted.input)).not.toMatch(/"id":"(?:msg|rs|fc|ctc)_/);
      }
    },
  );
});
