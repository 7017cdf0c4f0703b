import { AccountRefused } from './account-refused.js';
import type { CodexLogin } from './codex-login.js';

/** Who an account is to its provider; null: not known. */
export interface Identity {
  readonly external_account_id: string | null;
  readonly external_user_id: string | null;
  readonly external_workspace_id: string | null;
}

/**
 * Which of the accounts of one provider account and user a login belongs to. Each workspace has its own; one that was
 * taken over before its workspace was known becomes that of the first workspace that is told.
 *
 * @param held all there are, oldest first
 * @returns undefined when the login has no account yet
 * @throws AccountRefused `identity_conflict` when the login names no workspace and there are several
 */
export function slotOf<Held extends Identity>(
  held: readonly Held[],
  { externalWorkspaceId: workspace }: Pick<CodexLogin, 'externalWorkspaceId'>,
): Held | undefined {
  const unknown = held.find((account) => account.external_workspace_id === null);
  if (workspace !== undefined) {
    return held.find((account) => account.external_workspace_id === workspace) ?? unknown;
  }
  if (unknown === undefined && held.length > 1) throw new AccountRefused('identity_conflict');
  return unknown ?? held[0];
}

/** Whether a login can take the place of an account's: a workspace that either of them does not know is no obstacle. */
export const isSameIdentity = (account: Identity, login: CodexLogin): boolean =>
  account.external_account_id === (login.externalAccountId ?? null) &&
  account.external_user_id === (login.externalUserId ?? null) &&
  (account.external_workspace_id === null ||
    login.externalWorkspaceId === undefined ||
    account.external_workspace_id === login.externalWorkspaceId);
