/**
 * Sends an answer: what comes before the first text together with it, the rest by the plan's pace. A timer that is late does
 * not slow the stream down: the next one is set from the start.
 *
 * @param send called with one event; what is paced is sent one by one, a burst too, so that nobody is spared the writes
 * @param end called after the last event
 * @returns a function that gives the stream up
 */
export function paced(answer, send, end) {
  const { paceMs } = answer.plan;
  for (const data of answer.opening()) send(data);
  send(answer.next());
  let timer;
  const finish = () => {
    for (const data of answer.closing()) send(data);
    end();
  };
  if (paceMs === 0) {
    while (!answer.isOver) send(answer.next());
    finish();
    return () => undefined;
  }
  const startedAt = performance.now();
  const step = () => {
    if (answer.isOver) return finish();
    send(answer.next());
    const dueMs = startedAt + answer.sent * paceMs;
    timer = setTimeout(step, Math.max(1, dueMs - performance.now()));
  };
  timer = setTimeout(step, paceMs);
  return () => clearTimeout(timer);
}
