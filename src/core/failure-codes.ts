/** The words in which a Responses failure says what it is: codes and types alike. */

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

/** Refusals of what the request says, whatever status they come with: the next account would say the same. */
export const ABOUT_THE_REQUEST: ReadonlySet<string> = new Set([
  'context_length_exceeded',
  'cyber_policy',
  'image_content_policy_violation',
  'invalid_image',
  'invalid_image_format',
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

export const has = (set: ReadonlySet<string>, tokens: readonly string[]): boolean =>
  tokens.some((token) => set.has(token));
