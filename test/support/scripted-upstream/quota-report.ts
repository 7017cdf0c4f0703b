/** One usage window of an account. */
export interface Window {
  usedPercent: number;
  windowMinutes: number;
  /** Unix time in milliseconds. */
  resetsAtMs: number;
}

/** An account, as far as its usage goes. */
interface Used {
  readonly primary: Window;
  readonly secondary: Window | undefined;
  readonly login: { readonly plan: string };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** The account's windows as the backend puts them on every answer to a model call. */
export function quotaHeaders(account: Used): Record<string, string> {
  return {
    ...windowHeaders('primary', account.primary),
    ...(account.secondary === undefined ? {} : windowHeaders('secondary', account.secondary)),
    'x-codex-active-limit': 'codex',
    'x-codex-credits-has-credits': 'False',
    'x-codex-credits-unlimited': 'False',
  };
}

const windowHeaders = (slot: string, window: Window): Record<string, string> => ({
  [`x-codex-${slot}-used-percent`]: String(window.usedPercent),
  [`x-codex-${slot}-window-minutes`]: String(window.windowMinutes),
  [`x-codex-${slot}-reset-at`]: String(seconds(window.resetsAtMs)),
});

/** The body of `GET /backend-api/wham/usage`. */
export function usageBody(account: Used, nowMs: number): object {
  const windows = [account.primary, account.secondary];
  const spent = windows.some((window) => window !== undefined && window.usedPercent >= 100);
  return {
    plan_type: account.login.plan,
    rate_limit: {
      allowed: !spent,
      limit_reached: spent,
      primary_window: windowBody(account.primary, nowMs),
      secondary_window: account.secondary === undefined ? null : windowBody(account.secondary, nowMs),
    },
    credits: { has_credits: false, unlimited: false, balance: null },
    additional_rate_limits: [],
    rate_limit_reset_credits: { available_count: 0 },
  };
}

const windowBody = (window: Window, nowMs: number): object => ({
  used_percent: window.usedPercent,
  limit_window_seconds: window.windowMinutes * 60,
  reset_after_seconds: Math.max(0, seconds(window.resetsAtMs - nowMs)),
  reset_at: seconds(window.resetsAtMs),
});
