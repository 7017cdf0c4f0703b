/** Of this build; equals `version` in package.json. */
export const GATEWAY_VERSION = '0.1.0';
