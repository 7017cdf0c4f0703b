import { z } from 'zod';
import { explanationView } from '../../control/index.js';
import { tool } from '../tool.js';
import { poolMeant } from './asked.js';
import { candidates, FOUND, instant, instantOrNone, selector, text, textOrNone } from './fields.js';

const SHOWN = 50;

const may = z.strictObject({ id: z.string(), account_label: text, quota: z.string() });
const mayNot = z.strictObject({
  id: z.string(),
  account_label: text,
  reason: z.string(),
  also: z.array(z.string()),
  clears_at: instantOrNone,
});

const route = z.strictObject({
  status: FOUND.describe('of the Pool that was named'),
  pool_slug: z.string().nullable(),
  requested_model: z.string(),
  served_as: z.string().nullable().describe('the model that the key has in its place'),
  at: instantOrNone,
  strategy: z.string().nullable(),
  evidence_policy: z.string().nullable(),
  candidates_in_order: z.array(may).describe('the accounts that may serve, the best first'),
  excluded: z.array(mayNot).describe('those that may not, and why'),
  refusal: z
    .strictObject({ status: z.int(), code: z.string(), resets_at: instant.optional(), waits_ms: z.number().optional() })
    .nullable()
    .describe('what a client would be told; null: somebody may serve'),
  candidates,
  message: textOrNone,
});

export const explainRoute = tool({
  name: 'explain_route',
  title: 'Explain a route',
  description: 'Which accounts of a Pool would serve a call of a model now, in which order, and why not the others.',
  effect: 'reads',
  input: z.strictObject({
    pool_id: selector('id, slug or name of the Pool'),
    model: z.string().trim().min(1).max(200),
    api_key: z.string().trim().min(1).max(200).optional().describe('label or prefix of the key that calls'),
  }),
  output: route,
  run: async ({ pool_id, model, api_key: key }, call) => {
    const pool = await poolMeant(call, pool_id);
    if (pool?.status !== 'ok') {
      const message = 'Say by its id which Pool is meant.';
      return { text: message, content: { ...NOWHERE, ...(pool ?? MISSING), requested_model: model, message } };
    }
    const asked = { pool: pool.thing.slug, model, ...(key && { key }) };
    const told = explanationView.parse(await call.ask('explain.route', asked));
    const { decision, answer } = told;
    const content: z.input<typeof route> = {
      status: 'ok',
      pool_slug: told.pool.slug,
      requested_model: told.model,
      served_as: told.servedAs ?? null,
      at: decision.at,
      strategy: decision.strategy,
      evidence_policy: decision.evidence,
      candidates_in_order: decision.candidates.slice(0, SHOWN).map(mayOf),
      excluded: decision.exclusions.slice(0, SHOWN).map(mayNotOf),
      refusal: answer ? refusalOf(answer) : null,
      candidates: [],
      message: null,
    };
    return { text: answer ? `It would be refused: ${answer.code}.` : 'Somebody may serve it.', content };
  },
});

const MISSING = { status: 'not_found' as const, candidates: [] };
const NOWHERE = {
  pool_slug: null,
  served_as: null,
  at: null,
  strategy: null,
  evidence_policy: null,
  candidates_in_order: [],
  excluded: [],
  refusal: null,
};

type Explained = z.output<typeof explanationView>;
type Decision = Explained['decision'];

const mayOf = ({ account, label, quota }: Decision['candidates'][number]) => ({
  id: account,
  account_label: label,
  quota,
});

const mayNotOf = ({ account, label, reason, also = [], clearsAt }: Decision['exclusions'][number]) => ({
  id: account,
  account_label: label,
  reason,
  also,
  clears_at: clearsAt ?? null,
});

const refusalOf = ({ status, code, resetsAt, waitsMs }: NonNullable<Explained['answer']>) => ({
  status,
  code,
  ...(resetsAt === undefined ? {} : { resets_at: resetsAt }),
  ...(waitsMs === undefined ? {} : { waits_ms: waitsMs }),
});
