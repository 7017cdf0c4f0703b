import { GatewayError, type Principal } from '../core/index.js';
import { TurnAdmission } from './turn-admission.js';

const CALLER = { keyId: 'k' } as Principal;

function admissionWith(readmit: () => Promise<Principal>) {
  let refusals = 0;
  const admission = new TurnAdmission({ readmit, refuse: () => void (refusals += 1) });
  return { admission, refusals: () => refusals };
}
const failing = (error: GatewayError) => admissionWith(() => Promise.reject(error));

describe('the admission of a turn', () => {
  it('gives the caller as of now', async () => {
    expect(await admissionWith(async () => CALLER).admission.admitted()).toBe(CALLER);
  });

  it('refuses a caller who may not be served any more (trap 54)', async () => {
    const { admission, refusals } = failing(new GatewayError('api_key_disabled', 'No.'));
    expect([await admission.admitted(), refusals()]).toEqual([undefined, 1]);
  });

  it.each(['settings_unavailable', 'too_many_failed_credentials'] as const)('is no refusal when %s', async (code) => {
    const { admission, refusals } = failing(new GatewayError(code, 'Try again.'));
    await expect(admission.admitted()).rejects.toMatchObject({ code });
    await admission.recheck();
    expect(refusals()).toBe(0);
  });
});
