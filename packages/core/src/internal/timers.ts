/** The longest delay that `setTimeout` takes, in milliseconds: a longer one would fire at once. */
export const maxTimerDelayMs = 0x7fff_ffff;
