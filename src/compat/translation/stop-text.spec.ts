import fc from 'fast-check';
import { StopText } from './stop-text.js';

function told(sequences: readonly string[], deltas: readonly string[]) {
  const text = new StopText(sequences);
  const pieces = deltas.map((delta) => text.push(delta));
  return { pieces: [...pieces, text.rest()], stoppedBy: text.stoppedBy };
}

describe('StopText', () => {
  it('cuts the text at the first stop sequence and says which it was', () => {
    expect(told(['END', 'STOP'], ['one STOP two END'])).toEqual({ pieces: ['one ', ''], stoppedBy: 'STOP' });
  });

  it('finds a sequence that comes in pieces, and lets nothing of it out', () => {
    expect(told(['STOP'], ['a S', 'TO', 'P b', 'c'])).toEqual({ pieces: ['a ', '', '', '', ''], stoppedBy: 'STOP' });
  });

  it('holds back only what could be the beginning of a sequence', () => {
    expect(told(['\n\n'], ['a\n', 'b', '\n'])).toEqual({ pieces: ['a', '\nb', '', '\n'], stoppedBy: undefined });
  });

  it('lets everything through at once without a sequence, an empty one included', () => {
    expect(told([''], ['a', 'b'])).toEqual({ pieces: ['a', 'b', ''], stoppedBy: undefined });
  });

  it('says the same however the text is cut', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(fc.array(letters), fc.array(letters, { maxLength: 3 }), (deltas, sequences) => {
        const whole = told(sequences, [deltas.join('')]);
        const pieces = told(sequences, deltas);
        expect([pieces.pieces.join(''), pieces.stoppedBy]).toEqual([whole.pieces.join(''), whole.stoppedBy]);
      }),
    );
  });
});
