import { randomUUID } from 'node:crypto';
import type { SharedStateUnderTest } from './under-test.contract.js';

export function describeBroadcasts({ state }: SharedStateUnderTest): void {
  const ear = () => {
    const heard: string[] = [];
    let tell: () => void = () => undefined;
    const last = new Promise<void>((done) => (tell = done));
    const listener = (message: string) => {
      heard.push(message);
      if (message === 'last') tell();
    };
    return { heard, last, listener };
  };

  it('tells every listener of the channel in the order of sending, and nobody else', async () => {
    const [channel, other] = [randomUUID(), randomUUID()];
    const [one, two, apart] = [ear(), ear(), ear()];
    const leave = [
      await state().subscribe(channel, one.listener),
      await state().subscribe(channel, two.listener),
      await state().subscribe(other, apart.listener),
    ];
    for (const message of ['first', '', 'last']) await state().publish(channel, message);
    await Promise.all([one.last, two.last]);
    await state().publish(other, 'last');
    await apart.last;
    expect([one.heard, two.heard, apart.heard]).toEqual([['first', '', 'last'], ['first', '', 'last'], ['last']]);
    await Promise.all(leave.map((end) => end()));
  });

  it('tells nothing to a listener that has left', async () => {
    const channel = randomUUID();
    const [gone, stays] = [ear(), ear()];
    const leave = await state().subscribe(channel, gone.listener);
    const leaveToo = await state().subscribe(channel, stays.listener);
    await leave();
    await state().publish(channel, 'last');
    await stays.last;
    expect(gone.heard).toEqual([]);
    await leaveToo();
  });

  it('hears a channel again that everybody had left', async () => {
    const channel = randomUUID();
    const again = ear();
    await (
      await state().subscribe(channel, () => undefined)
    )();
    const leave = await state().subscribe(channel, again.listener);
    await state().publish(channel, 'last');
    await again.last;
    await leave();
  });

  it('does not let one listener that fails keep the others from hearing', async () => {
    const channel = randomUUID();
    const other = ear();
    const leave = await state().subscribe(channel, () => {
      throw new Error('broken listener');
    });
    const leaveToo = await state().subscribe(channel, other.listener);
    await state().publish(channel, 'last');
    await other.last;
    await Promise.all([leave(), leaveToo()]);
  });
}
