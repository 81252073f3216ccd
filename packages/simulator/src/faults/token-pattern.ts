/**
 * What tells the device tokens a fault is for: those that begin so, of either case; with `*` or `?` in it, those that fit
 * as a whole. Takes steps in proportion to both lengths multiplied, whatever the pattern: as a regular expression, a few
 * dozen `*` would keep the process busy for hours.
 */
export function tokenPattern(pattern: string): (deviceToken: string) => boolean {
  const wanted = pattern.toLowerCase();
  if (!/[*?]/.test(wanted)) return (deviceToken) => deviceToken.toLowerCase().startsWith(wanted);
  return (deviceToken) => fits(deviceToken.toLowerCase(), wanted);
}

function fits(text: string, pattern: string): boolean {
  let at = 0;
  let place = 0;
  /** Behind the last `*`, and how far what it stands for reaches: the only place to come back to. */
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
