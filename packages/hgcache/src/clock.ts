// Time as a port, so that tests turn a clock instead of sleeping.

/** The longest delay that `setTimeout` can wait for, about 24.8 days; it takes a longer one for 1 ms. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;

/** A timer that has been started; `cancel` may be called at any time, also after it fired. */
export interface Timer {
  cancel(): void;
}

/** Where every part of HgCache gets its time from. */
export interface Clock {
  /** Milliseconds since the Unix epoch; never goes backwards while the process lives. */
  now(): number;
  /** Calls `onTime` once, `delayMs` from now. A pending timer does not keep the process alive. */
  setTimer(onTime: () => void, delayMs: number): Timer;
}

/** The clock of the machine: monotonic, so a corrected wall clock neither expires nor revives a value. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimer: (onTime, delayMs) => {
    const timer = setTimeout(onTime, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
