import { GatewayError } from '../../core/index.js';
import { chatDialect, nativeChatDialect } from './dialect.js';

describe('chat errors', () => {
  const error = new GatewayError('upstream_response_failed', 'It failed.', { upstreamMessage: 'The model broke.' });
  const frame = (text_: string) => JSON.parse(text_.split('\n')[0]?.slice('data: '.length) ?? '') as unknown;

  it('in a stream are one error chunk and then [DONE]', () => {
    const text_ = chatDialect.renderStreamError(error);
    expect(text_.endsWith('}\n\ndata: [DONE]\n\n')).toBe(true);
    expect(frame(text_)).toEqual({
      error: { message: 'The model broke.', type: 'server_error', code: 'server_error', param: null },
    });
  });

  it('say of a stream that was cut that it ended early', () => {
    expect(frame(chatDialect.renderStreamError(new GatewayError('stream_interrupted', 'x')))).toEqual({
      error: {
        message: 'upstream request failed: event stream ended early',
        type: 'server_error',
        code: 'server_error',
        param: null,
      },
    });
  });

  it('on the native path tell a bad key in the native words, and everything else in chat’s', () => {
    const missing = new GatewayError('api_key_missing', 'x');
    expect(nativeChatDialect.renderError(missing, 0)).toMatchObject({ body: { error: { code: 'api_key_missing' } } });
    expect(chatDialect.renderError(missing, 0)).toMatchObject({ body: { error: { code: 'invalid_api_key' } } });
    expect(nativeChatDialect.renderError(error, 0)).toEqual(chatDialect.renderError(error, 0));
  });
});
