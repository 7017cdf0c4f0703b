/** The provider's own error codes and types, by what they mean for us. */

/** The account's usage is spent, or its plan never held any. */
export const QUOTA: ReadonlySet<string> = new Set([
  'usage_limit_reached',
  'usage_limit_exceeded',
  'usage_not_included',
  'insufficient_quota',
  'organization_spend_limit_exceeded',
  'workspace_owner_credits_depleted',
  'workspace_member_credits_depleted',
  'workspace_owner_usage_limit_reached',
  'workspace_member_usage_limit_reached',
]);

export const OVERLOADED: ReadonlySet<string> = new Set(['server_is_overloaded', 'overloaded_error', 'slow_down']);

/** The account does not serve the model. */
export const MODEL_MISSING: ReadonlySet<string> = new Set(['model_not_found', 'model_not_available']);

/** Refusals of what the request says, whatever status they come with: the next account would say the same. */
export const ABOUT_THE_REQUEST: ReadonlySet<string> = new Set([
  'context_length_exceeded',
  'cyber_policy',
  'invalid_previous_response_id',
  'invalid_prompt',
  'invalid_request',
  'invalid_request_error',
  'misalignment_policy_violation',
  'missing_required_parameter',
  'previous_response_not_found',
  'unsupported_input_image_format',
  'unsupported_parameter',
  'unsupported_value',
]);

/** The credentials are not taken; other words for a 401. */
export const UNAUTHORIZED: ReadonlySet<string> = new Set([
  'invalid_api_key',
  'invalid_authentication',
  'token_expired',
  'token_invalidated',
]);

/** The account itself is gone. */
export const ACCOUNT_GONE: ReadonlySet<string> = new Set(['deactivated_workspace', 'account_deactivated']);

export const has = (set: ReadonlySet<string>, tokens: readonly string[]): boolean =>
  tokens.some((token) => set.has(token));
