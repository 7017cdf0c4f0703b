import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { SharedState } from '../../src/platform/shared-state/index.js';
import type { TestGateway } from './gateway.js';
import type { RecordedSpan } from './recorded-spans.js';

/** A place and all the text that was found there; bytes are in hexadecimal, so that nothing is lost. */
export type Texts = ReadonlyMap<string, string>;

interface Kept {
  readonly gateway: TestGateway;
  /** Absent: the gateway has none. */
  readonly redisUrl: string | undefined;
  /** What it logged. */
  readonly lines: readonly string[];
  readonly spans: readonly RecordedSpan[];
}

/** Everything that a gateway leaves behind: in its stores, in the state that it shares, in its logs and traces. */
export async function everyText({ gateway, redisUrl, lines, spans }: Kept): Promise<Texts> {
  const traced = spans.map(({ name, attributes, events, links, status, resource }) =>
    JSON.stringify({ name, attributes, events, links, status, resource: resource.attributes }),
  );
  return new Map([
    ...(await databaseTexts(gateway.database())),
    ...(redisUrl === undefined ? [['shared state', heldBy(gateway)] as const] : await redisTexts(redisUrl)),
    ['logs', lines.join('\n')],
    ['spans', traced.join('\n')],
  ]);
}

/** What a process keeps for itself that has no Redis. */
const heldBy = (gateway: TestGateway): string =>
  inspect(gateway.get(SharedState), { depth: 10, maxArrayLength: null, maxStringLength: null, showHidden: true });

const COLUMNS = `
  SELECT format('%I.%I', table_schema, table_name) AS "table", format('%I', column_name) AS "column"
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
   WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`;

/** Every column of every table in every schema, with all its values. */
export async function databaseTexts(database: DataSource): Promise<Texts> {
  const columns = await database.query<{ table: string; column: string }[]>(COLUMNS);
  const texts = new Map<string, string>();
  for (const { table, column } of columns) {
    const [row] = await database.query<{ text: string | null }[]>(
      `SELECT string_agg(${column}::text, E'\\n') AS text FROM ${table}`,
    );
    texts.set(`${table}.${column}`, row?.text ?? '');
  }
  return texts;
}

/** Every key of every type, its name and its whole value. */
export async function redisTexts(url: string): Promise<Texts> {
  const client = new Redis(url);
  try {
    const texts = new Map<string, string>();
    for (const key of await client.keys('*')) texts.set(key, `${key}\n${flat(await valueOf(client, key))}`);
    return texts;
  } finally {
    client.disconnect();
  }
}

async function valueOf(client: Redis, key: string): Promise<unknown> {
  switch (await client.type(key)) {
    case 'string':
      return client.getBuffer(key);
    case 'list':
      return client.lrangeBuffer(key, 0, -1);
    case 'hash':
      return Object.entries(await client.hgetallBuffer(key));
    case 'set':
      return client.smembersBuffer(key);
    case 'zset':
      return client.zrangeBuffer(key, 0, -1);
    case 'stream':
      return client.xrangeBuffer(key, '-', '+');
    case 'none':
      return []; // it went away since it was listed
    default:
      throw new Error(`A key of an unknown type: ${key}`);
  }
}

/** Strings as they are, buffers as text and as hexadecimal. */
function flat(value: unknown): string {
  if (Buffer.isBuffer(value)) return `${value.toString('latin1')} ${value.toString('hex')}`;
  return Array.isArray(value) ? value.map(flat).join('\n') : String(value);
}

/**
 * Everything that a secret may look like in a text: itself, and in both alphabets of base64 at each of the three places
 * that it can have within the encoded bytes; each of these as it is and in hexadecimal.
 */
function formsOf(secret: string): readonly string[] {
  const encoded = [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.from(' '.repeat(before) + secret);
    const whole = Math.floor(bytes.length / 3) * 4;
    const own = (text: string) => text.slice(before === 0 ? 0 : 4, whole);
    return [own(bytes.toString('base64')), own(bytes.toString('base64url'))];
  });
  const texts = [secret, ...new Set(encoded)];
  return [...texts, ...texts.map((text) => Buffer.from(text).toString('hex'))];
}

/** Where any of the secrets shows: `name of the secret in place`. */
export function sightings(secrets: ReadonlyMap<string, string>, texts: Texts): string[] {
  const lowered = [...texts].map(([place, text]) => [place, text.toLowerCase()] as const);
  return [...secrets].flatMap(([name, secret]) => {
    const forms = formsOf(secret).map((form) => form.toLowerCase());
    return lowered.flatMap(([place, text]) => (forms.some((form) => text.includes(form)) ? `${name} in ${place}` : []));
  });
}
