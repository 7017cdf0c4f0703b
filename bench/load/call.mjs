import { Pool } from 'undici';
import { AnswerCheck } from './answer-check.mjs';
import { DIALECTS } from './dialects.mjs';
import { EventLines } from './event-lines.mjs';

const SILENCE_MS = 30_000;

/** Sends streamed calls to one target, and checks what comes back. */
export class Caller {
  #pool;

  constructor({ origin, token, dialect = 'responses', path, headers = {} }) {
    this.dialect = DIALECTS[dialect];
    this.path = path ?? this.dialect.path;
    this.headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers };
    this.#pool = new Pool(origin, {
      connections: null,
      pipelining: 1,
      bodyTimeout: SILENCE_MS,
      headersTimeout: SILENCE_MS,
    });
  }

  /** A body of about so many bytes. */
  body(bytes) {
    const empty = JSON.stringify(this.dialect.body('')).length;
    return Buffer.from(JSON.stringify(this.dialect.body('x'.repeat(Math.max(1, bytes - empty)))));
  }

  /** @returns the check of one answer, when it is over */
  call(body, plan) {
    return new Promise((done) => {
      const check = new AnswerCheck({ plan, dialect: this.dialect });
      const lines = new EventLines((data) => check.event(data));
      let status = 0;
      let refusal = '';
      const failed = (why) => {
        check.fault ??= why;
        done(check);
      };
      this.#pool.dispatch(
        { path: this.path, method: 'POST', headers: this.headers, body },
        {
          onRequestStart() {},
          onResponseStart: (_, code) => void (status = code),
          onResponseData: (_, chunk) => {
            if (status === 200) lines.push(chunk);
            else refusal += chunk.toString();
          },
          onResponseEnd: () => {
            if (status !== 200) return failed(`it answered ${status}: ${refusal.slice(0, 300)}`);
            if (lines.isTorn) return failed('it ended in the middle of an event');
            done(check.ended());
          },
          onResponseError: (_, error) => failed(`the connection broke: ${error.message}`),
        },
      );
    });
  }

  close() {
    return this.#pool.destroy();
  }
}
