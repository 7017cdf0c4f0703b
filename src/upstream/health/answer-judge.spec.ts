import { GatewayError, jsonEvent, type EventBatch, type ResponseEvent } from '../../core/index.js';
import { AnswerJudge } from './answer-judge.js';

const event = (type: string, more: object = {}): EventBatch =>
  jsonEvent(Buffer.from(JSON.stringify({ type, ...more })));
const CREATED = event('response.created', { response: {} });
const DELTA = event('response.output_text.delta', { delta: 'a' });
const COMPLETED = event('response.completed', { response: { status: 'completed' } });
const FAILED = event('response.failed', { response: { status: 'failed', error: { code: 'rate_limit_exceeded' } } });
const BURST = new GatewayError('upstream_rate_limited', 'm');

/** What a permit is told while an answer goes by. */
function judged({ streams = true, meaning }: { streams?: boolean; meaning?: GatewayError } = {}) {
  const told: string[] = [];
  const tell = (what: string) => () => void told.push(what);
  const permit = {
    heard: tell('heard'),
    answered: tell('answered'),
    succeeded: tell('succeeded'),
    neutral: tell('neutral'),
  };
  const asked: ResponseEvent[] = [];
  const judge = new AnswerJudge(
    permit,
    streams,
    (failed) => {
      asked.push(failed);
      return meaning;
    },
    ({ code }) => told.push(code),
  );
  const verdicts = () => told.filter((what) => what !== 'heard');
  return { judge, verdicts, told, asked };
}

describe('the judge of an answer', () => {
  it('takes the first visible event for proof that the account works, and the terminal one for success', () => {
    const { judge, verdicts } = judged();
    judge.see(CREATED);
    expect(verdicts()).toEqual([]);
    judge.see(DELTA);
    judge.see(DELTA);
    expect(verdicts()).toEqual(['answered']);
    judge.see(COMPLETED);
    judge.ended({ how: 'given_back' });
    expect(verdicts()).toEqual(['answered', 'succeeded']);
  });

  it('asks once what a failed event means, however often it is asked itself', () => {
    const { judge, verdicts, asked } = judged({ meaning: BURST });
    judge.see(CREATED);
    judge.see(FAILED);
    const [failed] = FAILED.events as [ResponseEvent];
    expect([judge.failureOf(failed), judge.failureOf(failed)]).toEqual([BURST, BURST]);
    judge.ended({ how: 'read' });
    expect([verdicts(), asked.length]).toEqual([['upstream_rate_limited'], 1]);
  });

  it('counts a failure in mid-stream like one before', () => {
    const { judge, verdicts } = judged({ meaning: BURST });
    judge.see(DELTA);
    judge.see(FAILED);
    expect(verdicts()).toEqual(['answered', 'upstream_rate_limited']);
  });

  it('holds nothing against the account when a failure belongs to the client', () => {
    const { judge, verdicts } = judged();
    judge.see(FAILED);
    expect(verdicts()).toEqual(['neutral']);
  });

  it('says nothing of a stream that is cut or given back before its end', () => {
    for (const how of ['read', 'given_back'] as const) {
      const { judge, verdicts } = judged();
      judge.see(CREATED);
      judge.ended({ how });
      expect(verdicts()).toEqual(['neutral']);
    }
  });

  it('takes a whole answer for success once it was read', () => {
    const { judge, verdicts } = judged({ streams: false });
    judge.see(jsonEvent(Buffer.from('{"text":"hello"}')));
    judge.ended({ how: 'read' });
    expect(verdicts()).toEqual(['answered', 'succeeded']);
  });

  it('passes on what an answer broke off with', () => {
    const { judge, verdicts } = judged();
    judge.see(DELTA);
    judge.ended({ how: 'broken', thrown: new GatewayError('stream_idle_timeout', 'm') });
    judge.ended({ how: 'given_back' });
    expect(verdicts()).toEqual(['answered', 'stream_idle_timeout']);
  });
});
