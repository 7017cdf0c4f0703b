import fc from 'fast-check';
import { auditDetails, fingerprint } from './audit-details.js';

const SECRET = 'sk-cxp-0123456789ab-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ';

describe('the details of an event', () => {
  it('have fingerprints in the place of secrets, by name, at any depth', () => {
    const details = auditDetails(
      { after: [{ token: 'abc', label: 'ci', refresh_token: null, url: 'x' }] },
      new Set(['url']),
    );
    expect(details).toEqual({
      after: [{ token: fingerprint('abc'), label: 'ci', refresh_token: null, url: fingerprint('x') }],
    });
    expect(fingerprint('abc')).toBe('sha256:ba7816bf8f01');
  });

  it.each([
    SECRET,
    `Bearer abc`,
    'sk-proj-abcdefghijklmnopqrstuvwx',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjF9',
    'redis://u:p@h',
  ])('have no credential under whatever name: %s', (secret) => {
    expect(JSON.stringify(auditDetails({ note: `x ${secret}`, [secret]: 1 }))).not.toContain(secret);
  });

  it('keep the prefix of a key, which is none', () => {
    expect(auditDetails({ prefix: 'sk-cxp-0123456789ab' })).toEqual({ prefix: 'sk-cxp-0123456789ab' });
  });

  it('are JSON that PostgreSQL takes, whatever they were made of', () => {
    fc.assert(
      fc.property(fc.object({ withDate: true, withBigInt: true, withNullPrototype: true }), (given) => {
        const text = JSON.stringify(auditDetails(given));
        expect(text).not.toMatch(/\\u0000|\\ud[89a-f]/);
        expect(JSON.stringify(auditDetails(JSON.parse(text) as object))).toBe(text);
      }),
    );
  });
});
