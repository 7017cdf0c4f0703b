import { z } from 'zod';
import { tool } from '../tool.js';
import { instant, instantOrNone, limitOf, poolSelector, selector, text } from './fields.js';
import { detail, detailOf, findNamed } from './found.js';

const status = z.enum(['pending', 'accepted', 'revoked', 'expired']);
const invite = z.strictObject({
  id: z.uuid(),
  pool_ids: z.array(z.uuid()),
  status,
  recipient_email: text,
  created_at: instant,
  expires_at: instantOrNone,
  accepted_at: instantOrNone,
  revoked_at: instantOrNone,
});

/** Operators are let in by tokens: nobody is invited, so there is nothing that could be listed. */
const INVITES: readonly z.input<typeof invite>[] = [];

const email = z.string().trim().min(1).max(300).optional();
const filters = { status: status.optional(), pool_id: poolSelector, email };

export const listInvites = tool({
  name: 'list_invites',
  title: 'Invites',
  description: 'Invites of operators. Operators are let in by tokens here, so there are none: the list is empty.',
  effect: 'reads',
  input: z.strictObject({ limit: limitOf(100, 50), ...filters }),
  output: z.strictObject({
    invites: z.array(invite),
    total: z.int(),
    limit: z.int(),
    filters: z.strictObject({ ...filters, email: text.optional() }),
  }),
  run: ({ limit, ...asked }) =>
    Promise.resolve({
      text: 'There are no invites: operators are let in by tokens.',
      content: { invites: [...INVITES], total: INVITES.length, limit, filters: asked },
    }),
});

export const getInvite = tool({
  name: 'get_invite',
  title: 'An invite',
  description: 'One invite. Operators are let in by tokens here, so there are none.',
  effect: 'reads',
  input: z.strictObject({ selector: selector('its id') }),
  output: detailOf('invite', invite),
  run: ({ selector: wanted }) =>
    detail(
      'invite',
      findNamed(INVITES, wanted, ({ id }) => ({ id, label: id, names: [] })),
      (found) => found,
    ),
});
