import { z } from 'zod';
import { loginProblem, type LoginFlowView } from '../../upstream/index.js';
import { VOLATILE } from '../version.js';
import { isoOf } from './account-view.js';

const STATUSES = ['pending', 'exchanging', 'completed', 'failed', 'cancelled', 'expired'] as const;

/** A login on its way, with all that is needed to go on with it. */
export const loginView = z.object({
  id: z.uuid(),
  kind: z.enum(['browser', 'device']),
  purpose: z.enum(['link', 'relink']),
  label: z.string().describe("the account's name, or its name to be"),
  poolId: z.uuid().nullable().describe('the Pool that the account is to serve'),
  accountId: z.uuid().nullable().describe('whose login is to be replaced'),
  status: z.enum(STATUSES),
  authorizeUrl: z.string().nullable().describe('where to sign in, as long as a browser may be sent there'),
  userCode: z.string().nullable().describe('what to type at verificationUri'),
  verificationUri: z.string().nullable(),
  pollAfter: z.iso.datetime().nullable().describe('when the provider may be asked again'),
  expiresAt: z.iso.datetime(),
  resultAccountId: z.uuid().nullable().describe('the account that it came to'),
  errorCode: z.string().nullable(),
  problem: z.string().nullable().describe('why it came to nothing'),
  createdAt: z.iso.datetime(),
});

VOLATILE.add(loginView, { fields: ['pollAfter'] });

export type LoginView = z.output<typeof loginView>;

export const loginViewOf = (flow: LoginFlowView): LoginView => ({
  id: flow.id,
  kind: flow.kind,
  purpose: flow.purpose,
  label: flow.label,
  poolId: flow.poolId ?? null,
  accountId: flow.accountId ?? null,
  status: flow.status,
  authorizeUrl: flow.authorizeUrl ?? null,
  userCode: flow.userCode ?? null,
  verificationUri: flow.verificationUri ?? null,
  pollAfter: isoOf(flow.pollAfterMs),
  expiresAt: new Date(flow.expiresAtMs).toISOString(),
  resultAccountId: flow.resultAccountId ?? null,
  errorCode: flow.errorCode ?? null,
  problem: problemOf(flow),
  createdAt: new Date(flow.createdAtMs).toISOString(),
});

/** Of one that is over, in words for its operator. */
const problemOf = ({ status, errorCode }: Pick<LoginFlowView, 'status' | 'errorCode'>): string | null =>
  status === 'failed' || status === 'expired' ? loginProblem(errorCode) : null;
