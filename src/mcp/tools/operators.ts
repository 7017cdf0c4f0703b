import { z } from 'zod';
import { tokenView, type TokenView } from '../../control/index.js';
import { tool } from '../tool.js';
import { everything, isLike } from './asked.js';
import { instant, instantOrNone, limitOf, query, selector, text } from './fields.js';
import { detail, detailOf, findNamed } from './found.js';

const status = tokenView.shape.status;

/** Who operates shows a token; there are no accounts of people beside that. */
const operator = z.strictObject({
  id: z.uuid(),
  display_name: text,
  status,
  created_at: instant,
  deleted_at: instantOrNone,
  mcp_enabled: z.boolean().describe('it is good here, and nowhere else'),
  mcp_key_count: z.int(),
  last_login_at: instantOrNone.describe('when it was used last'),
});

export const listOperators = tool({
  name: 'list_operators',
  title: 'Operators',
  description: 'Whoever holds a token for the operator API or for this endpoint. Only for tokens that see all Pools.',
  effect: 'reads',
  ownersOnly: true,
  input: z.strictObject({ limit: limitOf(100, 50), status: status.optional(), query }),
  output: z.strictObject({
    operators: z.array(operator),
    total: z.int(),
    limit: z.int(),
    filters: z.strictObject({ status: status.optional(), query: text.optional() }),
  }),
  run: async ({ limit, ...filters }, call) => {
    const fitting = (await everything(call, 'tokens.list', tokenView)).filter(
      (each) => (filters.status === undefined || each.status === filters.status) && isLike(filters.query, [each.label]),
    );
    const operators = fitting.slice(0, limit).map(operatorOf);
    return {
      text: `${operators.length} of ${fitting.length} operators.`,
      content: { operators, total: fitting.length, limit, filters },
    };
  },
});

export const getOperator = tool({
  name: 'get_operator',
  title: 'An operator',
  description: 'One holder of a token, by its id or label. Only for tokens that see all Pools.',
  effect: 'reads',
  ownersOnly: true,
  input: z.strictObject({ selector: selector('its id or label') }),
  output: detailOf('operator', operator),
  run: async ({ selector: wanted }, call) => {
    const all = await everything(call, 'tokens.list', tokenView);
    return detail(
      'operator',
      findNamed(all, wanted, ({ id, label }) => ({ id, label, names: [label] })),
      operatorOf,
    );
  },
});

const operatorOf = (each: TokenView): z.input<typeof operator> => {
  const mcp = each.kind === 'mcp' && each.status === 'active';
  return {
    id: each.id,
    display_name: each.label,
    status: each.status,
    created_at: each.createdAt,
    deleted_at: each.revokedAt,
    mcp_enabled: mcp,
    mcp_key_count: mcp ? 1 : 0,
    last_login_at: each.lastUsedAt,
  };
};
