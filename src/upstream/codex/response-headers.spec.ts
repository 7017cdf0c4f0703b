import type { Operation } from '../../core/index.js';
import { visibleHeaders } from './response-headers.js';

const call = (operation: Operation = 'responses') => ({ operation, model: 'gpt-5.5' });

describe('the headers that a client may see', () => {
  it('are those a Codex client reads, and nothing else (trap 14)', () => {
    const received = {
      'content-type': 'text/event-stream',
      'x-codex-turn-state': 'ts',
      'x-reasoning-included': 'true',
      'x-codex-safety-buffering-enabled': 'true',
      'x-codex-safety-buffering-faster-model': 'gpt-5.5-mini',
      'x-request-id': 'req_1',
      'x-codex-primary-used-percent': '12',
      'set-cookie': ['a=1'],
      'content-length': '3',
      'content-encoding': 'gzip',
      server: 'cloudflare',
    };
    expect(visibleHeaders(received, call())).toEqual({
      'content-type': 'text/event-stream',
      'x-codex-turn-state': 'ts',
      'x-reasoning-included': 'true',
      'x-codex-safety-buffering-enabled': 'true',
      'x-codex-safety-buffering-faster-model': 'gpt-5.5-mini',
      'x-oai-request-id': 'req_1',
    });
  });

  it.each([
    [{ 'openai-model': 'GPT-5.5' }, 'GPT-5.5'],
    [{ 'x-openai-model': 'gpt-5.5' }, 'gpt-5.5'],
    [{ 'openai-model': 'gpt-5.4' }, undefined],
  ])('name the model only when it is the one that was asked for: %j', (received, expected) => {
    expect(visibleHeaders(received, call())['openai-model']).toBe(expected);
  });

  it.each([
    ['https://chatgpt.com/backend-api/codex/realtime/calls/rtc_1?token=x#y', '/backend-api/codex/realtime/calls/rtc_1'],
    ['/v1/realtime/calls/rtc_2', '/v1/realtime/calls/rtc_2'],
    ['//elsewhere.test/rtc_3', '/rtc_3'],
    ['http://[', undefined],
  ])('hold of a realtime call where it is, without its host: %s', (location, path) => {
    expect(visibleHeaders({ location }, call('realtime_calls'))['location']).toBe(path);
    expect(visibleHeaders({ location }, call())).toEqual({});
  });

  it('leave out values of more than 1024 bytes', () => {
    expect(visibleHeaders({ 'x-codex-turn-state': 'x'.repeat(1025) }, call())).toEqual({});
    expect(visibleHeaders({ 'x-codex-turn-state': 'x'.repeat(1024) }, call())).toHaveProperty('x-codex-turn-state');
  });
});
