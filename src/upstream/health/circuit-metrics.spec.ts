import { recordTo } from '../../platform/metrics/index.js';
import { CLOSED, type Circuit } from './circuit.js';
import { countTransition } from './circuit-metrics.js';

const KEY = { model: 'gpt-5.5', routeClass: 'stream' } as const;
const open = (sinceMs: number): Circuit => ({
  failures: 3,
  open: { sinceMs, untilMs: sinceMs + 60_000, reason: 'upstream_error' },
});
const probed: Circuit = { ...open(1), probe: { id: 'p', untilMs: 2 } };

describe('the transitions of a circuit', () => {
  const counted: unknown[] = [];
  beforeEach(() => {
    counted.length = 0;
    recordTo({ add: (_, labels) => counted.push(labels['transition']), observe: () => undefined });
  });
  afterAll(() => recordTo(undefined));

  it.each([
    ['opened', CLOSED, open(1)],
    ['opened', probed, open(2)],
    ['probed', open(1), probed],
    ['closed', probed, CLOSED],
  ])('are counted when it is %s', (transition, before, after) => {
    countTransition(KEY, before, after);
    expect(counted).toEqual([transition]);
  });

  it.each([
    ['a failure that does not open it', CLOSED, { failures: 1 }],
    ['a try that came to nothing', probed, open(1)],
  ])('are not: %s', (_, before, after) => {
    countTransition(KEY, before, after);
    expect(counted).toEqual([]);
  });
});
