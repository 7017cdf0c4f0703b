import { CLIENT_CAPABILITIES_META_KEY, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';
import { RPC, type Refused } from './json-rpc.js';
import { invalid, type McpRefused, type Message } from './message.js';
import { LEGACY_VERSIONS, MODERN_VERSION, type Era } from './versions.js';

/** Which version a message is of, and what that means. */
export interface Spoken {
  readonly era: Era;
  readonly version: string;
}

/** The three headers by which a message can be told apart without its body; absent: not sent. */
export interface VersionHeaders {
  readonly version: string | undefined;
  readonly method: string | undefined;
  readonly name: string | undefined;
}

/** How a header says what is no plain ASCII. Source: MCP 2026-07-28, standard request headers. */
const ENCODED = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;

const plain = (header: string | undefined): string | undefined => {
  const trimmed = header?.trim();
  const [, encoded] = ENCODED.exec(trimmed ?? '') ?? [];
  return encoded === undefined ? trimmed : Buffer.from(encoded, 'base64').toString();
};

/** @throws McpRefused when it is of no version that is spoken here, or says two things. Source: contract §13.3 */
export function spokenIn(message: Message, headers: VersionHeaders): Spoken {
  const meta = fieldsOf(message.params['_meta']);
  const claimed = meta[PROTOCOL_VERSION_META_KEY];
  const version = plain(headers.version);
  if (claimed !== undefined) return modern(message, meta, { ...headers, version });
  if (version !== MODERN_VERSION) return legacy(message, version);
  if (message.kind === 'request') throw of(message, 'The params of a request say which version they are of.');
  return { era: 'modern', version: MODERN_VERSION };
}

function legacy(message: Message, header: string | undefined): Spoken {
  if (header !== undefined && !LEGACY_VERSIONS.includes(header)) throw unknownLegacy(message);
  if (message.method !== 'initialize') return { era: 'legacy', version: header ?? LEGACY_VERSIONS[0] ?? '' };
  const { protocolVersion } = message.params;
  if (typeof protocolVersion !== 'string' || !LEGACY_VERSIONS.includes(protocolVersion)) throw unknownLegacy(message);
  return { era: 'legacy', version: protocolVersion };
}

function modern(message: Message, meta: Fields, headers: VersionHeaders): Spoken {
  const claimed = meta[PROTOCOL_VERSION_META_KEY];
  if (typeof claimed !== 'string') throw of(message, 'The version of a request is a string.');
  if (headers.version !== claimed) throw mismatch(message);
  if (claimed !== MODERN_VERSION) throw unsupported(message, claimed);
  const isRequest = message.kind === 'request';
  const agrees = (header: string | undefined, body: unknown): boolean =>
    header === undefined ? !isRequest : plain(header) === body;
  if (!agrees(headers.method, message.method)) throw mismatch(message);
  if (message.method === 'tools/call' && !agrees(headers.name, message.params['name'])) throw mismatch(message);
  if (isRequest && !isFields(meta[CLIENT_CAPABILITIES_META_KEY])) {
    throw of(message, 'The params of a request say what the client can do.');
  }
  return { era: 'modern', version: claimed };
}

const known = ({ id }: Message): Partial<Refused> => (id === undefined ? {} : { id });

const of = (message: Message, text: string): McpRefused =>
  invalid(text, { code: RPC.invalidParams, ...known(message) });

const unknownLegacy = (message: Message): McpRefused =>
  invalid('This protocol version is not supported.', known(message));

const mismatch = (message: Message): McpRefused =>
  invalid('The headers and the body of the request disagree.', { code: RPC.headerMismatch, ...known(message) });

/** Clients choose again by `supported`, and some want to see what they asked for. */
const unsupported = (message: Message, requested: string): McpRefused =>
  invalid('This protocol version is not supported.', {
    code: RPC.unsupportedVersion,
    data: { supported: [MODERN_VERSION], ...(/^\d{4}-\d{2}-\d{2}$/.test(requested) ? { requested } : {}) },
    ...known(message),
  });

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
