import { link } from "../state/store.js";
import { type Theme, theme } from "../state/theme.js";

const linkTexts = { connecting: "Connecting …", open: "Connected", lost: "Connection lost, trying again …" } as const;
const themes: readonly (readonly [Theme, string])[] = [
  ["light", "Light"],
  ["system", "Auto"],
  ["dark", "Dark"],
];

export function Header() {
  return (
    <header class="header">
      <div class="header-bar">
        <p class="brand">
          <span class="brand-mark" aria-hidden="true" /> @apns
        </p>
        <nav aria-label="Sections" class="nav">
          <a href="#lessons">Learn</a>
          <a href="#race">Race</a>
          <a href="#faults">Break</a>
          <a href="#phones">Phones</a>
          <a href="#moving">Move</a>
          <a href="#compare">Compare</a>
        </nav>
        <p class={`link link-${link.value}`} role="status">
          {linkTexts[link.value]}
        </p>
        <fieldset class="segmented" aria-label="Theme">
          {themes.map(([value, text]) => (
            <label key={value}>
              <input
                type="radio"
                name="theme"
                checked={theme.value === value}
                onChange={() => {
                  theme.value = value;
                }}
              />
              <span>{text}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <div class="hero">
        <h1>Two wires, one phone.</h1>
        <p>
          A push notification travels from a company's server to Apple, and from Apple to your phone. For the first half
          Apple has spoken two languages: the old <strong class="binary">binary</strong> one, silent when all is well,
          and <strong class="http2">HTTP/2</strong>, which answers everything. Watch both carry the same load. Then
          break them.
        </p>
      </div>
    </header>
  );
}
