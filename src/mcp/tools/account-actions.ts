import { z } from 'zod';
import { accountView, DRY_RUN } from '../../control/index.js';
import { tool, type Tool, type ToolCall } from '../tool.js';
import { candidates, FOUND, selector, text, textOrNone } from './fields.js';
import { accountMeant } from './upstreams.js';

const DONE = {
  pause: ['Pause an account', 'Send nothing through an account any more until it is resumed.'],
  resume: ['Resume an account', 'Send calls through an account again; its cooldowns are forgotten.'],
  drain: ['Drain an account', 'Let conversations of an account end, and send nothing else through it.'],
} as const;

const CONFIRM =
  'absent: only say what would come of it, and change nothing. Set it after that, when it is what is wanted';

const output = z.strictObject({
  status: FOUND,
  dry_run: z.boolean(),
  action: z.string(),
  account: z.strictObject({ id: z.uuid(), label: text }).nullable(),
  before: z.string().nullable(),
  after: z.string().nullable().describe('null: nothing was changed'),
  effects: z.array(text),
  candidates,
  message: textOrNone,
});

const tried = DRY_RUN.extend({ before: accountView });

/** What changes an account. Each is tried dry first; only then, and when it is told so, it is done. */
export const ACCOUNT_ACTIONS: readonly Tool[] = (['pause', 'resume', 'drain'] as const).map((action) =>
  tool({
    name: `${action}_account`,
    title: DONE[action][0],
    description: `${DONE[action][1]} Without confirm it changes nothing, and tells what would come of it.`,
    effect: 'writes',
    input: z.strictObject({
      selector: selector('id or label of the account'),
      confirm: z.boolean().default(false).describe(CONFIRM),
    }),
    output,
    run: async ({ selector: wanted, confirm }, call) => {
      const name = `accounts.${action}`;
      const found = await accountMeant(call, wanted);
      if (found.status !== 'ok') {
        const { status, candidates: like } = found;
        const nothing = { account: null, before: null, after: null, effects: [], dry_run: true, action };
        const message = 'Nothing was changed: say by its id which account is meant.';
        return { text: message, content: { ...nothing, status, candidates: like, message } };
      }
      const { id, label } = found.thing;
      const { before, effects } = tried.parse(await call.ask(name, { account: id }, { dryRun: true }));
      const after = confirm ? await done(call, name, id) : null;
      const message =
        after === null ? `Nothing was changed: with confirm, ${label} would be.` : `${label} is ${after}.`;
      const content = {
        status: 'ok' as const,
        dry_run: !confirm,
        action,
        account: { id, label },
        before: before.status,
      };
      return { text: message, content: { ...content, after, effects, candidates: [], message } };
    },
  }),
);

const done = async (call: ToolCall, name: string, account: string): Promise<string> =>
  accountView.parse(await call.ask(name, { account })).status;
