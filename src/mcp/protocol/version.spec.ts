import { McpRefused, messageIn } from './message.js';
import { spokenIn, type VersionHeaders } from './version.js';
import { MODERN_VERSION } from './versions.js';

const NONE: VersionHeaders = { version: undefined, method: undefined, name: undefined };
const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
  'io.modelcontextprotocol/clientCapabilities': {},
};
const encoded = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`;

/** The version as it is taken, or the code of the refusal. */
function spoken(method: string, params: object, headers: Partial<VersionHeaders> = {}): unknown {
  try {
    return spokenIn(messageIn({ jsonrpc: '2.0', id: 1, method, params }), { ...NONE, ...headers });
  } catch (thrown) {
    if (thrown instanceof McpRefused) return thrown.refused.code;
    throw thrown;
  }
}

describe('a legacy message', () => {
  it.each<[string, object, string | undefined, unknown]>([
    ['initialize', { protocolVersion: '2025-06-18' }, undefined, '2025-06-18'],
    ['initialize', { protocolVersion: '2024-11-05' }, undefined, -32600],
    ['initialize', {}, undefined, -32600],
    ['tools/list', {}, undefined, '2025-11-25'],
    ['tools/list', {}, ' 2025-06-18 ', '2025-06-18'],
    ['tools/list', {}, '2024-11-05', -32600],
  ])('%s %j with the header %s', (method, params, version, wanted) => {
    const told = spoken(method, params, { version });
    expect(told).toEqual(typeof wanted === 'string' ? { era: 'legacy', version: wanted } : wanted);
  });
});

describe('a modern message', () => {
  const headers = { version: MODERN_VERSION, method: 'tools/call', name: 'a' };
  const call = (over: object = {}, said: Partial<VersionHeaders> = {}) =>
    spoken('tools/call', { name: 'a', _meta: META, ...over }, { ...headers, ...said });

  it('says in headers and body the same, which may be encoded', () => {
    const modern = { era: 'modern', version: MODERN_VERSION };
    expect(call()).toEqual(modern);
    expect(call({ name: 'ä' }, { name: encoded('ä'), method: encoded('tools/call') })).toEqual(modern);
  });

  it.each<[string, Partial<VersionHeaders>]>([
    ['version', { version: undefined }],
    ['version', { version: '2025-11-25' }],
    ['method', { method: 'tools/list' }],
    ['method', { method: undefined }],
    ['name', { name: 'b' }],
    ['name', { name: undefined }],
  ])('is refused when its %s is another: %j', (_, said) => {
    expect(call({}, said)).toBe(-32020);
  });

  it('is refused without what the client can do, and with a version that there is not', () => {
    const { 'io.modelcontextprotocol/clientCapabilities': _, ...less } = META;
    expect(call({ _meta: less })).toBe(-32602);
    expect(call({ _meta: {} })).toBe(-32602);
    const version = '2099-01-01';
    expect(call({ _meta: { ...META, 'io.modelcontextprotocol/protocolVersion': version } }, { version })).toBe(-32022);
    expect(call({ _meta: { ...META, 'io.modelcontextprotocol/protocolVersion': 7 } })).toBe(-32602);
  });
});
