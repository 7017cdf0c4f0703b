import { Answer, framed } from './frames.mjs';
import { paced } from './pace.mjs';

/** What the backend says of an account's quota on every answer to a model call. */
export const QUOTA = {
  'x-codex-primary-used-percent': '12',
  'x-codex-primary-window-minutes': '300',
  'x-codex-primary-reset-at': String(Math.floor(Date.now() / 1000) + 9_000),
  'x-codex-secondary-used-percent': '7',
  'x-codex-secondary-window-minutes': '10080',
  'x-codex-secondary-reset-at': String(Math.floor(Date.now() / 1000) + 400_000),
  'x-codex-active-limit': 'codex',
};

/** Answers one model call over HTTP, once its body is here. */
export function answerStream(request, response, plan) {
  request.resume();
  request.once('end', () => {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      ...QUOTA,
    });
    if (plan.paceMs === 0) response.cork();
    const giveUp = paced(
      new Answer(plan),
      (data) => response.write(framed(data)),
      () => response.end(),
    );
    if (plan.paceMs === 0) response.uncork();
    response.once('close', giveUp);
  });
}
