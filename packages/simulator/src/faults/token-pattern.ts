/**
 * Matches the device tokens that a fault is for, in upper or lower case: by their beginning, or as a whole if the pattern
 * holds `*` or `?`. The work is at most the product of both lengths: as a regular expression, a few dozen `*` would keep
 * the process busy for hours.
 */
export function tokenPattern(pattern: string): (deviceToken: string) => boolean {
  const wanted = pattern.toLowerCase();
  if (!/[*?]/.test(wanted)) return (deviceToken) => deviceToken.toLowerCase().startsWith(wanted);
  return (deviceToken) => fits(deviceToken.toLowerCase(), wanted);
}

function fits(text: string, pattern: string): boolean {
  let at = 0;
  let place = 0;
  /** The place behind the last `*`, and the end of the text it matches so far: the only point to go back to. */
  let behindStar = -1;
  let reach = 0;
  while (at < text.length) {
    if (pattern[place] === "*") {
      behindStar = ++place;
      reach = at;
    } else if (pattern[place] === "?" || pattern[place] === text[at]) {
      at++;
      place++;
    } else if (behindStar >= 0) {
      at = ++reach;
      place = behindStar;
    } else {
      return false;
    }
  }
  while (pattern[place] === "*") place++;
  return place === pattern.length;
}
