import { addressBlock } from '../../core/index.js';
import type { Config } from '../../platform/config/index.js';
import {
  ADDRESS_SOURCES,
  MAX_FORWARDED_DEPTH,
  type AddressSource,
  type Forwarding,
} from '../../platform/http/index.js';
import { KeyRefused } from '../key-refused.js';
import type { IngressSettingsRow } from './ingress-settings.entity.js';

/** Blocks of addresses. Empty: everybody. `nobody`: what is written there cannot be understood. */
export type AllowList = readonly string[] | 'nobody';

/** From which addresses the gateway may be called, and how it knows them. */
export interface IngressSettings extends Forwarding {
  /** Of the native routes, `/v1` and `/mcp`. */
  readonly allowList: AllowList;
  /** Of the operators' API. */
  readonly operatorAllowList: AllowList;
  /** Grows with every change by an operator; 0: there was none. */
  readonly version: number;
}

/** What operators may set. `null`: as the environment says; absent: as it is. */
export interface IngressChange {
  readonly allowList?: readonly string[] | null;
  readonly operatorAllowList?: readonly string[] | null;
  readonly trustedProxies?: readonly string[] | null;
  readonly source?: AddressSource | null;
  readonly depth?: number | null;
}

export type IngressEnvironment = Pick<
  Config,
  'CLIENT_IP_SOURCE' | 'FORWARDED_DEPTH' | 'IP_ALLOW_LIST' | 'OPERATOR_IP_ALLOW_LIST' | 'TRUSTED_PROXIES'
>;

/** What may be set, by the names that operators know. */
export const INGRESS_FIELDS = ['allowList', 'operatorAllowList', 'trustedProxies', 'source', 'depth'] as const;
export type IngressField = (typeof INGRESS_FIELDS)[number];

type IngressValues = Pick<IngressSettingsRow, IngressField | 'version'>;

const MAX_ENTRIES = 1_000;
const UNSET = {
  allowList: null,
  operatorAllowList: null,
  trustedProxies: null,
  source: null,
  depth: null,
  version: 0,
} satisfies IngressValues;

/** The rules as they are, or would be, and which of them operators have set. */
export interface IngressOutlook {
  readonly settings: IngressSettings;
  readonly set: readonly IngressField[];
}

/** What a row would be with a change. @throws KeyRefused for what is no rule */
export function changedRow(row: IngressSettingsRow | null, change: IngressChange): IngressValues {
  columnsOf(change);
  const { allowList, operatorAllowList, trustedProxies, source, depth, version } = row ?? UNSET;
  const said = Object.entries(change).filter(([, value]) => value !== undefined);
  const before = { allowList, operatorAllowList, trustedProxies, source, depth, version };
  return { ...before, ...(Object.fromEntries(said) as Partial<IngressValues>) };
}

/** The names of what operators have set. */
export const setIn = (row: IngressValues): IngressField[] => INGRESS_FIELDS.filter((name) => row[name] !== null);

/** What holds: where no operator has set anything, the environment. */
export function settingsOf(row: IngressValues | null, environment: IngressEnvironment): IngressSettings {
  const { allowList, operatorAllowList, trustedProxies, source, depth, version } = row ?? UNSET;
  const proxies = blocksOf(trustedProxies ?? environment.TRUSTED_PROXIES);
  // Without knowing our proxies nobody's address is known.
  const listed = (given: readonly string[]): AllowList => (proxies && blocksOf(given)) ?? 'nobody';
  return {
    allowList: listed(allowList ?? environment.IP_ALLOW_LIST),
    operatorAllowList: listed(operatorAllowList ?? environment.OPERATOR_IP_ALLOW_LIST),
    trustedProxies: proxies ?? [],
    source: source ?? environment.CLIENT_IP_SOURCE,
    depth: depth ?? environment.FORWARDED_DEPTH,
    version,
  };
}

/** `undefined` when one of them is no block: a list with a hole in it is none. */
function blocksOf(given: readonly string[]): readonly string[] | undefined {
  const blocks = given.map(addressBlock);
  return blocks.every((block) => block !== undefined) ? [...new Set(blocks)] : undefined;
}

/** What a change sets, by column. @throws KeyRefused for what is no rule */
export function columnsOf(change: IngressChange): readonly (readonly [column: string, value: unknown])[] {
  const { allowList, operatorAllowList, trustedProxies, source, depth } = change;
  if (source !== undefined && source !== null && !ADDRESS_SOURCES.includes(source)) {
    throw new KeyRefused(`The source of addresses is one of ${ADDRESS_SOURCES.join(', ')}.`);
  }
  if (depth !== undefined && depth !== null && !isDepth(depth)) {
    throw new KeyRefused(`The depth is a whole number from 0 to ${MAX_FORWARDED_DEPTH}.`);
  }
  const columns: [string, unknown][] = [
    ['allow_list', listed(allowList)],
    ['operator_allow_list', listed(operatorAllowList)],
    ['trusted_proxies', listed(trustedProxies)],
    ['source', source],
    ['depth', depth],
  ];
  return columns.filter(([, value]) => value !== undefined);
}

const isDepth = (depth: number): boolean => Number.isInteger(depth) && depth >= 0 && depth <= MAX_FORWARDED_DEPTH;

function listed(given: readonly string[] | null | undefined): readonly string[] | null | undefined {
  if (given === undefined || given === null) return given;
  if (given.length > MAX_ENTRIES) throw new KeyRefused(`A list has at most ${MAX_ENTRIES} entries.`);
  return [...new Set(given.map((text) => addressBlock(text) ?? refuse(text)))];
}

function refuse(text: string): never {
  throw new KeyRefused(
    `"${text.slice(0, 60)}" is no address and no CIDR block, such as 192.0.2.0/24 or 2001:db8::/32.`,
  );
}
