/** The longest delay of `setTimeout`, in milliseconds; a longer one fires at once. */
export const maxTimerDelayMs = 0x7fff_ffff;
