import type { LimitsView, LimitView, UsedView } from '../../control/index.js';

const WORDS = {
  requestsPerMinute: 'requests per minute',
  tokensPerDay: 'tokens per day',
  tokensPerWeek: 'tokens per week',
  maxInputTokens: 'input tokens per call',
  maxOutputTokens: 'output tokens per call',
  usdPerDay: 'USD per day',
  usdPerWeek: 'USD per week',
  usdPerMonth: 'USD per month',
} as const;

/** Limits for people, one set of them a line. */
export function limitLines(limits: readonly LimitView[]): readonly string[] {
  if (limits.length === 0) return ['  no limits'];
  return limits.map((limit) => {
    const said = (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((name) =>
      limit[name] === null ? [] : [`${limit[name]} ${WORDS[name]}`],
    );
    const warned = limit.warnPercent === null ? [] : [`warned from ${limit.warnPercent} % on`];
    return `  ${limit.model ?? 'all models'}: ${[...said, ...warned].join(', ')}`;
  });
}

/** What is used of limits and what is left of them, for people; of those that count something. */
export const usedLines = (used: readonly UsedView[]): readonly string[] =>
  used.filter(({ window }) => window !== 'request').map(lineOf);

function lineOf({ limit, model, max, current, reserved, remaining, resetsAt }: UsedView): string {
  const said = [
    `${current} of ${max} used`,
    ...(Number(reserved) === 0 ? [] : [`${reserved} reserved by running calls`]),
    `${remaining} left`,
    ...(resetsAt === null ? [] : [`more from ${resetsAt} on`]),
  ];
  return `    ${limit}${model === null ? '' : ` of ${model}`}: ${said.join(', ')}`;
}

/** Limits for machines: what is not limited is absent, money is in nano-USD. */
export const limitRecords = ({ scope, id, limits }: Pick<LimitsView, 'scope' | 'id' | 'limits'>): readonly object[] =>
  limits.map(({ usdPerDay, usdPerWeek, usdPerMonth, ...same }) => {
    const values = {
      ...same,
      nanoUsdPerDay: nanoOf(usdPerDay),
      nanoUsdPerWeek: nanoOf(usdPerWeek),
      nanoUsdPerMonth: nanoOf(usdPerMonth),
    };
    return { scope, id, ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) };
  });

/** The same of what is used. */
export const usedRecords = (used: readonly UsedView[]): readonly object[] =>
  used.map(({ scope, warned, model, limit, window, max, current, reserved, remaining, resetsAt }) => ({
    scope,
    warned,
    ...(model !== null && { model }),
    limit,
    window,
    max: amountOf(max),
    current: amountOf(current),
    reserved: amountOf(reserved),
    remaining: amountOf(remaining),
    ...(resetsAt !== null && { resetsAtMs: Date.parse(resetsAt) }),
  }));

const NANO_DIGITS = 9;

const amountOf = (amount: number | string): number => (typeof amount === 'number' ? amount : (nanoOf(amount) ?? 0));

/** @param usd decimal, as operations have it */
function nanoOf(usd: string | null): number | null {
  if (usd === null) return null;
  const [whole = '', part = ''] = usd.split('.');
  return Number(whole + part.padEnd(NANO_DIGITS, '0'));
}
