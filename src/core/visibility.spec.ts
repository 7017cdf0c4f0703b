import { SseFramer } from './sse.js';
import { isVisible } from './visibility.js';

const visible = (text: string) => new SseFramer().push(Buffer.from(text))?.events.map(isVisible);

describe('isVisible', () => {
  it.each([
    'keepalive',
    'codex.rate_limits',
    'codex.response.metadata',
    'response.metadata',
    'response.created',
    'response.in_progress',
    'response.queued',
  ])('hides %s (trap 12)', (type) => {
    expect(visible(`data: {"type":"${type}"}\n\n`)).toEqual([false]);
  });

  it.each([': keep-alive\n\n', 'data: [DONE]\n\n', 'id: 1\n\n', 'data: not json\n\n'])('hides %j', (text) => {
    expect(visible(text)).toEqual([false]);
  });

  it.each([
    'data: {"type":"response.output_text.delta"}\n\n',
    'data: {"type":"response.completed"}\n\n',
    'data: {"type":"error"}\n\n',
    'data: {"type":"response.something_new"}\n\n',
    'data: {"id":"resp_1","output":[]}\n\n',
  ])('shows %j', (text) => {
    expect(visible(text)).toEqual([true]);
  });
});
