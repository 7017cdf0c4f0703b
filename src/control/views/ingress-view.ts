import { z } from 'zod';
import { INGRESS_FIELDS, type IngressOutlook } from '../../auth/index.js';
import { ADDRESS_SOURCES, MAX_FORWARDED_DEPTH } from '../../platform/http/index.js';

const allowList = z.union([z.literal('nobody'), z.array(z.string())]);

/** From where the gateway may be called, and how it knows that. */
export const ingressView = z.object({
  allowList: allowList.describe('blocks that models and tools may be called from; empty: from everywhere'),
  operatorAllowList: allowList.describe('blocks that this API may be called from; empty: from everywhere'),
  trustedProxies: z.array(z.string()).describe('blocks of proxies that are believed'),
  source: z.enum(ADDRESS_SOURCES),
  depth: z.int(),
  set: z.array(z.enum(INGRESS_FIELDS)).describe('what operators have set; the rest is as the environment says'),
  version: z.int().describe('how often operators changed it'),
});

export type IngressView = z.output<typeof ingressView>;

const blocks = z.array(z.string().min(1).max(64)).max(1_000).nullable().optional();

/** What may be set; null: as the environment says. */
export const ingressChange = {
  allowList: blocks.describe('addresses and CIDR blocks; empty: everywhere; null: as the environment says'),
  operatorAllowList: blocks,
  trustedProxies: blocks,
  source: z.enum(ADDRESS_SOURCES).nullable().optional(),
  depth: z.int().min(0).max(MAX_FORWARDED_DEPTH).nullable().optional(),
};

export const ingressViewOf = ({ settings, set }: IngressOutlook): IngressView => ({
  allowList: listOf(settings.allowList),
  operatorAllowList: listOf(settings.operatorAllowList),
  trustedProxies: [...settings.trustedProxies],
  source: settings.source,
  depth: settings.depth,
  set: [...set],
  version: settings.version,
});

const listOf = (list: IngressOutlook['settings']['allowList']): IngressView['allowList'] =>
  list === 'nobody' ? list : [...list];
