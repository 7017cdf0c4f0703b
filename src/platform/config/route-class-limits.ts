import { z } from 'zod';
import { ROUTE_CLASSES, type RouteClass } from '../../core/index.js';

export type RouteClassLimits = Readonly<Record<RouteClass, number>>;

const DEFAULTS: RouteClassLimits = {
  stream: 2_000,
  websocket: 2_000,
  compact: 64,
  images: 64,
  audio: 64,
  files: 128,
  realtime: 64,
  relay: 256,
};
const NAMES = ROUTE_CLASSES.join('|');
const LIST = new RegExp(`^((${NAMES})=[1-9][0-9]{0,5}(,(?!$)|$))*$`);

/** `stream=2000,compact=64`: a class that is not named keeps its default. */
export const routeClassLimits = z
  .string()
  .regex(LIST, `must be <class>=<number>[,…] with the classes ${ROUTE_CLASSES.join(', ')}`)
  .default('')
  .transform((text): RouteClassLimits => {
    const pairs = text.split(',').map((pair) => pair.split('='));
    return {
      ...DEFAULTS,
      ...Object.fromEntries(pairs.flatMap(([name, limit]) => (name ? [[name, Number(limit)]] : []))),
    };
  });
