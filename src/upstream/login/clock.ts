/** Unix time in milliseconds. A function, because what it is asked for goes on while a provider takes its time. */
export type Clock = () => number;
