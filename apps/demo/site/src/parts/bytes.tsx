import type { AnnotatedBytes } from "../../../src/page/protocol.js";

/** As many are in sight without scrolling, even where figures are wide. */
const unscrolledBytes = 80;

/** Frames, field by field: the bytes, and what they mean. */
export function Bytes({ frames }: { readonly frames: readonly AnnotatedBytes[] }) {
  return (
    <div class="frames">
      {frames.map(({ direction, title, about, hex, fields }) => (
        <details key={`${direction} ${title} ${hex}`} class="card frame" open={about === "notification"}>
          <summary>
            <span aria-hidden="true">{direction === "sent" ? "→" : "←"} </span>
            {title}{" "}
            <span class="muted">
              ({hex.length / 2} bytes {direction})
            </span>
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <div class="table-box" tabIndex={0}>
            <table class="bytes">
              <thead>
                <tr>
                  <th scope="col">Bytes</th>
                  <th scope="col">Field</th>
                  <th scope="col">Value</th>
                  <th scope="col">Meaning</th>
                </tr>
              </thead>
              <tbody>
                {fields.map(({ offset, length, name, value, meaning }) => (
                  <tr key={offset}>
                    <td>
                      {/* Long ones scroll: by keyboard, too. */}
                      <code {...(length > unscrolledBytes ? { tabIndex: 0 } : {})}>{hexOf(hex, offset, length)}</code>
                    </td>
                    <th scope="row">{name}</th>
                    <td>{value}</td>
                    <td class="muted">{meaning}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      ))}
    </div>
  );
}

/** In pairs. */
function hexOf(hex: string, offset: number, length: number): string {
  const part = hex.slice(offset * 2, (offset + length) * 2);
  return (part.match(/../g) ?? []).join(" ");
}
