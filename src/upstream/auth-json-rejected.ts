/** Why a Codex login file cannot become an account, in words for the operator. No sentence quotes the file. */
export const AUTH_JSON_REASONS = {
  too_large: 'the file is larger than 64 KiB',
  invalid_json: 'the file is not JSON',
  not_an_object: 'the file is not a JSON object',
  api_key_only: 'the file holds an API key and no ChatGPT login',
  personal_access_token: 'the file holds a personal access token; sign in with ChatGPT instead',
  unsupported_auth_mode: 'its auth_mode is not "chatgpt"',
  no_access_token: 'the file holds no access token',
  unparsable_token: 'one of its tokens is not a readable JWT',
  expired_without_refresh_token: 'its access token has expired and there is no refresh token',
  account_mismatch: 'its tokens belong to different accounts',
} as const;

export type AuthJsonReason = keyof typeof AUTH_JSON_REASONS;

/** A login file that was refused. Holds no part of the file. */
export class AuthJsonRejected extends Error {
  override readonly name = 'AuthJsonRejected';

  constructor(readonly reason: AuthJsonReason) {
    super(`The login file was refused: ${AUTH_JSON_REASONS[reason]}.`);
  }
}
