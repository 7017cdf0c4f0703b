import { HttpException, MethodNotAllowedException, NotFoundException } from '@nestjs/common';
import { ERRORS, GatewayError } from '../../core/index.js';
import { errorOfParser, parserAnswer } from './client-error.js';
import { gatewayErrorOf } from './framework-error.js';

const fastifyError = (statusCode: number) => Object.assign(new Error('Body "x"'), { name: 'FastifyError', statusCode });

describe('gatewayErrorOf', () => {
  it('leaves our own errors alone', () => {
    const error = new GatewayError('invalid_model', 'no');
    expect(gatewayErrorOf(error)).toBe(error);
  });

  it.each([
    [new NotFoundException('Cannot GET /secret'), 'not_found'],
    [new MethodNotAllowedException(), 'method_not_allowed'],
    [new HttpException('x', 413), 'decompressed_request_too_large'],
    [new HttpException('x', 415), 'invalid_request'],
    [new HttpException('x', 431), 'request_header_too_large'],
    [new HttpException('x', 418), 'invalid_request'],
    [new HttpException('x', 503), 'internal'],
    [fastifyError(400), 'invalid_request'],
    [fastifyError(408), 'request_timeout'],
    [fastifyError(500), 'internal'],
    [Object.assign(new Error('x'), { statusCode: 404 }), 'internal'],
    [new TypeError('x'), 'internal'],
    ['text', 'internal'],
    [undefined, 'internal'],
  ])('reads %p as %s', (thrown, code) => {
    expect(gatewayErrorOf(thrown).code).toBe(code);
  });

  it('never says what the framework said', () => {
    expect(gatewayErrorOf(new NotFoundException('Cannot GET /secret')).message).not.toContain('secret');
    expect(gatewayErrorOf(fastifyError(400)).message).not.toContain('"x"');
  });
});

describe('the answer to what is not HTTP', () => {
  it.each([
    ['HPE_HEADER_OVERFLOW', 431],
    ['ERR_HTTP_REQUEST_TIMEOUT', 408],
    ['HPE_INVALID_METHOD', 400],
    [undefined, 400],
  ])('is, for %s, a %i', (code, status) => {
    expect(ERRORS[errorOfParser(code).code].status).toBe(status);
  });

  it('declares the length of its body in bytes', () => {
    const [head = '', body = ''] = parserAnswer(new GatewayError('invalid_request', 'nö'), 'id').split('\r\n\r\n');
    expect(head).toContain(`content-length: ${Buffer.byteLength(body)}\r\n`);
  });
});
