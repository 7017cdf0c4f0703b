import { GatewayError, type PoolPolicy } from '../../core/index.js';
import { modelName } from '../translation/model-name.js';

/** Names of the backend's own models: a pattern that fits everything is not meant for them. */
const CODEX = /^(?:gpt|codex|o\d)(?:-|$)/;
const CLAUDE = /^(?:anthropic\/)?claude\b/;

/**
 * The model that serves what an Anthropic client asks for. The Pool's map says it, first entry first; the backend's own
 * names pass. A Claude name that the map leaves out is served by nobody: which model stands in for it is the Pool's to say.
 *
 * @throws GatewayError `model_not_found`, or `invalid_request` where there is no name
 */
export function servedModel(
  given: unknown,
  { anthropicModels, ...pool }: Pick<PoolPolicy, 'anthropicModels' | 'defaultModel'>,
): string {
  const asked = modelName(given, pool);
  const name = asked.toLowerCase();
  const isCodex = CODEX.test(name);
  for (const [pattern, model] of anthropicModels) {
    if (isCodex && pattern.startsWith('*')) continue;
    if (globFits(pattern.toLowerCase(), name)) return model;
  }
  if (!CLAUDE.test(name)) return asked;
  throw new GatewayError('model_not_found', `model: ${asked.slice(0, 100)} is not served here`, { param: 'model' });
}

/** `*` stands for any text, also none. */
function globFits(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  const end = name.length - last.length;
  return rest.every((piece) => {
    const found = name.indexOf(piece, at);
    at = found + piece.length;
    return found !== -1 && at <= end;
  });
}
