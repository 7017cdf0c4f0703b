import { ofClock } from './clock.js';
import { examine, well } from './finding.js';
import { medianMs, ofLatency } from './latency.js';
import { ofReplicas } from './replicas.js';
import { namesIn, Ways } from './ways.service.js';
import { ScriptedUpstream } from '../../../test/support/scripted-upstream/index.js';

const PLACES = {
  DATABASE_URL: 'postgres://app:secret@db.internal:5432/app',
  REDIS_URL: 'redis://sentinel-a:26379/0?sentinel=main&nodes=sentinel-b:26379,10.0.0.3:26379',
  UPSTREAM_BASE_URL: 'https://chatgpt.com',
  OAUTH_ISSUER_URL: 'http://[::1]:8080',
};
const LIVES = { host: 'a', version: '2.0.0', silentMs: 4_000 };

describe('what doctor says of', () => {
  it.each([
    [400, 0, 1_000, 'ok', 'agrees'],
    [-900, 0, 0, 'ok', 'agrees'],
    [1_500, 0, 100, 'warning', '1400 ms apart'],
    [-6_000, 0, 100, 'failed', '6000 ms apart'],
  ])('a clock that is %i ms off, asked for %i to %i ms: %s', (saidMs, askedAtMs, answeredAtMs, state, said) => {
    const found = ofClock({ askedAtMs, saidMs, answeredAtMs });
    expect(found).toEqual({ state, detail: expect.stringContaining(said) });
  });

  it.each([
    ['none', [], 'warning', 'none is running'],
    ['one that fell silent', [{ ...LIVES, silentMs: 60_000 }], 'warning', 'none is running'],
    ['two of its own version', [LIVES, { ...LIVES, host: 'b' }], 'ok', '2 running, 2.0.0'],
    [
      'two that differ',
      [LIVES, { ...LIVES, host: 'b', version: '1.0.0' }],
      'warning',
      '2 running: 1.0.0 on b; 2.0.0 on a. A rollout is going on, or stopped half way',
    ],
    [
      'one that does not say which it is',
      [LIVES, { ...LIVES, host: 'b', version: null }],
      'warning',
      '2 running: 2.0.0 on a; an older version on b. A rollout is going on, or stopped half way',
    ],
    ['two of another', [{ ...LIVES, version: '1.0.0' }], 'warning', '1 running: 1.0.0, but this command is 2.0.0'],
  ])('gateways: %s', (_, processes, state, detail) => {
    expect(ofReplicas(processes, '2.0.0')).toEqual({ state, detail });
  });

  it('a store that is slow, though it answers', async () => {
    expect(ofLatency('answers', 19, 20)).toEqual({ state: 'ok', detail: 'answers in 19.0 ms' });
    expect(ofLatency('answers', 21, 20)).toMatchObject({ state: 'warning' });
    let asked = 0;
    expect(await medianMs(() => Promise.resolve((asked += 1)))).toBeLessThan(1_000);
    expect(asked).toBe(6);
  });

  it('what fails, without what the failure said', async () => {
    const failed = await examine('a thing', () => Promise.reject(new Error('postgres://app:secret@db')));
    expect(failed).toEqual({ name: 'a thing', state: 'failed', detail: 'did not answer' });
    expect(await examine('a thing', () => Promise.resolve(well('is there')))).toMatchObject({ state: 'ok' });
  });
});

describe('the ways that doctor looks at', () => {
  const upstream = new ScriptedUpstream();
  beforeAll(() => upstream.start());
  afterAll(() => upstream.stop());
  const found = (addresses: readonly string[]) =>
    new Ways(
      { ...PLACES, UPSTREAM_BASE_URL: upstream.url, OAUTH_ISSUER_URL: 'http://127.0.0.1:9' },
      { addresses: (host) => Promise.resolve(host === 'db.internal' ? addresses : ['10.0.0.1']) },
    ).look();

  it('are those to names, of Sentinels too, and none to an address', () => {
    expect(namesIn(PLACES)).toEqual(['chatgpt.com', 'db.internal', 'sentinel-a', 'sentinel-b']);
    const { DATABASE_URL, REDIS_URL, ...upstreams } = PLACES;
    expect([DATABASE_URL, REDIS_URL, namesIn(upstreams)]).toEqual([
      expect.any(String),
      expect.any(String),
      ['chatgpt.com'],
    ]);
  });

  it('are told apart: a name that nobody knows, an upstream that answers, one that does not', async () => {
    expect((await found([])).map(({ name, state, detail }) => [name, state, detail])).toEqual([
      ['DNS', 'failed', 'no address for db.internal'],
      ['upstream', 'ok', expect.stringMatching(/ answered \d{3} in \d+ ms$/)],
      ['OAuth issuer', 'failed', 'did not answer'],
    ]);
    expect((await found(['10.0.0.1']))[0]).toMatchObject({ state: 'ok' });
  });
});
